// Reads the plans that really ran, those inside functions too, and finds what does not scale: reading
// a table from end to end, reading by the wrong index and throwing most away, sorting more than a page.
import type pg from "pg";

/** The part of PostgreSQL's JSON plans that the lint looks at. */
interface PlanNode {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Actual Rows"?: number;
  readonly "Actual Loops"?: number;
  readonly "Rows Removed by Filter"?: number;
  readonly Plans?: readonly PlanNode[];
}

/** Rows that may be read or sorted without an index in a hot query. */
export const MAX_UNINDEXED_ROWS = 1000;

/** Turns a connection into one that reports every plan it runs, as the superuser it belongs to. */
export async function reportPlans(client: pg.Client): Promise<string[]> {
  const notices: string[] = [];
  client.on("notice", ({ message }) => {
    if (message?.includes("plan:") === true) notices.push(message);
  });
  await client.query("load 'auto_explain'");
  for (
    const [name, value] of [
      ["log_min_duration", "0"],
      ["log_analyze", "on"],
      ["log_timing", "off"],
      ["log_nested_statements", "on"],
      ["log_format", "json"],
      ["log_level", "notice"],
    ]
  ) {
    await client.query(`set auto_explain.${name} = '${value}'`);
  }
  return notices;
}

/** What is wrong with the plans reported since the last call; empties the list. */
export function takeFindings(notices: string[]): string[] {
  return notices.splice(0).flatMap((notice) => {
    const { Plan, "Query Text": query } = JSON.parse(notice.slice(notice.indexOf("{")));
    return findingsIn(Plan).map((finding) => `${finding} in: ${String(query).slice(0, 200)}`);
  });
}

function findingsIn(node: PlanNode): string[] {
  const loops = node["Actual Loops"] ?? 1;
  const below = node.Plans ?? [];
  const findings = below.flatMap(findingsIn);
  if (node["Node Type"] === "Seq Scan") {
    const read = ((node["Actual Rows"] ?? 0) + (node["Rows Removed by Filter"] ?? 0)) * loops;
    if (read > MAX_UNINDEXED_ROWS) {
      findings.push(`sequential scan of ${read} rows of ${node["Relation Name"]}`);
    }
  }
  const removed = (node["Rows Removed by Filter"] ?? 0) * loops;
  if (node["Node Type"] !== "Seq Scan" && removed > MAX_UNINDEXED_ROWS) {
    findings.push(`${node["Node Type"]} that throws ${removed} rows away`);
  }
  if (node["Node Type"] === "Sort" || node["Node Type"] === "Incremental Sort") {
    const sorted = below.reduce((sum, child) => sum + (child["Actual Rows"] ?? 0), 0) * loops;
    if (sorted > MAX_UNINDEXED_ROWS) findings.push(`sort of ${sorted} rows`);
  }
  return findings;
}
