/** What a session is: how far it has come, how long it lasts, and which page comes next. */

/** `second-factor`: the code is still to come. `enrol`: nothing but setting up a second factor. `open`: signed in. */
export type SessionStage = 'second-factor' | 'enrol' | 'open';
/** As a request finds it. `awaits-confirmation`: open, for nothing but the own account until another administrator has confirmed who it is. */
export type StageNow = SessionStage | 'awaits-confirmation';
export type SessionKind = 'browser' | 'api';

export const SESSION_HOURS = 12;
/** Of a browser. A program holds its token by itself, and nobody walks up to it. */
export const IDLE_MINUTES = 30;

/** Where a browser goes with a session at that stage. */
export const PAGE_AT_STAGE: Record<SessionStage, string> = {
  'second-factor': '/sign-in/code',
  enrol: '/account/second-factor',
  open: '/',
};

/** What is known about somebody who has just proven who they are. */
export interface Proven {
  needsSecondFactor: boolean;
  hasSecondFactor: boolean;
  secondFactorDone: boolean;
}

/** The stage that a new session starts at. */
export function firstStage({ needsSecondFactor, hasSecondFactor, secondFactorDone }: Proven): SessionStage {
  if (secondFactorDone) return 'open';
  if (hasSecondFactor) return 'second-factor';
  return needsSecondFactor ? 'enrol' : 'open';
}

const BROWSERS: readonly [RegExp, string][] = [
  [/\bEdg(A|iOS)?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(Firefox|FxiOS)\//, 'Firefox'],
  [/\b(Chrome|CriOS)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
];
const SYSTEMS: readonly [RegExp, string][] = [
  [/\bAndroid\b/, 'Android'],
  [/\b(iPhone|iPad)\b/, 'iOS'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
];

/** "Firefox on Android": enough to know one's own device again, and nothing that tells one person from another. */
export function agentWords(userAgent: string | undefined): string {
  const found = (from: readonly [RegExp, string][]) => from.find(([sign]) => sign.test(userAgent ?? ''))?.[1];
  const [browser, system] = [found(BROWSERS), found(SYSTEMS)];
  if (browser && system) return `${browser} on ${system}`;
  return browser ?? system ?? 'A program';
}
