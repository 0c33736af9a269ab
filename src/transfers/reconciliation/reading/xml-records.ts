/**
 * An XML file as records: small trees that come one by one, with the containers they stand in opening and closing around them. Names are
 * local names, whatever the namespace. Nothing is expanded or fetched: a DOCTYPE ends the reading, and so does what only an attack would send.
 */
import { SaxesParser } from 'saxes';
import { ReadFault, type Piece } from './texts.js';

export interface XmlElement {
  name: string;
  text: string;
  currency: string | null;
  children: XmlElement[];
}

export type RecordEvent =
  | { event: 'open'; name: string; namespace: string | null; line: number }
  /** `element` is null where the record was too large to be one. */
  | { event: 'record'; name: string; element: XmlElement | null; line: number }
  | { event: 'close'; name: string; line: number };

const MAX_DEPTH = 40;
const MAX_ATTRIBUTES = 32;
/** Real ones are a few hundred elements. */
const MAX_RECORD_ELEMENTS = 4_000;
const MAX_RECORD_CHARACTERS = 128 * 1024;
/** Before the first element there is a declaration and perhaps a comment; anything else that goes on and on is no bank's file. */
const MAX_CHARACTERS_WITHOUT_RESULT = 64 * 1024;
const ENTITIES = { amp: '&', gt: '>', lt: '<', quot: '"', apos: "'" };

/** Throws `ReadFault`: `doctype`, `encoding`, `not-well-formed`, `too-deep`, `too-long`, `cut-off`, and what the pieces throw. */
export async function* recordsOf(
  pieces: AsyncIterable<Piece>,
  isContainer: (name: string) => boolean,
): AsyncGenerator<RecordEvent> {
  const reader = new RecordReader(isContainer);
  for await (const piece of pieces) {
    const fault = reader.read(piece);
    yield* reader.taken();
    if (fault) throw fault;
  }
  const fault = reader.end();
  yield* reader.taken();
  if (fault) throw fault;
}

class RecordReader {
  private readonly parser = new SaxesParser();
  private events: RecordEvent[] = [];
  private depth = 0;
  /** Elements of the record that is open, outermost first; empty between records. */
  private open: XmlElement[] = [];
  private recordLine = 0;
  private recordElements = 0;
  private recordCharacters = 0;
  /** How deep we are in a record that was too large to keep. */
  private skippedDepth = 0;
  private attributes = 0;
  private charactersWithoutResult = 0;
  private piece: Piece = { text: '', endByte: 0 };
  private charactersBefore = 0;

  constructor(private readonly isContainer: (name: string) => boolean) {
    const { parser } = this;
    // Without a prototype: `&constructor;` is an entity that nobody has declared.
    parser.ENTITIES = Object.assign(Object.create(null) as Record<string, string>, ENTITIES);
    parser.on('error', () => this.stop('not-well-formed'));
    parser.on('doctype', () => this.stop('doctype'));
    parser.on('xmldecl', ({ encoding }) => {
      if (encoding && !/^(utf-?8|us-ascii)$/i.test(encoding)) this.stop('encoding');
    });
    parser.on('attribute', () => {
      this.attributes += 1;
      if (this.attributes > MAX_ATTRIBUTES) this.stop('too-long');
    });
    parser.on('opentag', ({ name, attributes }) => this.opened(localName(name), name, attributes));
    parser.on('text', (text) => this.took(text));
    parser.on('cdata', (text) => this.took(text));
    parser.on('comment', () => this.gotOn());
    parser.on('processinginstruction', () => this.gotOn());
    parser.on('closetag', ({ name }) => this.closed(localName(name)));
  }

  read(piece: Piece): ReadFault | null {
    this.charactersBefore += this.piece.text.length;
    this.piece = piece;
    this.charactersWithoutResult += piece.text.length;
    return this.guarded(() => {
      this.parser.write(piece.text);
      if (this.charactersWithoutResult > MAX_CHARACTERS_WITHOUT_RESULT) this.stop('too-long');
    });
  }

  end(): ReadFault | null {
    if (this.depth > 0) return new ReadFault('cut-off', this.piece.endByte);
    return this.guarded(() => void this.parser.close());
  }

  taken(): RecordEvent[] {
    const { events } = this;
    this.events = [];
    return events;
  }

  private guarded(work: () => void): ReadFault | null {
    try {
      work();
      return null;
    } catch (error) {
      if (error instanceof ReadFault) return error;
      throw error;
    }
  }

  private stop(code: ReadFault['code']): never {
    const within = Math.max(0, this.parser.position - this.charactersBefore);
    const ahead = Buffer.byteLength(this.piece.text.slice(within));
    throw new ReadFault(code, this.piece.endByte - ahead);
  }

  private gotOn(): void {
    this.charactersWithoutResult = 0;
  }

  private opened(name: string, fullName: string, attributes: Record<string, string>): void {
    this.gotOn();
    this.attributes = 0;
    this.depth += 1;
    if (this.depth > MAX_DEPTH) this.stop('too-deep');
    const { line } = this.parser;
    if (this.skippedDepth > 0) {
      this.skippedDepth += 1;
      return;
    }
    if (this.open.length === 0 && this.isContainer(name)) {
      this.events.push({ event: 'open', name, namespace: namespaceOf(fullName, attributes), line });
      return;
    }
    if (this.open.length === 0) {
      this.recordLine = line;
      this.recordElements = 0;
      this.recordCharacters = 0;
    }
    this.recordElements += 1;
    if (this.recordElements > MAX_RECORD_ELEMENTS) {
      this.skippedDepth = this.open.length + 1;
      this.open = this.open.slice(0, 1);
      return;
    }
    const element: XmlElement = { name, text: '', currency: attributes['Ccy'] ?? null, children: [] };
    this.open.at(-1)?.children.push(element);
    this.open.push(element);
  }

  private took(text: string): void {
    this.gotOn();
    const element = this.open.at(-1);
    if (!element || this.skippedDepth > 0) return;
    this.recordCharacters += text.length;
    if (this.recordCharacters <= MAX_RECORD_CHARACTERS) element.text += text;
  }

  private closed(name: string): void {
    this.gotOn();
    this.depth -= 1;
    const { line } = this.parser;
    if (this.skippedDepth > 0) {
      this.skippedDepth -= 1;
      if (this.skippedDepth > 0) return;
      this.events.push({ event: 'record', name, element: null, line: this.recordLine });
      this.open = [];
      return;
    }
    if (this.open.length === 0) {
      this.events.push({ event: 'close', name, line });
      return;
    }
    const element = this.open.pop();
    if (!element) return;
    element.text = element.text.trim();
    if (this.open.length > 0) return;
    const isWhole = this.recordCharacters <= MAX_RECORD_CHARACTERS;
    this.events.push({ event: 'record', name, element: isWhole ? element : null, line: this.recordLine });
  }
}

function localName(name: string): string {
  return name.slice(name.lastIndexOf(':') + 1);
}

/** The namespace that an element declares for itself. */
function namespaceOf(fullName: string, attributes: Record<string, string>): string | null {
  const prefix = fullName.includes(':') ? `:${fullName.slice(0, fullName.indexOf(':'))}` : '';
  return attributes[`xmlns${prefix}`] ?? null;
}

/** The first element down that path, by names with slashes between them. */
export function within(element: XmlElement | null | undefined, path: string): XmlElement | undefined {
  let found: XmlElement | undefined = element ?? undefined;
  for (const name of path.split('/')) found = found?.children.find((child) => child.name === name);
  return found;
}

/** The text down the first of those paths that has any. */
export function textAt(element: XmlElement | null | undefined, ...paths: string[]): string | null {
  for (const path of paths) {
    const text = within(element, path)?.text;
    if (text) return text;
  }
  return null;
}

/** All children of that name. */
export function allOf(element: XmlElement | null | undefined, name: string): XmlElement[] {
  return element?.children.filter((child) => child.name === name) ?? [];
}
