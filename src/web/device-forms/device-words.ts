/** What a page says of the forms that its device keeps, in the language of the page; the script fills {n}, {moment} and {label}. */
import { t } from '../languages/language.js';

export type DeviceWords = ReturnType<typeof deviceWords>;

export function deviceWords() {
  return {
    waiting: t('{n} waiting to send'),
    waitsHere: t(
      'There is no connection. What you filled in is kept on this device, sealed, and is sent as soon as there is one.',
    ),
    sending: t('Sending …'),
    sendNow: t('Send now'),
    arrived: t('{n} sent. Nothing waits on this device any more.'),
    stillNoConnection: t('Still no connection. Nothing is lost.'),
    signIn: t('Sign in'),
    signInAgain: t('Sign in again, and it is sent.'),
    notYours: t('Somebody else is signed in here now. What you filled in waits until you sign in again yourself.'),
    notTaken: t('{n} not taken, for a reason that you have to see. It is still here.'),
    openIt: t('Open it and send it again'),
    throwAway: t('Throw it away'),
    sureToThrowAway: t('What was typed there is then gone. Throw it away?'),
    filledInAgain: t('You typed here before, on {moment}, and did not send it. It is filled in again.'),
    keptHere: t('Kept on this device at {moment}'),
    sureToSignOut: t('{n} waiting to send. Whoever signs out now loses it. Sign out all the same?'),
    review: t('Is this what the client said?'),
    reviewHint: t('Read it to them, and change what is not right.'),
    rankBefore: t('Rank these before you save.'),
    save: t('Save the interview'),
    back: t('Back to the interview'),
    rank: t('Rank {n}'),
  };
}
