// What a document of the library is: front matter that says what it takes, does and shows, and
// Markdown that says how it is done well. Data only: a document can name look-ups, rules and
// proposals, and nothing else.
import { z } from "zod";
import { PROPOSE_ACTIONS, READ_ACTIONS } from "../copilot/actions/action_names.ts";
import { RULE_NAMES } from "./rules/rule_names.ts";

const line = (max: number) => z.string().trim().min(1).max(max).regex(/^[^\n\r]*$/, "one line");
const name = z.string().regex(/^[a-z][a-z0-9_]{0,39}$/, "a name in lower case, such as deal_id");
const expression = z.string().regex(
  /^\$\{[^{}]{1,200}\}$/,
  "one expression, such as ${outputs.brief}",
);

/** Steps that a document may have; more than this is two documents. */
export const STEPS_MAX = 20;

/** Key of a document: `seq-…` for a sequence, anything else in the same form for a skill. */
export const SkillKey = z.string().regex(/^[a-z][a-z0-9]*(?:-[a-z0-9]+){0,8}$/).max(60);

/** What a run is given. */
export const SkillInput = z.strictObject({
  name,
  type: z.enum(["id", "text", "number", "boolean", "date"]),
  description: line(200),
  is_required: z.boolean().default(false),
  default: z.union([z.string().max(500), z.number(), z.boolean()]).optional(),
});
/** See the schema of the same name. */
export type SkillInput = z.infer<typeof SkillInput>;

/** What an organization can set once for all its runs. */
export const SkillVariable = z.strictObject({
  name,
  description: line(200),
  default: z.union([z.string().max(500), z.number(), z.boolean()]),
});

const stepBase = {
  id: name,
  /** For the person who waits; the action's own where this is missing. */
  label: line(80).optional(),
  /** Runs only where each of these has a value that is not false, 0, "" or an empty list. */
  when: z.union([expression, z.array(expression).min(1).max(4)]).optional(),
};
const repeated = {
  /** Runs once for each item of this list, which the arguments then see as `item`. */
  each: expression.optional(),
  limit: z.int().min(1).max(10).default(5),
};
const args = z.record(name, z.json()).default({});

/** Looks something up. */
export const ReadStep = z.strictObject({
  ...stepBase,
  ...repeated,
  read: z.enum(READ_ACTIONS),
  args,
  /** Goes on without it where there is nothing to be found. */
  is_optional: z.boolean().default(false),
});

/** Takes what the organization has written about itself. */
export const KnowledgeStep = z.strictObject({ ...stepBase, knowledge: z.literal(true) });

/** Works something out from rows, the same each time. */
export const RuleStep = z.strictObject({ ...stepBase, rule: z.enum(RULE_NAMES), from: args });

/** Lets a model say an earlier rule's findings better; without a model they stay as they are. */
export const ModelStep = z.strictObject({
  ...stepBase,
  model: z.string().min(20).max(2_000),
  /** The rule step whose items it may reword, reorder and shorten. */
  improves: name,
});

/** Prepares something that only its owner's yes carries out. */
export const ProposeStep = z.strictObject({
  ...stepBase,
  ...repeated,
  propose: z.enum(PROPOSE_ACTIONS),
  args,
  /** Goes on without it where it cannot be done, such as an email without a recipient. */
  is_optional: z.boolean().default(true),
});

/** One step. */
export const SkillStep = z.union([ReadStep, KnowledgeStep, RuleStep, ModelStep, ProposeStep]);
/** See the schema of the same name. */
export type SkillStep = z.infer<typeof SkillStep>;

/** A part of the panel: findings of a rule, or lines of the document itself. */
export const SkillSection = z.strictObject({
  id: name,
  heading: line(100),
  items: expression.optional(),
  lines: z.array(line(500)).max(20).optional(),
  /** What it says where there is nothing. */
  empty: line(200).optional(),
}).refine((section) => (section.items === undefined) !== (section.lines === undefined), {
  message: "has either items or lines",
});

/** A whole document, parsed. */
export const SkillDocument = z.strictObject({
  key: SkillKey,
  kind: z.enum(["skill", "sequence"]),
  version: z.int().min(1).max(9_999),
  name: line(80),
  category: z.enum(["meetings", "deals", "pipeline", "outreach", "accounts", "conversations"]),
  description: line(300),
  /** How people ask for it. */
  phrases: z.array(line(120)).min(2).max(12),
  inputs: z.array(SkillInput).max(12).default([]),
  variables: z.array(SkillVariable).max(12).default([]),
  steps: z.array(SkillStep).max(STEPS_MAX).default([]),
  panel: name,
  title: line(200),
  /** Stands under the title where all of it could be filled in. */
  subtitle: line(300).optional(),
  sections: z.array(SkillSection).min(1).max(12),
  body: z.string().min(200).max(20_000),
}).superRefine((document, context) => {
  const isSequence = document.kind === "sequence";
  if (isSequence !== document.key.startsWith("seq-")) {
    context.addIssue({
      code: "custom",
      path: ["key"],
      message: "keys of sequences, and no others, begin with seq-",
    });
  }
  if (!isSequence && document.steps.some((step) => "propose" in step)) {
    context.addIssue({
      code: "custom",
      path: ["steps"],
      message: "only a sequence proposes",
    });
  }
});
/** See the schema of the same name. */
export type SkillDocument = z.infer<typeof SkillDocument>;
