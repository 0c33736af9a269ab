/** What a pain.001.001.09 has to hold to beyond its schema: elements that we need, lengths, characters, counts and sums. No state of a file in here. */
import { SWIFT_X } from './latin-text.js';
import { isBic, isIban } from './payment.js';
import { revealingWord } from './revealing-words.js';

export interface Fault {
  /** Stable: one of `ruleCodes`. */
  code: RuleCode;
  /** From 1. */
  line: number;
  /** For a person; holds no name and no account. */
  detail: string;
}

export const ruleCodes = [
  'not-xml',
  'doctype',
  'wrong-namespace',
  'element-missing',
  'element-repeated',
  'too-long',
  'not-swift-x',
  'reveals-programme',
  'creation-time-malformed',
  'count-of-group',
  'sum-of-group',
  'count-of-lot',
  'sum-of-lot',
  'count-malformed',
  'sum-malformed',
  'method-not-transfer',
  'lot-id-repeated',
  'message-id-used-before',
  'instruction-id-repeated',
  'end-to-end-id-repeated',
  'end-to-end-id-used-before',
  'ids-differ',
  'uetr-malformed',
  'uetr-repeated',
  'amount-malformed',
  'amount-not-positive',
  'decimals-of-currency',
  'currency-unknown',
  'currency-mixed',
  'execution-day-malformed',
  'not-a-banking-day',
  'holiday-calendar-missing',
  'iban-wrong',
  'bank-code-malformed',
  'proxy-code-unknown',
] as const;
export type RuleCode = (typeof ruleCodes)[number];

/** Those that make a person look and stop no file. */
export const WARNINGS: ReadonlySet<RuleCode> = new Set(['holiday-calendar-missing']);

const INITIATION = 'Document/CstmrCdtTrfInitn';
const GROUP = `${INITIATION}/GrpHdr`;
const LOT = `${INITIATION}/PmtInf`;
const PAYMENT = `${LOT}/CdtTrfTxInf`;
export const PATHS = { INITIATION, GROUP, LOT, PAYMENT } as const;

/** What has to be there, below what; each exactly once. Alternatives are parted by |. */
export const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  [INITIATION]: ['GrpHdr'],
  [GROUP]: ['MsgId', 'CreDtTm', 'NbOfTxs', 'CtrlSum', 'InitgPty/Nm'],
  [LOT]: [
    'PmtInfId',
    'PmtMtd',
    'NbOfTxs',
    'CtrlSum',
    'ReqdExctnDt/Dt',
    'Dbtr/Nm',
    'DbtrAcct/Id/IBAN|DbtrAcct/Id/Othr/Id',
    'DbtrAgt/FinInstnId/BICFI|DbtrAgt/FinInstnId/ClrSysMmbId/MmbId',
  ],
  [PAYMENT]: [
    'PmtId/InstrId',
    'PmtId/EndToEndId',
    'PmtId/UETR',
    'Amt/InstdAmt',
    'Cdtr/Nm',
    'CdtrAcct/Id/IBAN|CdtrAcct/Id/Othr/Id',
    'RmtInf/Ustrd',
  ],
};

/** A plain account number leads nowhere without its bank. */
export const NEEDS_BANK_UNLESS = ['CdtrAcct/Prxy/Id', 'CdtrAcct/Id/IBAN'] as const;
export const BANK_OF_CREDITOR = ['CdtrAgt/FinInstnId/BICFI', 'CdtrAgt/FinInstnId/ClrSysMmbId/MmbId'] as const;

export interface TextRule {
  code: RuleCode;
  isBroken: (text: string) => boolean;
  detail: string;
}

const noLongerThan = (most: number): TextRule => ({
  code: 'too-long',
  isBroken: (text) => text.length > most,
  detail: `At most ${most} characters.`,
});
const written: TextRule[] = [
  {
    code: 'not-swift-x',
    isBroken: (text) => !SWIFT_X.test(text) || text.trim() === '',
    detail: 'Letters, digits and signs of the SWIFT character set X, and not nothing.',
  },
  {
    code: 'reveals-programme',
    isBroken: (text) => revealingWord(text) !== null,
    detail: 'A word that would say what the programme is.',
  },
];
const identifier = [noLongerThan(35), ...written];
const name = [noLongerThan(140), ...written];
const iban: TextRule[] = [
  { code: 'iban-wrong', isBroken: (text) => !isIban(text), detail: 'An IBAN whose check digits are wrong.' },
];
const bic: TextRule[] = [
  { code: 'bank-code-malformed', isBroken: (text) => !isBic(text), detail: 'A BIC has 8 or 11 letters and digits.' },
];
const proxy: TextRule[] = [
  {
    code: 'proxy-code-unknown',
    isBroken: (text) => !['MBNO', 'NIDN', 'EWAL'].includes(text),
    detail: 'A proxy is a mobile number, a national id or an e-wallet.',
  },
];

/** By path; every other text has no rule of its own. */
export const TEXT_RULES: Readonly<Record<string, readonly TextRule[]>> = {
  [`${GROUP}/MsgId`]: identifier,
  [`${GROUP}/CreDtTm`]: [
    {
      code: 'creation-time-malformed',
      isBroken: (text) => !/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})?$/.test(text),
      detail: 'A moment like 2026-03-02T03:00:00Z.',
    },
  ],
  [`${GROUP}/InitgPty/Nm`]: name,
  [`${LOT}/PmtInfId`]: identifier,
  [`${LOT}/PmtMtd`]: [
    { code: 'method-not-transfer', isBroken: (text) => text !== 'TRF', detail: 'Payments by transfer only: TRF.' },
  ],
  [`${LOT}/Dbtr/Nm`]: name,
  [`${LOT}/DbtrAcct/Id/IBAN`]: iban,
  [`${LOT}/DbtrAcct/Id/Othr/Id`]: [noLongerThan(34), ...written],
  [`${LOT}/DbtrAgt/FinInstnId/BICFI`]: bic,
  [`${LOT}/DbtrAgt/FinInstnId/ClrSysMmbId/MmbId`]: identifier,
  [`${PAYMENT}/PmtId/InstrId`]: identifier,
  [`${PAYMENT}/PmtId/EndToEndId`]: identifier,
  [`${PAYMENT}/CdtrAgt/FinInstnId/BICFI`]: bic,
  [`${PAYMENT}/CdtrAgt/FinInstnId/ClrSysMmbId/MmbId`]: identifier,
  [`${PAYMENT}/Cdtr/Nm`]: name,
  [`${PAYMENT}/CdtrAcct/Id/IBAN`]: iban,
  [`${PAYMENT}/CdtrAcct/Id/Othr/Id`]: [noLongerThan(34), ...written],
  [`${PAYMENT}/CdtrAcct/Prxy/Id`]: [noLongerThan(34), ...written],
  [`${PAYMENT}/CdtrAcct/Prxy/Tp/Cd`]: proxy,
  [`${PAYMENT}/RmtInf/Ustrd`]: [noLongerThan(140), ...written],
};

export const UUID_V4 = /^[a-f0-9]{8}-[a-f0-9]{4}-4[a-f0-9]{3}-[89ab][a-f0-9]{3}-[a-f0-9]{12}$/;

/** Enough for every decimal that the schema takes. */
const SCALE = 17;

/** A decimal as a whole number of 10^-17, exactly; null for anything else. */
export function exactDecimal(text: string): bigint | null {
  const [, whole, fraction = ''] = /^(\d{1,18})(?:\.(\d{1,17}))?$/.exec(text) ?? [];
  return whole === undefined ? null : BigInt(whole + fraction.padEnd(SCALE, '0'));
}

export const decimalsOf = (text: string): number => text.split('.')[1]?.length ?? 0;
