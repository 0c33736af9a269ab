/**
 * The rails that money can leave on; each has a clearing account in every fund. `manual` is a person who acts in a banking app.
 * The client chooses, and consents to it.
 */
export const rails = ['cash', 'bank-file', 'mobile-money', 'manual'] as const;
export type Rail = (typeof rails)[number];
