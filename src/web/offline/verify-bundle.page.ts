/** The page with which somebody outside checks a report on their own machine: reads files, asks the network for nothing, keeps nothing. */
import currenciesFile from '../../../config/currencies.json' with { type: 'json' };
import { CurrencyTable } from '../../kernel/domain/money.js';
import { checkBundle } from '../../ledger/transparency-log/domain/bundle-check.js';
import {
  counted,
  STEP_TITLES,
  type BundleFindings,
  type SealedFigures,
  type StepFinding,
} from '../../ledger/transparency-log/domain/bundle-findings.js';
import type { CheckOptions } from '../../ledger/transparency-log/domain/bundle-step.js';
import { LARGEST_BUNDLE_BYTES } from '../../ledger/transparency-log/domain/bundle.js';
import { figureTable } from '../../ledger/transparency-log/domain/figure-table.js';
import { canVerifyHere, webPrimitives } from './web-primitives.js';

const currencies = new CurrencyTable(
  currenciesFile.currencies.map(({ code, minorUnits }) => ({ code, minorUnits, payableStepMinor: 1n })),
);

const at = <T extends HTMLElement>(id: string, type: new () => T): T => {
  const element = document.getElementById(id);
  if (!(element instanceof type)) throw new Error(`The page has no ${id}.`);
  return element;
};

const form = at('check', HTMLFormElement);
const button = at('go', HTMLButtonElement);
const file = at('file', HTMLInputElement);
const fileError = at('file-error', HTMLParagraphElement);
const drop = at('drop', HTMLDivElement);
const logKey = at('log-key', HTMLTextAreaElement);
const witnessKeys = at('witness-keys', HTMLTextAreaElement);
const earlier = at('earlier', HTMLTextAreaElement);
const earlierFile = at('earlier-file', HTMLInputElement);
const progress = at('progress', HTMLDivElement);
const bar = at('bar', HTMLProgressElement);
const announcement = at('announcement', HTMLParagraphElement);
const result = at('result', HTMLElement);

form.addEventListener('submit', (event) => {
  event.preventDefault();
  void check();
});
file.addEventListener('change', () => (fileError.hidden = true));
drop.addEventListener('dragover', (event) => {
  event.preventDefault();
  drop.classList.add('drop--over');
});
drop.addEventListener('dragleave', () => drop.classList.remove('drop--over'));
drop.addEventListener('drop', (event) => {
  event.preventDefault();
  drop.classList.remove('drop--over');
  if (!event.dataTransfer?.files.length) return;
  file.files = event.dataTransfer.files;
  fileError.hidden = true;
  button.focus();
});
// A file that misses the field would otherwise be opened in place of this page.
for (const type of ['dragover', 'drop']) document.addEventListener(type, (event) => event.preventDefault());

if (!(await canVerifyHere())) {
  at('cannot', HTMLDivElement).hidden = false;
  form.hidden = true;
}

async function check(): Promise<void> {
  const chosen = file.files?.[0];
  const fault = !chosen ? 'Choose the file of a report first.' : tooLarge(chosen);
  fileError.hidden = !fault;
  fileError.textContent = fault ?? '';
  result.hidden = true;
  say('');
  if (!chosen || fault) return file.focus();

  showWork(true);
  say('Checking …');
  await drawn();
  try {
    const findings = await checkBundle(webPrimitives, new Uint8Array(await chosen.arrayBuffer()), await given());
    showWork(false);
    show(findings, chosen.name);
  } catch (error) {
    // Reading a file can fail, or the memory of a phone be too small for it.
    showWork(false);
    say(`The file could not be checked here: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Lets the browser draw what has changed. */
function drawn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

function showWork(isUnderWay: boolean): void {
  button.disabled = isUnderWay;
  progress.hidden = !isUnderWay;
  bar.removeAttribute('value');
}

/** Told to screen readers; `unseen` when the page shows it in another place. */
function say(words: string, className = ''): void {
  announcement.className = className;
  announcement.textContent = words;
}

function tooLarge({ size }: File): string | undefined {
  return size > LARGEST_BUNDLE_BYTES ? 'This file is larger than any report can be.' : undefined;
}

async function given(): Promise<CheckOptions> {
  const keys = witnessKeys.value.split(/\s+/).filter((key) => key !== '');
  const kept = (await earlierFile.files?.[0]?.text()) ?? earlier.value;
  return {
    ...(logKey.value.trim() && { logKey: logKey.value.trim() }),
    ...(keys.length > 0 && { witnessKeys: keys }),
    ...(kept.trim() && { earlier: kept }),
    onProgress: ({ done, total }) => {
      bar.max = total;
      bar.value = done;
      at('counted', HTMLSpanElement).textContent = `${counted(done)} of ${counted(total)} entries`;
      return drawn();
    },
  };
}

function show(findings: BundleFindings, name: string): void {
  const { holds, verdict, steps, figures, labels } = findings;
  const banner = element('div', { className: `verdict verdict--${holds ? 'holds' : 'fails'}` }, [
    element('h2', { text: verdict }),
    ...steps.flatMap((finding, place) =>
      finding.holds === false ? [element('p', { text: `Step ${place + 1}: ${finding.says}` })] : [],
    ),
    element('p', { className: 'quiet', text: `Checked: ${name}` }),
  ]);
  const list = element('ol', { className: 'steps' }, steps.map(stepItem));
  result.replaceChildren(
    banner,
    list,
    ...(figures ? figureSection(figures, holds) : []),
    ...(labels
      ? [
          element('p', {
            className: 'quiet',
            text: `The operator calls this fund “${labels.fundCode}, ${labels.fundName}”, and its donor “${labels.donor}”. Nothing proves these names.`,
          }),
        ]
      : []),
  );
  result.hidden = false;
  say(verdict, 'unseen');
  result.focus({ preventScroll: true });
  result.scrollIntoView();
}

const MARKS = new Map<StepFinding['holds'], [mark: string, words: string, style: string]>([
  [true, ['✓', 'Holds', 'holds']],
  [false, ['✗', 'Does not hold', 'fails']],
  ['not asked', ['–', 'Not asked', 'unasked']],
]);

function stepItem({ step, holds, says, detail, code }: StepFinding): HTMLElement {
  const [mark = '', words = '', style = ''] = MARKS.get(holds) ?? [];
  const sign = element('span', { className: 'mark', text: mark });
  sign.setAttribute('aria-hidden', 'true');
  return element('li', { className: `step step--${style}` }, [
    element('h3', { text: STEP_TITLES[step] }),
    element('p', { className: 'tag' }, [sign, words]),
    element('p', { text: says }),
    ...(detail?.split('\n') ?? []).map((line, place) =>
      element('p', { className: place === 0 ? 'quiet' : 'quiet code', text: line }),
    ),
    ...(code ? [element('p', { className: 'quiet', text: `Code: ${code}` })] : []),
  ]);
}

function figureSection(figures: SealedFigures, holds: boolean): HTMLElement[] {
  const { headings, groups } = figureTable(figures, currencies);
  const tables = headings.map((currency, column) =>
    element('table', {}, [
      element('caption', { text: currency }),
      ...groups.map(({ title, rows }) => {
        const group = element('th', { text: title });
        group.colSpan = 2;
        group.scope = 'rowgroup';
        return element('tbody', {}, [
          element('tr', { className: 'group' }, [group]),
          ...rows.map(({ label, amounts }) => {
            const name = element('th', { text: label });
            name.scope = 'row';
            return element('tr', {}, [name, element('td', { text: amounts[column] ?? '' })]);
          }),
        ]);
      }),
    ]),
  );
  const { fund, period, from, through, countBand, transfersPaid, entries } = figures;
  const exact = transfersPaid === undefined ? '' : ` (exactly ${transfersPaid}, in ${entries} entries)`;
  return [
    element('h2', { text: `What the log holds of ${period}` }),
    ...(holds
      ? []
      : [element('p', { className: 'warning', text: 'Not every step above holds, so do not rely on these figures.' })]),
    element('p', { text: `${from} to ${through}. Payments that arrived: ${countBand}${exact}.` }),
    element('p', { className: 'quiet', text: `Fund ${fund}` }),
    element('div', { className: 'tables' }, tables),
  ];
}

function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  { text, className }: { text?: string; className?: string },
  children: (Node | string)[] = [],
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...(text === undefined ? [] : [text]), ...children);
  return made;
}
