// Rows that an answer rests on, gathered while it is made.
import type { EvidenceRow } from "./action.ts";

/** A place in the evidence: its table, and an id that may be missing. */
export type Mention = readonly [EvidenceRow["table"], string | null | undefined];

/**
 * Gathers evidence.
 *
 * @param mentions Tables and ids in the order in which they are used; missing ids are left out.
 * @returns Each row once.
 */
export function evidenceRows(mentions: Iterable<Mention>): EvidenceRow[] {
  const rows = new Map<string, EvidenceRow>();
  for (const [table, id] of mentions) {
    if (id) rows.set(`${table} ${id}`, { table, id });
  }
  return [...rows.values()];
}
