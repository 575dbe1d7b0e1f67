// What a person sees of an effect before they say yes.
import { cleanUnresolvedVariables } from "../../../skills/template/clean_unresolved_variables.ts";
import type { EffectPreview } from "../../proposals/proposal.ts";
import { cleanLine, cleanText } from "../../proposals/clean_text.ts";

/** One field of a preview. */
export type PreviewField = EffectPreview["fields"][number];

const SUMMARY_MAX = 500;

/**
 * A field that is shown where it has a value.
 *
 * @param name What it is called.
 * @param value Its words; null leaves it out.
 * @returns None or one.
 */
export function field(name: string, value: string | null | undefined): PreviewField[] {
  return value === null || value === undefined || value === "" ? [] : [{ name, value }];
}

/**
 * A field that changes.
 *
 * @param name What it is called.
 * @param before How it is.
 * @param value How it would be.
 */
export function change(
  name: string,
  before: string | null | undefined,
  value: string | null,
): PreviewField {
  return { name, value: value ?? "none", before: before ?? "none" };
}

/** One line that says what an effect does. */
export function summary(...parts: readonly string[]): string {
  const line = cleanLine(parts.join(""));
  return line.length <= SUMMARY_MAX ? line : `${line.slice(0, SUMMARY_MAX - 1).toWellFormed()}…`;
}

/** Words of several lines on their way out: cleaned, and without a placeholder left (U60-098). */
export function outgoingText(text: string): string {
  return cleanText(cleanUnresolvedVariables(text));
}

/** Words of one line on their way out. */
export function outgoingLine(text: string): string {
  return cleanLine(cleanUnresolvedVariables(text));
}

/** The same for words that may be missing. */
export function outgoingDetails(text: string | null | undefined): string | null {
  return text === null || text === undefined ? null : outgoingText(text) || null;
}
