/** How a client can be contacted without harm, and what is noted of a contact. */
export const contactChannels = [
  'call',
  'text-message',
  'messenger',
  'e-mail',
  'letter',
  'visit',
  'at-our-office',
  'through-somebody',
] as const;
export type ContactChannel = (typeof contactChannels)[number];

export const contactDirections = ['outgoing', 'incoming'] as const;
export type ContactDirection = (typeof contactDirections)[number];

export const contactOutcomes = [
  'reached',
  'no-answer',
  'somebody-else-answered',
  'message-left',
  'broken-off',
] as const;
export type ContactOutcome = (typeof contactOutcomes)[number];

/** Lives sealed with the client's data key. */
export interface SafeContactRules {
  channels: ContactChannel[];
  /** Which number, which person, which place. */
  how: string;
  when: string;
  /** The language's code: my, th, lo, km, en ... */
  language: string;
  /** Who of us may contact them. */
  byWhom: string;
  /** How, when and by whom never. */
  never: string;
  /** A message that reveals nothing to whoever else reads or hears it. */
  wording: string;
  /** Whom the client would rather talk to, and who must not interpret for them. */
  interviewer: string;
  interpreter: string;
}
