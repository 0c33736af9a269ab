/** Who a client is, as the form of the identity page sends it: numbered rows, of which empty ones count as not there. */
import type {
  ClientName,
  Guardian,
  Identity,
  IdentityDocument,
  Kin,
  Payee,
  PayeeKind,
} from '../clients/domain/identity.js';
import { textIn, type Sent } from './sent.js';

/** How many entries of each list are taken. */
const MOST_ROWS = { names: 10, otherPhones: 6, otherAddresses: 6, documents: 8, kin: 8, safety: 10 };
const MOST_NAMES_OF_OTHERS = 10;

/** Longer than any field takes, so that a text that is too long is refused and not lost. */
const LONGEST = 5000;

export function identityIn(form: Sent | undefined): Identity {
  const text = (name: string) => textIn(form, name, LONGEST) || undefined;
  const rows = <Row>(most: number, row: (index: number) => Row | undefined) =>
    Array.from({ length: most }, (_, index) => row(index)).filter((one) => one !== undefined);
  const names = (field: string, most: number): ClientName[] =>
    rows(most, (index) => {
      const [typed, original] = [text(`${field}.${index}.text`), text(`${field}.${index}.original`)];
      return given<ClientName>({
        text: typed,
        script: typed && text(`${field}.${index}.script`),
        romanised: text(`${field}.${index}.romanised`),
        // What was typed in Zawgyi belongs to what was made of it, and goes when that is written anew.
        original: typed === text(`${field}.${index}.converted`) ? original : undefined,
      });
    });
  const guardian = (field: string) =>
    given<Guardian>({
      names: filled(names(`${field}.names`, MOST_NAMES_OF_OTHERS)),
      relation: text(`${field}.relation`),
      phone: text(`${field}.phone`),
    });
  const identity = given<Identity>({
    names: names('names', MOST_ROWS.names),
    dateOfBirth: text('dateOfBirth'),
    dateOfBirthIsGuess: (text('dateOfBirth') && text('dateOfBirthIsGuess') === 'yes') || undefined,
    phone: text('phone'),
    otherPhones: filled(rows(MOST_ROWS.otherPhones, (index) => text(`otherPhones.${index}`))),
    address: text('address'),
    otherAddresses: filled(rows(MOST_ROWS.otherAddresses, (index) => text(`otherAddresses.${index}`))),
    payee: given<Payee>({
      bank: text('payee.bank'),
      account: text('payee.account'),
      kind: text('payee.kind') as PayeeKind | undefined,
      bankCode: text('payee.bankCode')?.toUpperCase(),
      holder: text('payee.holder'),
    }),
    documents: filled(
      rows(MOST_ROWS.documents, (index) =>
        given<IdentityDocument>({
          kind: text(`documents.${index}.kind`),
          number: text(`documents.${index}.number`),
          country: text(`documents.${index}.country`)?.toUpperCase(),
        }),
      ),
    ),
    guardian: guardian('guardian'),
    kin: filled(
      rows(MOST_ROWS.kin, (index): Kin | undefined => {
        const kin = guardian(`kin.${index}`);
        return kin && { ...kin, mayKnow: text(`kin.${index}.mayKnow`) === 'yes' };
      }),
    ),
    safety: filled(rows(MOST_ROWS.safety, (index) => text(`safety.${index}`))),
  });
  return identity ?? { names: [] };
}

/** The record without what is not given; undefined when nothing is. What has to be there and is not is told by the checks that follow. */
function given<Record extends object>(record: { [Key in keyof Record]?: Record[Key] | undefined }): Record | undefined {
  const entries = Object.entries(record).filter(([, value]) => value !== undefined);
  return entries.length === 0 ? undefined : (Object.fromEntries(entries) as Record);
}

const filled = <Row>(rows: Row[]): Row[] | undefined => (rows.length === 0 ? undefined : rows);

/** How many rows the form shows of each list: those that are filled and one more, as long as more are taken. */
export function rowsShown(identity: Identity): Record<keyof typeof MOST_ROWS, number> {
  const shown = (list: keyof typeof MOST_ROWS) => Math.min(MOST_ROWS[list], (identity[list]?.length ?? 0) + 1);
  return {
    names: shown('names'),
    otherPhones: shown('otherPhones'),
    otherAddresses: shown('otherAddresses'),
    documents: shown('documents'),
    kin: shown('kin'),
    safety: shown('safety'),
  };
}
