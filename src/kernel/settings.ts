/** A hundred a second, for a whole minute: no person does that, and a program that must can be given more. */
export const DEFAULT_REQUESTS_PER_MINUTE = 6_000;

/** Large, everywhere, and about nothing. */
export const DEFAULT_EXIT = 'https://www.google.com/search?q=weather';

/** What every room may know of how this process runs. */
export class Settings {
  /** Zone in which the organisation's days of booking and quarters end. */
  readonly timeZone: string;
  readonly log: LogSettings;
  /** What a collector of metrics must bring as its bearer token; without one there are no metrics. */
  readonly metricsToken: string | undefined;
  readonly keys: KeySettings;
  /** The organisation's own sign-in; without one there are passwords only. */
  readonly openId: OpenIdSettings | undefined;
  readonly bankReports: BankReportSettings;
  /** The operator that mobile money is sent through; without one none is sent. */
  readonly mobileMoney: MobileMoneySettings | undefined;
  /** Of one session; an address from which nobody is signed in gets a quarter of it. */
  readonly requestsPerMinute: number;
  /** Where "Exit this page" leads: a page that anybody may have open. */
  readonly exitTo: string;
  /** Whether a caseworker's device may keep forms, sealed, until they could be sent. */
  readonly formsOnDevices: boolean;

  constructor(given: SettingsGiven) {
    this.timeZone = given.timeZone;
    this.log = given.log ?? {};
    this.metricsToken = given.metricsToken;
    this.keys = given.keys ?? { provider: 'local' };
    this.openId = given.openId;
    this.bankReports = given.bankReports ?? { limitBytes: DEFAULT_REPORT_MEGABYTES * 1024 * 1024 };
    this.mobileMoney = given.mobileMoney;
    this.requestsPerMinute = given.web?.requestsPerMinute ?? DEFAULT_REQUESTS_PER_MINUTE;
    this.exitTo = given.web?.exitTo ?? DEFAULT_EXIT;
    this.formsOnDevices = given.web?.formsOnDevices ?? true;
  }
}

export interface SettingsGiven {
  timeZone: string;
  log?: LogSettings;
  metricsToken?: string;
  keys?: KeySettings;
  openId?: OpenIdSettings;
  web?: WebSettings;
  bankReports?: BankReportSettings;
  mobileMoney?: MobileMoneySettings;
}

export const keyProviderNames = ['local', 'vault', 'aws-kms'] as const;
export type KeyProviderName = (typeof keyProviderNames)[number];

/** Who wraps the clients' data keys. The others that are described here still open what they wrapped. */
export interface KeySettings {
  provider: KeyProviderName;
  vault?: VaultSettings;
  awsKms?: AwsKmsSettings;
}

/** Transit engine of HashiCorp Vault, or of OpenBao. */
export interface VaultSettings {
  /** Like https://vault.example.org:8200 */
  address: string;
  token: { value: string } | { file: string };
  /** Where the transit engine is mounted. */
  mount: string;
  /** Name of a key of it, made with `derived=true`. */
  key: string;
}

/** Credentials come from where the AWS SDK looks for them. */
export interface AwsKmsSettings {
  /** ARN of a symmetric key, or of an alias. */
  key: string;
  region?: string;
  /** Another address than the region's own, like that of a VPC endpoint. */
  endpoint?: string;
}

/** The organisation's own sign-in (OpenID Connect). */
export interface OpenIdSettings {
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** Origin of our own address, as browsers and the provider know it. */
  publicUrl: string;
  /** What follows "Sign in with" on the button. */
  name: string;
  /** Values of the claim `acr` that mean that a second factor was asked for. */
  secondFactorAcr: readonly string[];
}

/** An operator of mobile money that speaks the GSMA Mobile Money API 1.2. */
export interface MobileMoneySettings {
  /** Where the API is, like https://api.operator.example/v1.2/mm, without a slash at the end. */
  url: string;
  apiKey?: string;
  basic?: { user: string; password: string };
  /** The organisation's own account with the operator, that is paid from: like { key: 'walletid', value: '1234' }. */
  payer: { key: string; value: string };
  /** Our own address, as the operator knows it, and what only the operator knows of it. */
  callbackBase: string;
  callbackToken: string;
  /** Payments sent in a minute at most, by all processes together. */
  perMinute: number;
  /** How often the operator is asked what became of one payment, before it is left to people. */
  mostAsks: number;
  /** Hours for which the operator promises to know our ids. Not promised: that it knows none proves nothing. */
  keepsIdsHours?: number;
  /** How long the answer to a payment is waited for. */
  timeoutMs: number;
}

/** How the transparency log is published; what is left out has a default. */
export interface LogSettings {
  /** Name of the log, like "log.example.org"; a part of its key's fingerprint when left out. */
  origin?: string;
  /** File with an Ed25519 private key in PEM; without one the key is derived from the master key. */
  keyFile?: string;
  /** Hours between checkpoints, counted from midnight UTC; 24 when left out. */
  everyHours?: number;
  /** Leaves of an epoch at the least; 256 when left out. */
  leastEpoch?: number;
  /** Who is asked to cosign: verifier key and address. */
  witnesses?: readonly { vkey: string; url: string }[];
}

/** A day's statement of a hundred thousand payments is about 130 MB. */
export const DEFAULT_REPORT_MEGABYTES = 160;

/** The files that banks send back. */
export interface BankReportSettings {
  /** The largest that is taken. */
  limitBytes: number;
  /** Where one lies while it is read; in the machine's folder for temporary files when left out. */
  directory?: string;
}

/** How the service stands towards those who call it; what is left out has a default. */
export interface WebSettings {
  /** Proxies of our own before the service, whose word on the caller's address and protocol is believed; none when left out. */
  trustProxy?: number;
  /** How often one session may ask; 6,000 when left out. */
  requestsPerMinute?: number;
  /** Where "Exit this page" leads. */
  exitTo?: string;
  /** Whether forms may wait on devices until they could be sent; they may when left out. */
  formsOnDevices?: boolean;
}
