// Names instead of ids: before an action runs, `contact: "Dana"` becomes `contact_id`, by the rows
// that the caller may read. One match goes on, several become a question whose options carry the very
// action with the very arguments, none is said to be none. Nothing has run by then.
import { z } from "zod";
import { AppError } from "../../errors/app_error.ts";
import type { ActionContext, EvidenceRow } from "../actions/action.ts";
import type { ActionName } from "../actions/action_names.ts";
import type { ClarificationReason } from "../panels/clarification.ts";
import { plainLine } from "../panels/plain_text.ts";
import {
  type EntityCandidate,
  type EntityKind,
  type EntityResolution,
  resolveEntity,
} from "../tools/resolve_entity.ts";
import { buildClarification, type StoredClarification } from "./clarification.ts";

/** Arguments that name something, and the argument that takes its id. */
const REFERENCES: ReadonlyArray<{
  readonly name: string;
  readonly id: string;
  readonly kind: EntityKind;
}> = [
  { name: "contact", id: "contact_id", kind: "contact" },
  { name: "company", id: "company_id", kind: "company" },
  { name: "deal", id: "deal_id", kind: "deal" },
  { name: "meeting", id: "meeting_id", kind: "meeting" },
  { name: "assignee", id: "assigned_to", kind: "colleague" },
];

const REASONS: Readonly<Record<EntityKind, ClarificationReason>> = {
  contact: "person",
  colleague: "person",
  company: "company",
  deal: "deal",
  meeting: "meeting",
};

const PlainArgs = z.record(z.string(), z.json());
type PlainArgs = z.infer<typeof PlainArgs>;

/** What became of the names. */
export type ResolvedReferences =
  | {
    readonly kind: "resolved";
    readonly args: unknown;
    readonly evidence: readonly EvidenceRow[];
    readonly readsForeignText: boolean;
  }
  | {
    readonly kind: "ambiguous";
    readonly clarification: StoredClarification;
    readonly evidence: readonly EvidenceRow[];
    readonly readsForeignText: boolean;
  };

/**
 * Puts ids where names stand. Arguments without names are handed back as they are, and nobody is asked.
 *
 * @param ctx The caller.
 * @param action The action that is to run.
 * @param args Its arguments, not checked yet: `contact`, `company`, `deal`, `meeting` and `assignee`
 *   may name what `contact_id` and so on take; an id that is no id is taken for a name.
 * @returns The arguments with ids, or the question to ask.
 * @throws {AppError} `not_found` where nobody and nothing that the caller may read has such a name.
 */
export async function resolveReferences(
  ctx: ActionContext,
  action: ActionName,
  args: unknown,
): Promise<ResolvedReferences> {
  const plain = PlainArgs.safeParse(args);
  const evidence: EvidenceRow[] = [];
  let resolved: PlainArgs = plain.data ?? {};
  let readsForeignText = false;
  if (!plain.success) return { kind: "resolved", args, evidence, readsForeignText };
  for (const reference of REFERENCES) {
    const name = nameIn(resolved, reference);
    if (name === null) continue;
    const found = await resolveEntity(ctx, { reference: name, kinds: [reference.kind] });
    evidence.push(...found.evidence);
    readsForeignText ||= found.hasForeignText;
    const { result } = found;
    if (result.outcome === "not_found") throw nothingCalled(name, reference.kind);
    if (result.match === null) {
      const clarification = askWhich({ action, args: resolved, reference, name, found });
      return { kind: "ambiguous", clarification, evidence, readsForeignText };
    }
    resolved = withId(resolved, reference, result.match);
  }
  return { kind: "resolved", args: resolved, evidence, readsForeignText };
}

function nameIn(args: PlainArgs, { name, id }: (typeof REFERENCES)[number]): string | null {
  const given = args[id] ?? args[name];
  if (typeof given !== "string" || given.trim() === "") return null;
  return z.uuid().safeParse(given).success ? null : given.trim().slice(0, 200);
}

/** A planned meeting has an id of its own kind. */
function withId(
  args: PlainArgs,
  { name, id }: (typeof REFERENCES)[number],
  match: EntityCandidate,
): PlainArgs {
  const { [name]: _name, [id]: _id, ...rest } = args;
  return { ...rest, [match.source === "calendar_events" ? "calendar_event_id" : id]: match.id };
}

function askWhich(
  { action, args, reference, name, found }: {
    readonly action: ActionName;
    readonly args: PlainArgs;
    readonly reference: (typeof REFERENCES)[number];
    readonly name: string;
    readonly found: EntityResolution;
  },
): StoredClarification {
  const options = found.result.candidates.map((candidate) => ({
    label: candidate.label,
    description: describeCandidate(candidate),
    chosen: { action, args: withId(args, reference, candidate) },
  }));
  const question = buildClarification({
    reason: REASONS[reference.kind],
    text: `Which "${plainLine(name, 100)}" do you mean?`,
  }, options);
  // Several fit, so there are two at least
  if (question === null) throw new AppError("internal_error");
  return question;
}

/**
 * Describes a candidate.
 *
 * @param candidate Somebody or something that was meant, perhaps.
 * @returns Who or what it is, then what speaks for it; null where there is nothing to say.
 */
export function describeCandidate(candidate: EntityCandidate): string | null {
  const why = candidate.why.join(", ");
  return [candidate.detail, why].filter(Boolean).join("; ") || null;
}

function nothingCalled(name: string, kind: EntityKind): AppError {
  return new AppError("not_found", {
    detail: `There is no ${kind} called "${plainLine(name, 100)}" that you can see.`,
  });
}
