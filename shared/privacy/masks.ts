// What stands where something was taken out: words that cannot be taken for a number, nor for talk
// about cards when the text is looked at again.

/** By what was there. */
export const MASKS = {
  number: "[card number]",
  code: "[security code]",
  expiry: "[expiry date]",
} as const;

const TEXTS: readonly string[] = Object.values(MASKS);

/**
 * Says how long the mask is that stands at an offset.
 *
 * @param text Any text.
 * @param at Offset of an opening bracket.
 * @returns Its length; 0 when none stands there.
 */
export function maskLengthAt(text: string, at: number): number {
  return TEXTS.find((mask) => text.startsWith(mask, at))?.length ?? 0;
}
