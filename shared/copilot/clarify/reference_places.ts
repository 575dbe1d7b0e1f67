// Where names may stand in the arguments of an action, and what takes their place.
import { z } from "zod";
import type { ActionName } from "../actions/action_names.ts";
import type { ClarificationReason } from "../panels/clarification.ts";
import type { EntityCandidate, EntityKind } from "../tools/resolve_entity.ts";

/** Arguments as they came, not checked yet. */
export const PlainArgs = z.record(z.string(), z.json());
/** See the schema of the same name. */
export type PlainArgs = z.infer<typeof PlainArgs>;

/** A name that stands where an id or an address belongs. */
export interface ReferencePlace {
  readonly name: string;
  readonly kinds: readonly [EntityKind, ...EntityKind[]];
  /** The arguments with the candidate in the name's place; null where it can't take it. */
  put(candidate: EntityCandidate): PlainArgs | null;
}

/** What is asked about by each kind. */
export const REFERENCE_REASONS: Readonly<Record<EntityKind, ClarificationReason>> = {
  contact: "person",
  colleague: "person",
  company: "company",
  deal: "deal",
  meeting: "meeting",
};

const IDS: ReadonlyArray<{
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

/** Lists of addresses. */
export const ADDRESS_LISTS = ["to", "cc", "attendees"] as const;

/** Where an action takes a planned meeting; elsewhere only recorded ones will do. */
export const EVENT_ARGUMENTS: Readonly<Partial<Record<ActionName, string>>> = {
  draft_email: "calendar_event_id",
  get_meeting_brief_data: "calendar_event_id",
  get_recording_status: "calendar_event_id",
  send_email: "meeting_id",
};

/**
 * Finds the first name.
 *
 * @param action Whose arguments they are.
 * @param args The arguments.
 * @returns Where it stands; null where there is none.
 */
export function nextReference(action: ActionName, args: PlainArgs): ReferencePlace | null {
  for (const reference of IDS) {
    const name = nameIn(args[reference.id] ?? args[reference.name], isId);
    if (name === null) continue;
    return {
      name,
      kinds: [reference.kind],
      put: (candidate) => putId(action, args, reference, candidate),
    };
  }
  for (const list of ADDRESS_LISTS) {
    const items = args[list];
    if (!Array.isArray(items)) continue;
    for (const [index, item] of items.entries()) {
      const name = nameIn(item, isAddress);
      if (name === null) continue;
      return {
        name,
        kinds: ["contact", "colleague"],
        put: ({ email }) => email === null ? null : { ...args, [list]: items.with(index, email) },
      };
    }
  }
  return null;
}

const EVENT = "calendar_event_id";

/**
 * Finds the first name among what a document is given.
 *
 * @param declared Inputs that the document takes; what has another name is not looked at.
 * @param inputs The inputs: `deal_id`, or `deal` where the document takes `deal_id` and no `deal`.
 * @returns Where it stands; null where there is none.
 */
export function nextInput(declared: ReadonlySet<string>, inputs: PlainArgs): ReferencePlace | null {
  for (const { name: short, id, kind } of IDS) {
    const keys = [id, ...(kind === "meeting" ? [EVENT] : [])];
    if (!keys.some((key) => declared.has(key))) continue;
    const places = [...keys, ...(declared.has(short) ? [] : [short])];
    const place = places.find((key) => nameIn(inputs[key], isId) !== null);
    const name = place === undefined ? null : nameIn(inputs[place], isId);
    if (name === null) continue;
    return {
      name,
      kinds: [kind],
      put: (candidate) => {
        const key = candidate.source === "calendar_events" ? EVENT : id;
        if (!declared.has(key)) return null;
        const rest = Object.entries(inputs).filter(([each]) => each !== place);
        return { ...Object.fromEntries(rest), [key]: candidate.id };
      },
    };
  }
  return null;
}

function putId(
  action: ActionName,
  args: PlainArgs,
  { name, id }: (typeof IDS)[number],
  candidate: EntityCandidate,
): PlainArgs | null {
  const key = candidate.source === "calendar_events" ? EVENT_ARGUMENTS[action] : id;
  if (key === undefined) return null;
  const { [name]: _name, [id]: _id, ...rest } = args;
  return { ...rest, [key]: candidate.id };
}

function nameIn(value: unknown, isResolved: (text: string) => boolean): string | null {
  if (typeof value !== "string" || value.trim() === "" || isResolved(value.trim())) return null;
  return value.trim().slice(0, 200);
}

function isId(text: string): boolean {
  return z.uuid().safeParse(text).success;
}

function isAddress(text: string): boolean {
  return text.includes("@");
}
