// What somebody may read, table by table, through the data API and under their own rights.
import { z } from "zod";
import type { Actor } from "./rivals.ts";
import type { TestStack } from "./stack.ts";

/** Rows as the data API gives them. */
export const Rows = z.array(z.record(z.string(), z.unknown()));
/** One of them. */
export type Row = z.infer<typeof Rows>[number];

/** What the caller may read, table by table; with the columns where not all of them may be. */
const TABLES: Readonly<Record<string, string>> = {
  activities: "*",
  calendar_events: "*",
  companies: "*",
  contacts: "*",
  deal_stages: "*",
  deals: "*",
  email_bodies: "*",
  emails: "*",
  meeting_action_items: "*",
  meeting_attendees: "*",
  meeting_insights: "*",
  meetings: "*",
  org_knowledge: "*",
  recordings:
    "id,title,platform,status,outcome,outcome_reason,meeting_id,calendar_event_id,scheduled_start_at,scheduled_end_at,joined_at,ended_at,settled_at,transcript_status,s3_upload_status,created_at,updated_at",
  tasks: "*",
  transcript_segments: "*",
};

async function readAs(stack: TestStack, actor: Actor, path: string): Promise<Row[]> {
  const response = await fetch(`${stack.url}/rest/v1/${path}`, {
    headers: {
      apikey: stack.description.publishableKey,
      authorization: `Bearer ${actor.token}`,
    },
  });
  if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
  return Rows.parse(await response.json());
}

/**
 * Reads every row that somebody may read, with what it refers to inside it.
 *
 * @param stack The running stack.
 * @param actor Who reads.
 */
export async function readableRows(stack: TestStack, actor: Actor): Promise<Row[]> {
  const tables = await Promise.all(
    Object.entries(TABLES).map(([table, columns]) =>
      readAs(
        stack,
        actor,
        `${table}?select=${columns}&${table === "recordings" ? "" : `org_id=eq.${actor.orgId}`}`,
      )
    ),
  );
  const people = await readAs(
    stack,
    actor,
    "profiles?select=id,first_name,last_name,email,time_zone",
  );
  const rows = [...tables.flat(), ...people];
  const byId = new Map(
    rows.flatMap((row) => typeof row["id"] === "string" ? [[row["id"], row]] : []),
  );
  return rows.map((row) => {
    const parents = Object.entries(row).flatMap(([key, value]) => {
      const parent = key !== "id" && key.endsWith("_id") && typeof value === "string"
        ? byId.get(value)
        : undefined;
      return parent === undefined ? [] : [[`its_${key}`, parent]];
    });
    return { ...row, ...Object.fromEntries(parents) };
  });
}
