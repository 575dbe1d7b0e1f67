// Names instead of ids and addresses: before an action runs, `contact: "Dana"` becomes `contact_id` and
// `to: ["Dana"]` her address, by the rows that the caller may read. One match goes on, several become a
// question whose options carry the very action with the very arguments, none is said to be none.
// Nothing has run by then.
import { AppError } from "../../errors/app_error.ts";
import type { ActionContext, EvidenceRow } from "../actions/action.ts";
import type { ActionName } from "../actions/action_names.ts";
import type { ClarificationReason } from "../panels/clarification.ts";
import { plainLine } from "../panels/plain_text.ts";
import { type EntityCandidate, resolveEntity } from "../tools/resolve_entity.ts";
import {
  buildClarification,
  type ChosenAction,
  type StoredClarification,
} from "./clarification.ts";
import {
  nextInput,
  nextReference,
  PlainArgs,
  REFERENCE_REASONS,
  type ReferencePlace,
} from "./reference_places.ts";

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

/** More names than this in one call are not somebody's wish. */
const NAMES_MAX = 12;

/**
 * Puts ids and addresses where names stand. Arguments without names are handed back as they are, and
 * nobody is asked.
 *
 * @param ctx The caller.
 * @param action The action that is to run.
 * @param args Its arguments, not checked yet: `contact`, `company`, `deal`, `meeting` and `assignee`
 *   may name what `contact_id` and so on take, an id that is no id is taken for a name, and so is an
 *   address without an @.
 * @returns The arguments with ids, or the question to ask.
 * @throws {AppError} `not_found` where nobody and nothing that the caller may read has such a name.
 */
export async function resolveReferences(
  ctx: ActionContext,
  action: ActionName,
  args: unknown,
): Promise<ResolvedReferences> {
  return await resolveAll(ctx, args, {
    next: (plain) => nextReference(action, plain),
    choose: (put) => ({ action, args: put }),
  });
}

/**
 * Puts ids where names stand among what a document is given; otherwise as `resolveReferences`.
 *
 * @param ctx The caller.
 * @param run The action that works through the document, and its checked arguments.
 * @param declared Inputs that the document takes.
 * @returns The arguments of the action, or the question to ask.
 * @throws {AppError} As `resolveReferences`.
 */
export async function resolveInputs(
  ctx: ActionContext,
  { action, args }: { readonly action: ActionName; readonly args: PlainArgs },
  declared: ReadonlySet<string>,
): Promise<ResolvedReferences> {
  const resolved = await resolveAll(ctx, args["inputs"], {
    next: (inputs) => nextInput(declared, inputs),
    choose: (inputs) => ({ action, args: { ...args, inputs } }),
  });
  return resolved.kind === "ambiguous"
    ? resolved
    : { ...resolved, args: { ...args, inputs: resolved.args } };
}

/** Where names are looked for, and what choosing one of several runs. */
interface NamePlaces {
  next(args: PlainArgs): ReferencePlace | null;
  choose(args: PlainArgs): ChosenAction;
}

async function resolveAll(
  ctx: ActionContext,
  args: unknown,
  places: NamePlaces,
): Promise<ResolvedReferences> {
  const plain = PlainArgs.safeParse(args);
  const evidence: EvidenceRow[] = [];
  let resolved: unknown = args;
  let readsForeignText = false;
  for (let count = 0; plain.success && count < NAMES_MAX; count++) {
    const place = places.next(PlainArgs.parse(resolved));
    if (place === null) break;
    const found = await resolveEntity(ctx, { reference: place.name, kinds: [...place.kinds] });
    evidence.push(...found.evidence);
    readsForeignText ||= found.hasForeignText;
    const fitting = found.result.candidates.flatMap((candidate) => {
      const put = place.put(candidate);
      return put === null ? [] : [{ candidate, put }];
    });
    const [first, ...others] = fitting;
    if (first === undefined) throw nothingCalled(place, found.result.candidates.length > 0);
    // One of those listed fits, but others that do may not be listed
    if (others.length === 0 && found.result.total > found.result.candidates.length) {
      throw new AppError("not_found", { detail: "Too many have this name. Say more of it." });
    }
    if (others.length > 0) {
      const clarification = askWhich(places, place, fitting);
      return { kind: "ambiguous", clarification, evidence, readsForeignText };
    }
    resolved = first.put;
  }
  return { kind: "resolved", args: resolved, evidence, readsForeignText };
}

function askWhich(
  places: NamePlaces,
  place: ReferencePlace,
  fitting: ReadonlyArray<{ readonly candidate: EntityCandidate; readonly put: PlainArgs }>,
): StoredClarification {
  const reason: ClarificationReason = REFERENCE_REASONS[place.kinds[0]];
  const question = buildClarification(
    { reason, text: `Which "${plainLine(place.name, 100)}" do you mean?` },
    fitting.map(({ candidate, put }) => ({
      label: candidate.label,
      description: describeCandidate(candidate),
      chosen: places.choose(put),
    })),
  );
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

function nothingCalled({ name, kinds }: ReferencePlace, isKnown: boolean): AppError {
  const called = `called "${plainLine(name, 100)}"`;
  const detail = isKnown
    ? `There is no ${kinds[0]} ${called} that this can be done with.`
    : `There is no ${kinds[0]} ${called} that you can see.`;
  return new AppError("not_found", { detail });
}
