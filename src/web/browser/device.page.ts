/**
 * Forms that may wait on this device: what is typed is kept as it is typed, sealed; what is sent waits here until it has arrived. Where
 * nothing can be kept the page works as it does without a script.
 */
import type { DeviceWords } from '../device-forms/device-words.js';
import { element, button, filled, link } from './device/elements.js';
import {
  emptyForNext,
  fieldsOf,
  fillIn,
  isSamePage,
  sendPlainly,
  withoutThoseOf,
  withDay,
  withTyped,
} from './device/form-fields.js';
import { showReview } from './device/interview-review.js';
import { Notices } from './device/notices.js';
import { Outbox, type Outcome } from './device/outbox.js';
import { canKeepForms, countWaiting, forgetAllForms, SealedForms, type KeptForm } from './device/sealed-forms.js';

/** Not at every key, and soon enough that a phone that dies takes a word or two. */
const TYPING_PAUSE_MS = 400;
/** A line that is slow or a service that is busy tells nobody when it is there again. */
const TRIED_AGAIN_MS = 60_000;

async function begin(
  place: HTMLElement,
  owner: string,
  key: Uint8Array<ArrayBuffer>,
  words: DeviceWords,
): Promise<void> {
  const forms = await SealedForms.open(key, owner);
  const token = document.querySelector<HTMLInputElement>('input[name="_csrf"]')?.value ?? '';
  const outbox = new Outbox(forms, owner, token);
  const notices = new Notices(place, words, {
    sendNow: () => flush(true),
    throwAway: async ({ id }) => {
      await forms.remove(id);
      await showStanding();
    },
  });
  const showStanding = async () => notices.show(await forms.all('waiting'), await forms.all('not-taken'));

  const flush = async (isAsked = false): Promise<void> => {
    const outcomes = [...(await outbox.send()).values()];
    await showStanding();
    const sent = outcomes.filter(({ is }) => is === 'taken').length;
    const last = outcomes.at(-1)?.is;
    if (last === 'signed-out') notices.say(words.signInAgain, link(words.signIn, '/sign-in'));
    else if (last === 'other-person') notices.say(words.notYours);
    else if ((last === 'no-connection' || last === 'later') && isAsked) notices.say(words.stillNoConnection);
    else if (sent > 0 && (await forms.all('waiting')).length === 0) notices.say(filled(words.arrived, { n: sent }));
  };

  for (const form of document.querySelectorAll<HTMLFormElement>('form[data-on-device]'))
    await keep(form, { forms, outbox, notices, words, showStanding });
  askBeforeSigningOut(forms, words);
  addEventListener('online', () => void flush());
  await showStanding();
  const flushWhatWaits = async () => {
    if (document.visibilityState === 'visible' && (await forms.all('waiting')).length > 0) await flush();
  };
  setInterval(() => void flushWhatWaits(), TRIED_AGAIN_MS);
  document.addEventListener('visibilitychange', () => void flushWhatWaits());
  await flushWhatWaits();
  await forms.forgetOld();
  await navigator.serviceWorker?.register('/assets/sw.js', { scope: '/' }).catch(() => undefined);
}

interface Keeping {
  forms: SealedForms;
  outbox: Outbox;
  notices: Notices;
  words: DeviceWords;
  showStanding: () => Promise<void>;
}

/** Keeps that form as it is typed, fills in what was not sent, and sends it by the outbox. */
async function keep(form: HTMLFormElement, { forms, outbox, notices, words, showStanding }: Keeping): Promise<void> {
  const action = new URL(form.action).pathname;
  const page = location.pathname + location.search;
  const draftId = await forms.draftIdOf(action);
  const kept = element('p', 'app-small app-device__kept');
  form.append(kept);

  const draftFields = async () => (await forms.find(draftId))?.fields ?? [];
  let pause = 0;
  let isTouched = false;
  const keepDraft = async () => {
    clearTimeout(pause);
    if (!isTouched) return;
    isTouched = false;
    await forms.put(draftId, 'draft', { page, action, fields: withTyped(await draftFields(), form) });
    kept.textContent = filled(words.keptHere, { moment: timeOf(Date.now()) });
  };
  form.addEventListener('input', () => {
    isTouched = true;
    clearTimeout(pause);
    pause = window.setTimeout(() => void keepDraft(), TYPING_PAUSE_MS);
  });
  document.addEventListener('visibilitychange', () => document.visibilityState === 'hidden' && void keepDraft());
  const dropDraft = async () => {
    clearTimeout(pause);
    isTouched = false;
    kept.textContent = '';
    const rest = withoutThoseOf(await draftFields(), form);
    if (rest.length === 0) await forms.remove(draftId);
    else await forms.put(draftId, 'draft', { page, action, fields: rest });
  };

  await fillInAgain();

  const isAnotherEachTime = form.dataset.onDevice === 'again';
  let isSending = false;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (isSending) return;
    isSending = true;
    const submitter = event.submitter;
    void send(submitter, fieldsOf(form, submitter))
      .catch(() => sendPlainly(form, submitter)) // a device that is full keeps nothing
      .finally(() => (isSending = false));
  });

  async function send(submitter: HTMLElement | null, fields: ReturnType<typeof fieldsOf>): Promise<void> {
    // Of a form that is one thing, what is sent again takes the place of what waits.
    const before = isAnotherEachTime
      ? undefined
      : (await forms.all('waiting')).find((one) => one.action === action && isSamePage(one.fields, fields));
    const id = before?.id ?? crypto.randomUUID();
    await forms.put(id, 'waiting', { page, action, fields });
    await dropDraft();
    notices.say(words.sending);
    const outcomes = await outbox.send();
    await followUp(id, submitter, outcomes.get(id));
  }

  async function followUp(id: string, submitter: HTMLElement | null, outcome: Outcome | undefined): Promise<void> {
    if (outcome?.is === 'taken') return location.assign(outcome.leadsTo);
    // The page that says what is wrong comes with everything that was typed.
    if (outcome?.is === 'not-taken') {
      await forms.put(draftId, 'draft', { page, action, fields: withTyped(await draftFields(), form) });
      await forms.remove(id);
      return sendPlainly(form, submitter);
    }
    await showStanding();
    if (outcome?.is === 'signed-out') notices.say(words.signInAgain, link(words.signIn, '/sign-in'));
    else notices.say(outcome?.is === 'other-person' ? words.notYours : words.waitsHere);
    if (form.dataset.whole !== undefined && submitter?.getAttribute('value') === 'review')
      showReview(form, words, () => saveWhole(id).catch(() => sendPlainly(form, null)));
    else {
      if (isAnotherEachTime) emptyForNext(form);
      window.scrollTo({ top: 0 });
    }
  }

  /** What waits as an interview to be looked at goes as one that was looked at. */
  async function saveWhole(id: string): Promise<void> {
    const fields = fieldsOf(form, null).filter(([name]) => name !== 'go');
    await forms.put(id, 'waiting', { page, action, fields: withDay(form, [...fields, ['go', 'save']]) });
    notices.say(words.sending);
    const outcomes = await outbox.send();
    document.querySelector('.app-review')?.remove();
    form.hidden = false;
    await followUp(id, null, outcomes.get(id));
  }

  async function fillInAgain(): Promise<void> {
    const refused = (await forms.all('not-taken')).find((one) => one.action === action);
    const draft = refused ?? (await forms.find(draftId));
    if (!draft || isTouched) return; // whoever was quicker goes on typing
    const isFilledIn = fillIn(form, draft.fields);
    if (refused) await takeAsDraft(refused);
    if (!isFilledIn) return;
    const away = button(words.throwAway, async () => {
      await forms.remove(draftId);
      location.replace(page);
    });
    away.classList.add('app-device__button', 'govuk-button--secondary');
    notices.say(filled(words.filledInAgain, { moment: momentOf(draft.keptAt) }), away);
  }

  /** It is in the form again, and is what somebody typed and did not send. */
  async function takeAsDraft({ id, fields }: KeptForm): Promise<void> {
    const ofOtherPages = withoutThoseOf(await draftFields(), form);
    await forms.put(draftId, 'draft', {
      page,
      action,
      fields: [...ofOtherPages, ...fields.filter(([name]) => name !== 'id')],
    });
    await forms.remove(id);
  }
}

/** Whoever signs out leaves nothing here. "Exit this page" asks nothing and forgets nothing: what is here is sealed. */
function askBeforeSigningOut(forms: SealedForms, words: DeviceWords): void {
  const form = document.querySelector<HTMLFormElement>('form[action="/sign-out"]');
  form?.addEventListener('submit', (event) => {
    event.preventDefault();
    void (async () => {
      try {
        const waiting = await forms.all('waiting');
        if (waiting.length > 0 && !confirm(filled(words.sureToSignOut, { n: waiting.length }))) return;
        await forms.forget();
      } catch {
        // Whoever wants to sign out does, also when the device's store is gone.
      }
      HTMLFormElement.prototype.submit.call(form);
    })();
  });
}

async function forgetAll(): Promise<void> {
  await forgetAllForms();
  for (const name of await caches.keys()) await caches.delete(name);
  for (const worker of (await navigator.serviceWorker?.getRegistrations()) ?? []) await worker.unregister();
}

/** The mask and the masked key, both of its length; the key is base64url of 32 bytes. */
function unmasked(text: string): Uint8Array<ArrayBuffer> {
  const bytes = bytesOf(text);
  const half = bytes.length / 2;
  const key = bytes.subarray(0, half).map((byte, at) => byte ^ (bytes[half + at] ?? 0));
  return bytesOf(new TextDecoder().decode(key));
}

function bytesOf(base64url: string): Uint8Array<ArrayBuffer> {
  const binary = atob(base64url.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
}

const say = (options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat(`${document.documentElement.lang}-u-ca-gregory-nu-latn`, options);
const timeOf = (ms: number) => say({ hour: '2-digit', minute: '2-digit', hour12: false }).format(ms);
const momentOf = (ms: number) =>
  say({ day: 'numeric', month: 'long', hour: '2-digit', minute: '2-digit', hour12: false }).format(ms);

// Last, so that all of the above is there.
const place = document.getElementById('on-device');
const withoutConnection = document.querySelector<HTMLElement>('[data-waiting]');
if (place && canKeepForms()) {
  const { key = '', owner = '', words = '' } = place.dataset;
  delete place.dataset.key; // from here on it is in memory, and opens nothing else
  if (key === '') await forgetAll();
  else await begin(place, owner, unmasked(key), JSON.parse(words) as DeviceWords);
} else if (withoutConnection && canKeepForms()) {
  const count = await countWaiting();
  withoutConnection.textContent = count === 0 ? '' : filled(withoutConnection.dataset.waiting ?? '', { n: count });
}
