/**
 * `npm run -s messages -- th`: the sentences of the pages, and of refusals that pages show, that a language's catalogue lacks, as JSON to fill
 * in; `--unused` lists those in it that no page says any more. Also tells the tests which sentences there are.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import nunjucks from 'nunjucks';
import ts from 'typescript';
import { projectRoot } from './child.mjs';

const SRC = join(projectRoot, 'src');
const WEB = join(SRC, 'web');
const NEEDS = join(projectRoot, 'config', 'needs-catalogue.json');
/** Tables of words that other rooms keep and pages show. */
const SHOWN_OF_OTHER_ROOMS = {
  'clients/domain/erasure.ts': 'KEPT',
  'ledger/transparency-log/domain/bundle-findings.ts': 'STEP_TITLES',
};
/** Names of fields in a table of words whose values are no words. */
const NO_WORDS = new Set(['colour', 'href', 'path', 'permission', 'anyOf', 'unless', 'value', 'code', 'asksConsent']);

const PROBLEM = join(SRC, 'kernel', 'domain', 'problem.ts');
/** Where the sentence of a Problem is among what it is made with. What is not there is said on pages by the page for it. */
const PLACE_OF_WORDING = { malformed: 1, refused: 1, conflict: 1, forbidden: 0 };
/** Where a refusal passes on what was worded elsewhere, or by a library that speaks English only. */
const PASSED_ON = new Set([
  'kernel/domain/free-text.ts: missing',
  'kernel/http/validation.ts: first?.detail',
  'kernel/http/problem.filter.ts: thrown.message',
  'kernel/http/content-type.ts: wording',
  'clients/domain/key-file.ts: wording',
  'needs/domain/ranks.ts: first.detail',
  'access/sign-in/attempts.ts: wording',
  'transfers/run-preparation.service.ts: wording',
]);

/** Every sentence that pages ask for, with the files that say it. */
export function messages() {
  const found = new Map();
  const note = (file) => (sentence) => found.set(sentence, [...(found.get(sentence) ?? []), relative(WEB, file)]);
  for (const file of filesOf('.njk')) inTemplate(readFileSync(file, 'utf8'), note(file));
  for (const file of filesOf('.ts').filter((name) => !name.endsWith('.spec.ts'))) inCode(file, note(file));
  for (const [file, name] of Object.entries(SHOWN_OF_OTHER_ROOMS)) inConstant(join(SRC, file), name, note(file));
  inNeeds(note(NEEDS));
  for (const file of codeOfEveryRoom()) inRefusals(parsed(file), note(file), () => {});
  return found;
}

/** Refusals whose sentence is glued or comes from somewhere, so that nobody could translate it: "file: expression". */
export function unworded() {
  return codeOfEveryRoom()
    .filter((file) => file !== PROBLEM)
    .flatMap((file) => glued(readFileSync(file, 'utf8')).map((text) => `${relative(SRC, file)}: ${text}`))
    .filter((one) => !PASSED_ON.has(one));
}

export function glued(code) {
  const found = [];
  inRefusals(
    parsedText(code),
    () => {},
    (text) => found.push(text),
  );
  return found;
}

/** But the command line, which speaks English. */
const codeOfEveryRoom = () =>
  readdirSync(SRC, { recursive: true })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts') && !/^cli[./]/.test(name))
    .sort()
    .map((name) => join(SRC, name));

export const catalogueOf = (language) => readConfig(join('languages', `${language}.json`));

const readConfig = (file) => JSON.parse(readFileSync(join(projectRoot, 'config', file), 'utf8'));

/** What of a template is shown to people and not taken from a catalogue: "line: text". */
export function untranslated(source) {
  const shown = [];
  const shownIn = markupReader();
  walk(nunjucks.parser.parse(source), (node, inMessage) => {
    if (node.typename === 'TemplateData')
      for (const text of shownIn(node.value)) shown.push(`${node.lineno + 1}: ${text}`);
    if (node.typename === 'Literal' && !inMessage && looksLikeWords(node.value))
      shown.push(`${node.lineno + 1}: ${node.value}`);
  });
  return shown;
}

export function filesOf(ending) {
  return readdirSync(WEB, { recursive: true })
    .filter((name) => name.endsWith(ending) && !/^(offline|browser)\//.test(name))
    .sort()
    .map((name) => join(WEB, name));
}

function inTemplate(source, note) {
  walk(nunjucks.parser.parse(source), (node) => {
    if (!isMessage(node)) return;
    const literals = node.args.children.filter((child) => child.typename === 'Literal');
    const wanted = node.name.value === 'tn' ? literals.slice(0, 2) : literals.slice(0, 1);
    for (const { value } of wanted) note(value);
  });
}

const isMessage = (node) => node.typename === 'FunCall' && ['t', 'tn'].includes(node.name.value);

function walk(node, visit, inMessage = false) {
  if (!node || typeof node !== 'object') return;
  if (Array.isArray(node)) return node.forEach((one) => walk(one, visit, inMessage));
  if (node.typename === undefined) return;
  visit(node, inMessage);
  const within = inMessage || isMessage(node);
  for (const field of node.fields ?? []) walk(node[field], visit, within);
}

/** Reads markup piece by piece, as a template holds it between its expressions: a tag may begin in one piece and end in another. */
function markupReader() {
  let tag = null;
  let quote = null;
  let script = null;
  return (markup) => {
    const shown = [''];
    for (const letter of markup.replace(/<!--.*?-->/gs, ' ').replace(/&\w+;/g, ' ')) {
      if (script !== null) {
        script = script.endsWith('</script') ? null : script + letter;
        continue;
      }
      if (tag === null) {
        if (letter !== '<') shown[shown.length - 1] += letter;
        else [tag, quote] = ['<', null];
        continue;
      }
      tag += letter;
      if (quote) quote = letter === quote ? null : quote;
      else if (letter === '"') quote = letter;
      else if (letter === '>') {
        shown.push(
          ...[...tag.matchAll(/\s(?:aria-label|alt|title|placeholder)="([^"]*)"/g)].map(([, text]) => text),
          '',
        );
        if (/^<script\b/.test(tag)) script = '';
        tag = null;
      }
    }
    return shown.map((text) => text.trim()).filter((text) => /\p{L}{2}/u.test(text));
  };
}

/** A sentence or a word for people, and no class, id or code: it begins with a capital letter and goes on in small ones, or has spaces between words. */
function looksLikeWords(value) {
  return typeof value === 'string' && /^\s*\p{Lu}\p{Ll}/u.test(value);
}

function inNeeds(note) {
  for (const { label, needs } of JSON.parse(readFileSync(NEEDS, 'utf8')).categories)
    [label, ...needs.map((need) => need.label)].forEach(note);
}

function inConstant(file, name, note) {
  const visit = (node) => {
    if (ts.isVariableDeclaration(node) && node.name.getText() === name) allTexts(node.initializer, note);
    ts.forEachChild(node, visit);
  };
  visit(parsed(file));
}

const parsed = (file) => parsedText(readFileSync(file, 'utf8'));
const parsedText = (code) => ts.createSourceFile('code.ts', code, ts.ScriptTarget.ES2023, true);

function inCode(file, note) {
  const visit = (node) => {
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) {
      const [first, second, third] = node.arguments;
      if (['t', 'msg'].includes(node.expression.text)) textsOf(first, note);
      if (node.expression.text === 'tn') [second, third].forEach((one) => textsOf(one, note));
      if (node.expression.text === 'msgs') allTexts(first, note);
    }
    ts.forEachChild(node, visit);
  };
  visit(parsed(file));
}

/** The sentences of Problems, those that something is filled into, and those of validators. */
function inRefusals(source, note, other) {
  const visit = (node) => {
    const wording = wordingOf(node);
    if (wording) eachWording(wording, source, note, other);
    if (isSentence(node)) eachWording(node.arguments[0], source, note, other);
    if (ts.isPropertyAssignment(node) && node.name.getText() === 'message') textsOf(node.initializer, note);
    ts.forEachChild(node, visit);
  };
  visit(source);
}

const isSentence = (node) => ts.isCallExpression(node) && node.expression.getText() === 'sentence';

function wordingOf(node) {
  if (ts.isNewExpression(node) && node.expression.getText() === 'Problem') return node.arguments[2];
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return undefined;
  const { expression, name } = node.expression;
  return expression.getText() === 'Problem' ? node.arguments[PLACE_OF_WORDING[name.text]] : undefined;
}

function eachWording(node, source, note, other) {
  const both = (...ends) => ends.forEach((one) => eachWording(one, source, note, other));
  if (ts.isStringLiteralLike(node)) return note(node.text);
  if (ts.isConditionalExpression(node)) return both(node.whenTrue, node.whenFalse);
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken)
    return both(node.left, node.right);
  if (!isSentence(node) && !isTable(node, source)) other(oneLine(node));
}

/** One of a table of sentences in the same file, which are found by themselves. */
function isTable(node, source) {
  if (!ts.isElementAccessExpression(node)) return false;
  const table = source.statements
    .flatMap((one) => (ts.isVariableStatement(one) ? [...one.declarationList.declarations] : []))
    .find(({ name }) => name.getText() === node.expression.getText());
  const rows = table && ts.isObjectLiteralExpression(table.initializer) ? table.initializer.properties : [];
  return rows.length > 0 && rows.every((row) => row.initializer?.getText().startsWith('sentence('));
}

const oneLine = (node) => node.getText().replace(/\s+/g, ' ');

/** The text itself, or both ends of a choice between two. */
function textsOf(node, note) {
  if (!node) return;
  if (ts.isStringLiteralLike(node)) note(node.text);
  else if (ts.isConditionalExpression(node)) [node.whenTrue, node.whenFalse].forEach((one) => textsOf(one, note));
}

function allTexts(node, note) {
  if (!node) return;
  if (ts.isStringLiteralLike(node)) return note(node.text);
  if (ts.isPropertyAssignment(node)) {
    if (!NO_WORDS.has(node.name.getText().replace(/['"]/g, ''))) allTexts(node.initializer, note);
    return;
  }
  if (ts.isObjectLiteralExpression(node)) return node.properties.forEach((one) => allTexts(one, note));
  if (ts.isArrayLiteralExpression(node)) return node.elements.forEach((one) => allTexts(one, note));
  if (ts.isConditionalExpression(node)) return textsOf(node, note);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [language, wish] = process.argv.slice(2);
  const said = messages();
  const { messages: kept } = catalogueOf(language);
  const listed =
    wish === '--unused'
      ? Object.keys(kept).filter((sentence) => !said.has(sentence))
      : Object.fromEntries(
          [...said.keys()].filter((sentence) => !(sentence in kept)).map((sentence) => [sentence, '']),
        );
  process.stdout.write(`${JSON.stringify(listed, null, 2)}\n`);
}
