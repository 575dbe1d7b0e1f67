// A name where an id is wanted: what one row alone answers to is taken for it, so that a model need not
// ask twice. Several are a question back, none is said to be none; nobody guesses.
import { z } from "zod";
import type { ActionName } from "../actions/action_names.ts";
import { ADDRESS_LISTS } from "../clarify/reference_places.ts";
import type { ResolvedReferences } from "../clarify/resolve_references.ts";
import { askBack } from "./ask_back.ts";
import { runStep, type TurnState } from "./turn_state.ts";

/** Arguments that may name somebody or something. */
const NAMING = [
  "assigned_to",
  "assignee",
  "company",
  "company_id",
  "contact",
  "contact_id",
  "deal",
  "deal_id",
  "meeting",
  "meeting_id",
] as const;

/**
 * Puts ids where arguments have names.
 *
 * @param turn The turn; looking names up is a step of it.
 * @param action The action that is to run.
 * @param args What somebody says its arguments are.
 * @returns The arguments; those that need nothing are as they were.
 * @throws {AppError} `not_found` for a name of nobody.
 * @throws {AskedBackError} For a name of several: the person is asked, and nothing runs.
 */
export async function resolveNames(
  turn: TurnState,
  action: ActionName,
  args: unknown,
): Promise<unknown> {
  if (!hasNames(args)) return args;
  return await lookUp(turn, args, () => turn.parts.resolveReferences(turn.ctx, action, args));
}

/**
 * The same for what a document of the library is given.
 *
 * @param turn The turn.
 * @param action The action that works through it.
 * @param args Its checked arguments, `inputs` among them.
 * @returns The arguments of the action.
 * @throws {AppError} As `resolveNames`.
 * @throws {AskedBackError} As `resolveNames`.
 */
export async function resolveInputNames(
  turn: TurnState,
  action: "run_skill" | "run_sequence",
  args: unknown,
): Promise<unknown> {
  const inputs = inputsIn(args);
  if (!hasNames(inputs, [...NAMING, "calendar_event_id"])) return args;
  return await lookUp(
    turn,
    inputs,
    () => turn.parts.resolveInputs(turn.ctx, { action, args }, turn.context),
  );
}

async function lookUp(
  turn: TurnState,
  given: unknown,
  resolve: () => Promise<ResolvedReferences>,
): Promise<unknown> {
  const tool = turn.parts.tools.resolve_entity;
  const beginning = { tool: "resolve_entity", action: null, label: tool.label, args: {} } as const;
  const resolved = await runStep(turn, beginning, async () => {
    const found = await resolve();
    if (found.readsForeignText) turn.journal.taint();
    return { ...found, count: found.evidence.length };
  });
  if (resolved.kind === "ambiguous") throw askBack(turn, resolved.clarification);
  const found = inputsIn(resolved.args) ?? resolved.args;
  turn.evidence.addRows(foundIn(found, textsIn(given)));
  return resolved.args;
}

function inputsIn(args: unknown): unknown {
  return args !== null && typeof args === "object" && "inputs" in args ? args.inputs : undefined;
}

/** What was found for the names; a model's own words bear nothing out (law 7). */
function foundIn(resolved: unknown, given: ReadonlySet<string>): readonly string[] {
  return [...textsIn(resolved)].filter((text) => !given.has(text));
}

/** Texts of arguments, lists among them. */
function textsIn(args: unknown): ReadonlySet<string> {
  if (args === null || typeof args !== "object") return new Set();
  return new Set(
    Object.values(args).flat().filter((value): value is string => typeof value === "string"),
  );
}

/**
 * Says whether arguments have names that are to be looked up.
 *
 * @param args What somebody says the arguments are.
 * @param naming Which of them may name somebody or something.
 */
export function hasNames(args: unknown, naming: readonly string[] = NAMING): boolean {
  if (args === null || typeof args !== "object") return false;
  const given = new Map(Object.entries(args));
  const isNamed = naming.some((name) => {
    const value: unknown = given.get(name);
    return typeof value === "string" && value.trim() !== "" && !z.uuid().safeParse(value).success;
  });
  return isNamed || ADDRESS_LISTS.some((name) => {
    const value: unknown = given.get(name);
    return Array.isArray(value) &&
      value.some((item) => typeof item === "string" && item.trim() !== "" && !item.includes("@"));
  });
}
