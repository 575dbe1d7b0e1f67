// What every panel of a run shares: a title, sections of short findings, each with the rows that it
// rests on and what can be clicked, and what waits to be confirmed. Made by code from rows.
import { z } from "zod";
import { EVIDENCE_TABLES } from "../actions/action.ts";
import { ClickableAction } from "../clickable_action.ts";
import { definePanel, type Panel } from "./panel.ts";
import { plainLine } from "./plain_text.ts";

/** Findings of a section, at most. */
export const ITEMS_MAX = 30;

/** One finding. */
export const PlaybookItem = z.strictObject({
  text: z.string().min(1).max(600).describe("One line, plain text."),
  detail: z.string().max(8_000).nullable().describe("More of it, such as the text of a draft."),
  tone: z.enum(["neutral", "good", "warning", "risk"]),
  evidence: z.array(z.strictObject({ table: z.enum(EVIDENCE_TABLES), id: z.uuid() })).max(30)
    .describe("The rows it rests on; empty for lines of the document itself."),
  actions: z.array(ClickableAction).max(5),
});
/** See the schema of the same name. */
export type PlaybookItem = z.infer<typeof PlaybookItem>;

/** What waits for the person's yes. */
export const ProposedEffect = z.strictObject({
  kind: z.string(),
  summary: z.string(),
  recipients: z.array(z.string()).max(60),
  is_reversible: z.boolean(),
});

const sectionShape = {
  heading: z.string().min(1).max(100),
  items: z.array(PlaybookItem).max(ITEMS_MAX),
  total: z.int().nonnegative().describe("How many there are; `items` may be fewer."),
  empty: z.string().nullable().describe("What it says where there is nothing."),
};

const playbookShape = {
  version: z.literal(1),
  title: z.string().min(1).max(300),
  subtitle: z.string().max(400).nullable(),
  skill: z.strictObject({
    key: z.string(),
    version: z.int().positive(),
    name: z.string(),
  }).describe("The document that ran."),
  execution_id: z.uuid().nullable().describe("The stored run; null where none is kept."),
  is_simulation: z.boolean().describe("True until what is proposed was confirmed."),
  proposed: z.array(ProposedEffect).max(10),
  pending_action_id: z.uuid().nullable().describe("What a yes confirms; null where nothing waits."),
  missing: z.array(z.string().max(200)).max(20)
    .describe("What could not be looked up or prepared, in words."),
};

/** A section of any panel of a run. */
export const PlaybookSection = z.strictObject({ id: z.string(), ...sectionShape });
/** See the schema of the same name. */
export type PlaybookSection = z.infer<typeof PlaybookSection>;

/** What the panels of runs have in common. */
export type Playbook =
  & z.output<z.ZodObject<typeof playbookShape>>
  & { readonly type: string; readonly sections: readonly PlaybookSection[] };

/**
 * Makes the schema of one panel of a run.
 *
 * @param type Its type.
 * @param sections Which ids its sections can have.
 */
// deno-lint-ignore explicit-module-boundary-types -- the type is the schema itself
export function playbookSchema<const T extends string, I extends z.ZodType<string>>(
  type: T,
  sections: I,
) {
  const section = z.strictObject({ id: sections, ...sectionShape });
  return z.strictObject({
    type: z.literal(type),
    ...playbookShape,
    sections: z.array(section).max(12),
  });
}

/**
 * Says a panel of a run as plain text.
 *
 * @param panel The panel.
 * @returns Title, sections with their findings, and what waits.
 */
export function describePlaybook(panel: Playbook): string {
  const lines = [plainLine(panel.title, 300)];
  if (panel.subtitle !== null) lines.push(plainLine(panel.subtitle, 400));
  for (const section of panel.sections) {
    if (section.items.length === 0 && section.empty === null) continue;
    lines.push("", plainLine(section.heading, 100));
    for (const { text, tone, detail } of section.items) {
      lines.push(`${MARKS[tone]} ${plainLine(text, 600)}`);
      for (const line of detailLines(detail)) lines.push(`    ${line}`);
    }
    if (section.items.length === 0 && section.empty !== null) {
      lines.push(`  ${plainLine(section.empty, 200)}`);
    }
    const more = section.total - section.items.length;
    if (more > 0) lines.push(`  … and ${more} more.`);
  }
  if (panel.missing.length > 0) lines.push("", "Not included", ...bullets(panel.missing));
  if (panel.proposed.length > 0) {
    lines.push("", panel.is_simulation ? "Waiting for your yes" : "Done");
    lines.push(...bullets(panel.proposed.map(({ summary }) => summary)));
  }
  return lines.join("\n");
}

/**
 * Declares a panel of a run.
 *
 * @param schema Its schema, from `playbookSchema`.
 * @param summary When the frontend draws it.
 * @param example A whole one.
 */
export function definePlaybook<S extends ReturnType<typeof playbookSchema>>(
  schema: S,
  summary: string,
  example: z.output<S>,
): Panel<S> {
  return definePanel<S>({ summary, schema, example, describe: describePlaybook });
}

const MARKS = { neutral: "•", good: "✓", warning: "!", risk: "‼" } as const;

function bullets(texts: readonly string[]): string[] {
  return texts.map((text) => `• ${plainLine(text, 500)}`);
}

function detailLines(detail: string | null): string[] {
  if (detail === null) return [];
  return detail.split("\n").map((line) => plainLine(line, 1_000)).slice(0, 60);
}
