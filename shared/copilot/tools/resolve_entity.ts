// The tool resolve_entity (U60-066): who or what "Dana", "Dana from Acme" or "the Acme pilot" is.
// One match is the id, several are ranked with what speaks for each, none is said to be none. Only
// what the caller may read is ever found.
import { z } from "zod";
import type { ActionContext, EvidenceRow } from "../actions/action.ts";
import { evidenceRows, type Mention } from "../actions/evidence_rows.ts";
import { fromPostgrestError } from "../../errors/app_error.ts";
import { dayOf, formatDay, plainLine } from "../panels/plain_text.ts";

/** What a reference can mean. */
export const EntityKind = z.enum(["contact", "company", "deal", "meeting", "colleague"]);
/** See the schema of the same name. */
export type EntityKind = z.infer<typeof EntityKind>;

/** What the tool takes. */
export const ResolveEntityArgs = z.strictObject({
  reference: z.string().trim().min(1).max(200)
    .describe("A name or a part of it, as the person said it: Dana, Dana from Acme, Acme pilot."),
  kinds: z.array(EntityKind).min(1).max(5).optional()
    .describe("What it can be; without this, people and companies come before deals and meetings."),
});
/** See the schema of the same name. */
export type ResolveEntityArgs = z.infer<typeof ResolveEntityArgs>;

const moment = z.iso.datetime({ offset: true });
const mark = z.strictObject({ id: z.uuid(), title: z.string().nullable(), at: moment }).nullable();

/** What the database function `resolve_entity` returns. */
const FoundEntities = z.strictObject({
  org_id: z.uuid(),
  total: z.int().nonnegative(),
  candidates: z.array(z.strictObject({
    kind: EntityKind,
    id: z.uuid(),
    table: z.enum(["contacts", "companies", "deals", "meetings", "calendar_events", "profiles"]),
    label: z.string(),
    detail: z.string().nullable(),
    at: moment.nullable(),
    is_own: z.boolean(),
    is_exact: z.boolean(),
    last_meeting: mark,
    next_meeting: mark,
    open_deal: z.strictObject({ id: z.uuid(), name: z.string() }).nullable(),
    email: z.string().nullable(),
  })),
});
type FoundEntity = z.infer<typeof FoundEntities>["candidates"][number];

/** Somebody or something that was meant, perhaps. */
export const EntityCandidate = z.strictObject({
  kind: EntityKind,
  id: z.uuid(),
  /** A meeting has two sources: recordings, and the person's own calendar. */
  source: z.enum(["crm", "meetings", "calendar_events", "members"]),
  label: z.string(),
  detail: z.string().nullable().describe("Position and company, stage, or when it is."),
  email: z.string().nullable().describe("Of contacts and colleagues, where it is known."),
  why: z.array(z.string()).describe("What speaks for it, the strongest first."),
});
/** See the schema of the same name. */
export type EntityCandidate = z.infer<typeof EntityCandidate>;

/** What the tool answers. */
export const ResolvedEntity = z.strictObject({
  outcome: z.enum(["match", "ambiguous", "not_found"]),
  match: EntityCandidate.nullable().describe("The only one that fits."),
  candidates: z.array(EntityCandidate).describe("Best first, at most five; empty for not_found."),
  total: z.int().nonnegative().describe("How many fit, also those that are not listed."),
});
/** See the schema of the same name. */
export type ResolvedEntity = z.infer<typeof ResolvedEntity>;

/** The tool's answer with what it rests on. */
export interface EntityResolution {
  readonly result: ResolvedEntity;
  readonly evidence: readonly EvidenceRow[];
  /**
   * Whether words of people outside are in it: titles of meetings and names of deals. Names of
   * contacts, companies and colleagues are what the person asked by.
   */
  readonly hasForeignText: boolean;
}

/** Words of a reference that say what kind of thing it is. */
const KIND_WORDS: ReadonlyArray<readonly [RegExp, EntityKind]> = [
  [/\b(?:deal|deals|opportunity)\b/i, "deal"],
  [/\b(?:meeting|call|demo|appointment)\b/i, "meeting"],
  [/\b(?:company|account)\b/i, "company"],
  [/\b(?:contact)\b/i, "contact"],
  [/\b(?:colleague|teammate|coworker)\b/i, "colleague"],
];

const CANDIDATES_MAX = 5;

/** Said to whoever gets one wrong: names are compared by words. */
export const RESOLVE_ENTITY_DESCRIPTION =
  "Finds who or what a name means among contacts, companies, deals, meetings and colleagues that " +
  "the person may see. match: one fits, use its id. ambiguous: ask which of the candidates. " +
  "not_found: say so, never guess.";

/**
 * Resolves a reference with one call of the database, as the caller; with a second one where a word of
 * the reference spoke of a kind and nothing of that kind was found.
 *
 * @param ctx The caller.
 * @param args The reference, and what it can be.
 * @throws {AppError} `organization_not_found` and the like.
 */
export async function resolveEntity(
  ctx: ActionContext,
  args: ResolveEntityArgs,
): Promise<EntityResolution> {
  const hinted = args.kinds ?? kindsOf(args.reference);
  let found = await findEntities(ctx, args.reference, hinted);
  // "Call Center Inc" is no call: a word that says the kind can be part of a name as well.
  if (found.total === 0 && args.kinds === undefined && hinted !== null) {
    found = await findEntities(ctx, args.reference, null);
  }
  const candidates = found.candidates.map((entity) => toCandidate(ctx, entity));
  const [first] = candidates;
  const outcome = found.total === 0 ? "not_found" : found.total === 1 ? "match" : "ambiguous";
  return {
    result: {
      outcome,
      match: outcome === "match" ? first ?? null : null,
      candidates,
      total: found.total,
    },
    evidence: evidenceRows(found.candidates.flatMap(mentionsOf)),
    hasForeignText: found.candidates.some(({ kind }) => kind === "meeting" || kind === "deal"),
  };
}

async function findEntities(
  ctx: ActionContext,
  reference: string,
  kinds: readonly EntityKind[] | null,
): Promise<z.infer<typeof FoundEntities>> {
  const { data, error } = await ctx.db.rpc("resolve_entity", {
    p_org_id: ctx.orgId,
    p_reference: reference,
    p_kinds: kinds === null ? null : [...kinds],
    p_now: ctx.clock.now().toISOString(),
    p_limit: CANDIDATES_MAX,
  });
  if (error) throw fromPostgrestError(error);
  return FoundEntities.parse(data);
}

/** A reference such as "the Acme deal" says itself what it is; null where it does not. */
function kindsOf(reference: string): EntityKind[] | null {
  const kinds = KIND_WORDS.flatMap(([words, kind]) => words.test(reference) ? [kind] : []);
  return kinds.length === 1 ? kinds : null;
}

function toCandidate(ctx: ActionContext, entity: FoundEntity): EntityCandidate {
  const source = entity.kind === "colleague"
    ? "members"
    : entity.table === "meetings" || entity.table === "calendar_events"
    ? entity.table
    : "crm";
  return {
    kind: entity.kind,
    id: entity.id,
    source,
    label: plainLine(entity.label),
    detail: describeDetail(ctx, entity),
    email: entity.email,
    why: reasonsOf(ctx, entity),
  };
}

function describeDetail(ctx: ActionContext, entity: FoundEntity): string | null {
  const parts = entity.kind === "meeting" && entity.at !== null
    ? [formatDay(dayOf(entity.at, ctx.person.timeZone), "short"), entity.detail]
    : [entity.detail];
  const text = parts.flatMap((part) => part ? [plainLine(part)] : []).join(", ");
  return text || null;
}

/** Only facts with a row behind them; titles of others' meetings are not repeated. */
function reasonsOf(ctx: ActionContext, entity: FoundEntity): string[] {
  const day = (at: string): string => formatDay(dayOf(at, ctx.person.timeZone), "short");
  return [
    ...(entity.is_exact ? ["has exactly this name"] : []),
    ...(entity.is_own && entity.kind !== "colleague" ? ["is yours"] : []),
    ...(entity.next_meeting ? [`you meet on ${day(entity.next_meeting.at)}`] : []),
    ...(entity.last_meeting ? [`last met on ${day(entity.last_meeting.at)}`] : []),
    ...(entity.open_deal && entity.kind !== "deal" ? ["has an open deal"] : []),
    ...(entity.open_deal && entity.kind === "deal" ? ["is open"] : []),
  ];
}

function mentionsOf(entity: FoundEntity): Mention[] {
  const own: Mention[] = entity.table === "profiles" ? [] : [[entity.table, entity.id]];
  return [
    ...own,
    ["meetings", entity.last_meeting?.id],
    ["calendar_events", entity.next_meeting?.id],
    ["deals", entity.open_deal?.id],
  ];
}
