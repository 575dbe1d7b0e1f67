// A stored action as readable lines.
import { countOf, plainLine } from "./plain_text.ts";
import type { EffectPreview } from "../proposals/proposal.ts";

const VALUE_MAX = 2_000;

/**
 * Says what effects would do, field by field.
 *
 * @param effects The previews.
 * @returns Lines; texts of several lines are indented below their name.
 */
export function previewLines(effects: readonly EffectPreview[]): string[] {
  return effects.flatMap((effect, index) => [
    `${effects.length > 1 ? `${index + 1}. ` : ""}${plainLine(effect.summary, 500)}`,
    ...effect.fields.flatMap(({ name, value, before }) =>
      before === null || before === undefined ? fieldLines(plainLine(name), value) : [
        `   ${plainLine(name)}: ${plainLine(before, VALUE_MAX)} → ${plainLine(value, VALUE_MAX)}`,
      ]
    ),
  ]);
}

function fieldLines(name: string, value: string): string[] {
  const lines = value.split("\n").map((line) => plainLine(line, VALUE_MAX));
  if (lines.length === 1) return [`   ${name}: ${lines[0]}`];
  return [`   ${name}:`, ...lines.map((line) => `     ${line}`.trimEnd())];
}

/** How many things would be done. */
export function countEffects(effects: readonly unknown[]): string {
  return countOf(effects.length, "thing");
}
