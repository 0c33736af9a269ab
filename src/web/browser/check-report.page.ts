/** Checks the file of a report where its donor reads it: fetched from here or chosen from the device, and sent to nobody. */
import { checkBundle } from '../../ledger/transparency-log/domain/bundle-check.js';
import type { BundleFindings, StepFinding } from '../../ledger/transparency-log/domain/bundle-findings.js';
import type { CheckOptions } from '../../ledger/transparency-log/domain/bundle-step.js';
import { LARGEST_BUNDLE_BYTES } from '../../ledger/transparency-log/domain/bundle.js';
import { canVerifyHere, webPrimitives } from '../offline/web-primitives.js';
import type { CheckedStep, CheckWords } from '../proof/check-steps.js';
import { comparedFigures, type Compared, type StatedFigures } from '../proof/compared-figures.js';

/** As the page carries it. */
interface Live {
  bundle: string;
  fileName: string;
  stated: StatedFigures;
  words: CheckWords;
}

interface File {
  name: string;
  bytes: Uint8Array;
}

type Standing = 'passed' | 'failed' | 'notInIt' | 'notLookedAt';

interface ToldStep {
  standing: Standing;
  /** Told in English by the check itself, or in the language of the page. */
  lines: string[];
  isEnglish: boolean;
}

const COLOURS: Record<Standing, string> = { passed: 'green', failed: 'red', notInIt: 'grey', notLookedAt: 'grey' };

const place = document.querySelector<HTMLElement>('[data-check]');
if (place) await offerToCheck(place, JSON.parse(place.dataset.check ?? '') as Live);

async function offerToCheck(place: HTMLElement, live: Live): Promise<void> {
  const canVerify = await canVerifyHere();
  at(place, '[data-without-script]').remove();
  if (!canVerify) {
    at(place, '[data-cannot]').hidden = false;
    return;
  }
  const form = at<HTMLFormElement>(place, '[data-form]');
  form.hidden = false;
  at(place, '[data-fetch]').addEventListener('click', () => void checked(place, live, () => fetched(live)));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void checked(place, live, () => chosen(place, live));
  });
}

/** A reason for which there is nothing to check, in words for the page. */
class NothingToCheck extends Error {}

async function checked(place: HTMLElement, live: Live, read: () => Promise<File>): Promise<void> {
  const { words } = live;
  const buttons = [...place.querySelectorAll<HTMLButtonElement>('button')];
  for (const button of buttons) button.disabled = true;
  at(place, '[data-verdict]').hidden = true;
  at(place, '[data-fault]').hidden = true;
  say(place, words.checking);
  try {
    const file = await read();
    const findings = await checkBundle(webPrimitives, file.bytes, await given(place, words));
    show(place, live, findings, file.name);
  } catch (error) {
    // Reading a file can fail, or the memory of a phone be too small for it.
    say(place, error instanceof NothingToCheck ? error.message : words.notChecked);
  } finally {
    at(place, '[data-progress]').hidden = true;
    for (const button of buttons) button.disabled = false;
  }
}

async function fetched({ bundle, fileName, words }: Live): Promise<File> {
  const answer = await fetch(bundle, { headers: { accept: 'application/json' } }).catch(() => undefined);
  if (answer?.status === 409) throw new NothingToCheck(words.notSealed);
  if (answer?.status === 401) throw new NothingToCheck(words.signedOut);
  if (!answer?.ok) throw new NothingToCheck(words.notFetched);
  const bytes = await answer.arrayBuffer().catch(() => {
    throw new NothingToCheck(words.notFetched);
  });
  return { name: fileName, bytes: new Uint8Array(bytes) };
}

async function chosen(place: HTMLElement, { words }: Live): Promise<File> {
  const input = at<HTMLInputElement>(place, '#file');
  const file = input.files?.[0];
  const fault = !file ? words.chooseFile : file.size > LARGEST_BUNDLE_BYTES ? words.tooLarge : '';
  if (file && fault === '') return { name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) };
  const told = at(place, '[data-fault]');
  told.textContent = fault;
  told.hidden = false;
  input.focus();
  throw new NothingToCheck(fault);
}

async function given(place: HTMLElement, words: CheckWords): Promise<CheckOptions> {
  const logKey = at<HTMLTextAreaElement>(place, '#log-key').value.trim();
  const witnessKeys = at<HTMLTextAreaElement>(place, '#witness-keys').value.split(/\s+/).filter(Boolean);
  const earlier = await at<HTMLInputElement>(place, '#earlier').files?.[0]?.text();
  const progress = at(place, '[data-progress]');
  return {
    ...(logKey && { logKey }),
    ...(witnessKeys.length > 0 && { witnessKeys }),
    ...(earlier && { earlier }),
    onProgress: ({ done, total }) => {
      progress.hidden = false;
      progress.textContent = filled(words.entries, { done: String(done), total: String(total) });
      return new Promise((drawn) => setTimeout(drawn));
    },
  };
}

function show(place: HTMLElement, { words, stated }: Live, findings: BundleFindings, name: string): void {
  const compared = findings.figures && comparedFigures(stated, findings.figures);
  const isUnread = findings.steps[0]?.holds === false;
  const told = new Map<string, ToldStep>(
    findings.steps.map((finding) => [finding.step, toldOfStep(finding, isUnread, words)]),
  );
  told.set('report', toldOfReport(compared, words));
  const failedTitles: string[] = [];
  for (const item of place.querySelectorAll<HTMLElement>('[data-step]')) {
    const step = told.get(item.dataset.step as CheckedStep) ?? { standing: 'notInIt', lines: [], isEnglish: false };
    showStep(item, step, words);
    if (step.standing === 'failed') failedTitles.push(at(item, 'h3').textContent ?? '');
  }
  const holds = failedTitles.length === 0;
  const verdict = holds ? verdictOfWhole(findings, compared, words) : words.doesNotHold;
  const section = at(place, '[data-verdict]');
  section.classList.toggle('app-verdict--fails', !holds);
  section.hidden = false;
  const heading = at(section, '#verdict');
  heading.textContent = verdict;
  at(section, '[data-reasons]').replaceChildren(
    ...failedTitles.map((title) => paragraph(filled(words.failedStep, { step: title }))),
    paragraph(filled(words.checked, { file: name }), 'app-small'),
  );
  say(place, verdict, 'govuk-visually-hidden');
  heading.focus({ preventScroll: true });
  section.scrollIntoView();
}

function verdictOfWhole(findings: BundleFindings, compared: Compared | undefined, words: CheckWords): string {
  if (compared === 'other-report') return words.otherReport;
  const isOfItsOwnKeys = findings.steps.some(
    ({ step, detail }) => (step === 'log-signature' || step === 'witnesses') && detail !== undefined,
  );
  return isOfItsOwnKeys ? words.holdsByItsOwnKeys : words.holds;
}

function toldOfStep({ holds, says, detail, code }: StepFinding, isUnread: boolean, words: CheckWords): ToldStep {
  const standing = holds === true ? 'passed' : holds === false ? 'failed' : isUnread ? 'notLookedAt' : 'notInIt';
  const lines = [says, ...(detail?.split('\n') ?? []), ...(code ? [filled(words.code, { code })] : [])];
  return { standing, lines, isEnglish: true };
}

function toldOfReport(compared: Compared | undefined, words: CheckWords): ToldStep {
  const told: Record<Compared | 'not', [Standing, string]> = {
    same: ['passed', words.sameFigures],
    different: ['failed', words.differentFigures],
    'other-report': ['notLookedAt', words.otherFigures],
    not: ['notLookedAt', words.notCompared],
  };
  const [standing, line] = told[compared ?? 'not'];
  return { standing, lines: [line], isEnglish: false };
}

function showStep(item: HTMLElement, { standing, lines, isEnglish }: ToldStep, words: CheckWords): void {
  const status = at(item, '[data-status]');
  status.className = `govuk-tag govuk-tag--${COLOURS[standing]}`;
  status.textContent = words[standing];
  const says = at(item, '[data-says]');
  if (isEnglish) says.lang = 'en';
  else says.removeAttribute('lang');
  says.replaceChildren(...lines.map((line) => paragraph(line, 'app-small')));
}

/** Told to who hears the page; under a class that hides it where it is seen in another place. */
function say(place: HTMLElement, words: string, className = 'govuk-body'): void {
  const announced = at(place, '[data-announced]');
  announced.className = className;
  announced.textContent = words;
}

function paragraph(text: string, className = ''): HTMLElement {
  const made = document.createElement('p');
  made.className = `govuk-body app-anywhere ${className}`.trim();
  made.textContent = text;
  return made;
}

function filled(sentence: string, values: Record<string, string>): string {
  return sentence.replace(/\{(\w+)\}/g, (place, name: string) => values[name] ?? place);
}

function at<Found extends HTMLElement>(within: HTMLElement, selector: string): Found {
  const found = within.querySelector<Found>(selector);
  if (!found) throw new Error(`the page has no ${selector}`);
  return found;
}
