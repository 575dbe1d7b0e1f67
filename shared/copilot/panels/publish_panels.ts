// The panels as they are published: a JSON schema and an example each (U60-071).
import { z } from "zod";
import { PANELS } from "./catalogue.ts";

/** One panel for those who draw it. */
export interface PublishedPanel {
  readonly type: string;
  readonly version: number;
  readonly summary: string;
  /** JSON Schema, draft 2020-12. */
  readonly schema: Record<string, unknown>;
  readonly example: Record<string, unknown>;
}

/** Every panel there is, by type. */
export function publishPanels(): PublishedPanel[] {
  return Object.values(PANELS).map(({ type, version, summary, schema, example }) => ({
    type: String(type),
    version: Number(version),
    summary,
    schema: plain(z.toJSONSchema(schema, { io: "output", unrepresentable: "any" })),
    example: plain(example),
  })).sort((a, b) => a.type < b.type ? -1 : 1);
}

/** Through text, to leave behind what is not JSON. */
function plain(value: object): Record<string, unknown> {
  return JSON.parse(JSON.stringify(value));
}
