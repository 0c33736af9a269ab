/** What a client may consent to, each on its own; silence is not consent. */
export const consentPurposes = ['hold-data', 'be-paid', 'share', 'be-quoted', 'be-contacted'] as const;
export type ConsentPurpose = (typeof consentPurposes)[number];
