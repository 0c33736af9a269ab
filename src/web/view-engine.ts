/** Sets up how pages are rendered: Nunjucks with GOV.UK Frontend's macros, the filters of `wording.ts`, and the style sheet at /assets. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import nunjucks from 'nunjucks';
import { Csrf } from '../access/csrf.js';
import type { AuthenticatedRequest } from '../access/declarations.js';
import { parseQuarter } from '../kernel/domain/plain-date.js';
import { Settings } from '../kernel/settings.js';
import { attentionWords } from './caseload/attention.js';
import * as auditWording from './audit-wording.js';
import { speakTheirLanguage } from './languages/language-of-request.js';
import { speaking, t, tn } from './languages/language.js';
import { DeviceForms } from './device-forms/device-forms.js';
import { catalogues } from './languages/catalogues.js';
import { languages } from './languages/languages.js';
import { pageShell } from './page-shell.js';
import { faultAt, withChoice } from './sent.js';
import { StaticAssets } from './static-assets.js';
import * as cashWording from './cash-wording.js';
import * as bankWording from './bank-wording.js';
import * as caseWording from './case-wording.js';
import * as identificationWording from './identification-wording.js';
import * as payingWording from './paying-wording.js';
import * as proofWording from './proof-wording.js';
import * as wording from './wording.js';

const here = dirname(fileURLToPath(import.meta.url));
const views = join(here, 'views');
/** Beside this file, or where the build put it when the service runs from its source, as in tests. */
const BUILT = [join(here, 'public'), join(here, '..', '..', 'dist', 'web', 'public')];
const govukFrontend = dirname(createRequire(import.meta.url).resolve('govuk-frontend/package.json'));

export function configureViews(app: NestExpressApplication): void {
  const [csrf, deviceForms] = [app.get(Csrf), app.get(DeviceForms)];
  const assets = new StaticAssets(BUILT.find((folder) => existsSync(folder)) ?? '');
  const { timeZone, openId } = app.get(Settings);
  const environment = viewEnvironment(timeZone, assets);
  environment.addGlobal('openIdName', openId?.name);
  environment.express(app.getHttpAdapter().getInstance() as object);
  app.setViewEngine('njk');
  app.use('/assets', assets.serve);
  app.use(speakTheirLanguage);
  app.use((request: Request, response: Response, next: NextFunction) => {
    response.locals.shell = () => pageShell(request as AuthenticatedRequest, response, csrf, deviceForms);
    next();
  });
}

/** Templates, filters and globals; apart from the service, so that a test can render a page alone. */
export function viewEnvironment(timeZone: string, assets: StaticAssets): nunjucks.Environment {
  const loader = new nunjucks.FileSystemLoader([views, join(govukFrontend, 'dist')]);
  const environment = new nunjucks.Environment(loader, { autoescape: true, throwOnUndefined: false });
  const filters = {
    money: wording.moneyText,
    count: wording.countText,
    day: wording.dayText,
    moment: (moment: string | Date) => wording.momentText(moment, timeZone),
    quarter: wording.quarterText,
    quarterEnd: (period: string) => wording.dayText(parseQuarter(period).through),
    country: wording.countryName,
    slugName: wording.nameOfSlug,
    transferState: wording.transferState,
    runState: wording.runState,
    signed: wording.signedWords,
    leftOut: wording.leftOutWords,
    runWarning: wording.runWarningWords,
    told: wording.toldWords,
    leftOutOfFile: wording.leftOutOfFileWords,
    rail: wording.railWords,
    railOrCountry: wording.railOrCountry,
    reviewAct: wording.reviewActWords,
    confidence: wording.confidenceWords,
    payeeKind: wording.payeeKindWords,
    consent: wording.consentWords,
    match: wording.matchWords,
    holdReason: wording.holdWords,
    lineStanding: wording.lineStandingWords,
    age: wording.ageWords,
    role: wording.roleWords,
    secondFactor: wording.secondFactorWords,
    userState: wording.userState,
    awaitedBecause: wording.awaitedWords,
    script: wording.scriptWords,
    device: wording.deviceText,
    withheld: wording.withheldWords,
    account: wording.accountWords,
    act: auditWording.actWords,
    auditSubject: auditWording.subjectWords,
    auditDetail: auditWording.auditDetail,
    language: caseWording.languageWords,
    interpreter: caseWording.interpreterWords,
    channel: caseWording.channelWords,
    direction: caseWording.directionWords,
    outcome: caseWording.outcomeWords,
    noteKind: caseWording.noteKindWords,
    attention: attentionWords,
    emergencyReason: caseWording.emergencyWords,
    consentScope: caseWording.consentScopeWords,
    ageThen: identificationWording.ageThenWords,
    formalStatus: identificationWording.formalStatusWords,
    elementsOutcome: identificationWording.elementsOutcomeWords,
    elementStanding: identificationWording.elementStandingWords,
    voucherState: cashWording.voucherStateWords,
    handInReason: cashWording.handInWords,
    acknowledged: cashWording.acknowledgedWords,
    difference: cashWording.differenceWords,
    workReason: bankWording.reasonWords,
    resolution: bankWording.resolutionWords,
    reportState: bankWording.reportStateWords,
    reportFault: bankWording.faultWords,
    reportKind: bankWording.kindWords,
    lineResult: bankWording.resultWords,
    movementDifference: bankWording.differenceWords,
    obstacles: bankWording.obstacleWords,
    lineAmount: bankWording.lineAmountText,
    fileSize: bankWording.sizeText,
    accountKind: bankWording.accountKindWords,
    bankFormat: bankWording.formatWords,
    unreadableBecause: bankWording.unreadableWords,
    abandonedBecause: bankWording.abandonedWords,
    policyDecline: payingWording.policyDeclineWords,
    rateState: payingWording.rateState,
    policyState: payingWording.policyState,
    valuePolicy: payingWording.valuePolicyWords,
    preparationStep: payingWording.preparationStepWords,
    reversalReason: payingWording.reversalReasonWords,
    reversalState: payingWording.reversalState,
    operatorTold: payingWording.operatorToldWords,
    amounts: payingWording.amountsText,
    wage: payingWording.wageText,
    perUnit: payingWording.perUnitText,
    lookedAt: proofWording.lookedAtWords,
    ledgerFault: proofWording.ledgerFaultText,
    at: ownEntry,
    faultAt,
    withChoice,
  };
  for (const [name, filter] of Object.entries(filters)) environment.addFilter(name, filter);
  environment.addGlobal('serviceTitle', 'UCT Ledger');
  environment.addGlobal('t', t);
  environment.addGlobal('tn', tn);
  environment.addGlobal('spokenLanguage', spokenLanguage);
  environment.addGlobal('asset', (name: string) => assets.url(name));
  return environment;
}

/** The language of the page, and whether somebody who grew up with it has read its sentences. */
function spokenLanguage() {
  const { language, letters } = speaking();
  const isReviewed = language === 'en' || catalogues[language]?.reviewedBy !== null;
  const hasLetters = letters && languages[language].script !== undefined;
  return {
    code: language,
    name: languages[language].name,
    isReviewed,
    letters: hasLetters && `letters-${language}.css`,
  };
}

/** What a table of a template has under that name: an address may name anything, also what every object has ("constructor"). */
export function ownEntry(table: Record<string, unknown>, name: unknown): unknown {
  return typeof name === 'string' && Object.hasOwn(table, name) ? table[name] : undefined;
}
