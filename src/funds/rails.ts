/** The rails that money can leave on; each has a clearing account in every fund. */
export const rails = ['cash', 'manual'] as const;
export type Rail = (typeof rails)[number];
