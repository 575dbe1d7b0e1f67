// A name where an id is wanted: what one row alone answers to is taken for it, so that a model need not
// ask twice. Several are a question back, none is said to be none; nobody guesses.
import { z } from "zod";
import { AppError } from "../../errors/app_error.ts";
import type { TurnState } from "../turn/turn_state.ts";
import { runStep } from "../turn/turn_state.ts";
import { checkArgs } from "../turn/run_action.ts";

const KINDS = {
  contact_id: "contact",
  company_id: "company",
  deal_id: "deal",
  meeting_id: "meeting",
} as const;
const Resolution = z.object({
  outcome: z.enum(["match", "ambiguous", "not_found"]),
  match: z.object({ id: z.uuid() }).nullable(),
});
const NAME_MAX = 200;

/**
 * Puts ids where arguments have names.
 *
 * @param turn The turn; looking a name up is a step of it.
 * @param args What somebody says the arguments are.
 * @returns The arguments; those that need nothing are as they were.
 * @throws {AppError} `not_found` for a name of nobody; `ambiguous_reference` for one of several, who
 *   are then what the person is asked about.
 */
export async function resolveNames(turn: TurnState, args: unknown): Promise<unknown> {
  if (args === null || typeof args !== "object" || Array.isArray(args)) return args;
  const resolved: Record<string, unknown> = { ...args };
  for (const [key, kind] of Object.entries(KINDS)) {
    const value = resolved[key];
    if (!isName(value)) continue;
    resolved[key] = await resolveName(turn, value, kind);
  }
  return resolved;
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value.trim() !== "" && value.length <= NAME_MAX &&
    !z.uuid().safeParse(value).success;
}

async function resolveName(turn: TurnState, reference: string, kind: string): Promise<string> {
  const tool = turn.parts.tools.resolve_entity;
  const args = checkArgs(tool.args, { reference, kinds: [kind] });
  const finding = await runStep(
    turn,
    { tool: "resolve_entity", action: null, label: tool.label, args: tool.explainArgs(args) },
    async () => await tool.run(turn.ctx, args, turn.context),
  );
  if (finding.readsForeignText) turn.journal.taint();
  turn.evidence.addRows(finding.data);
  const { outcome, match } = Resolution.parse(finding.data);
  if (match !== null) return match.id;
  if (outcome === "not_found") throw new AppError("not_found");
  if (finding.panel !== null) turn.answer.panel = finding.panel;
  if (finding.clarification !== undefined) turn.answer.clarification = finding.clarification;
  turn.answer.plainText = finding.text;
  throw new AppError("ambiguous_reference", {
    issues: [{ path: "args", code: "ambiguous", message: finding.text.slice(0, 400) }],
  });
}
