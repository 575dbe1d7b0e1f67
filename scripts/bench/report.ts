// Prints what was measured: a table for people, one JSON object a row for programs, and the document
// that is kept.
import type { BenchRow } from "./harness.ts";
import type { Machine } from "./machine.ts";

/** The circumstances of one run. */
export interface Run {
  readonly machine: Machine;
  readonly date: string;
  readonly minutes: number;
  /** Load average of one minute before and after; more than the cores means that others ran. */
  readonly loadBefore: number;
  readonly loadAfter: number;
}

/** Renders the rows as a Markdown table. */
export function toMarkdown(rows: readonly BenchRow[]): string {
  const header = "| measured | held against | ours | theirs | ours p99 | ratio | goal | holds |\n" +
    "|---|---|---:|---:|---:|---:|---:|---|";
  const lines = rows.map((row) =>
    `| ${row.name} | ${row.against} | ${figure(row, row.oursMs)} | ${figure(row, row.theirsMs)} | ${
      figure(row, row.oursP99Ms)
    } | ${row.ratio.toFixed(2)} | ${row.goal} | ${verdict(row)} |`
  );
  return [header, ...lines].join("\n");
}

/** Renders one row as JSON: name, ratio, goal, holds and the figures behind them. */
export function toJsonLine(row: BenchRow): string {
  return JSON.stringify(row);
}

/** Renders docs/benchmarks.md. */
export function toDocument(rows: readonly BenchRow[], run: Run): string {
  const { machine } = run;
  const missed = rows.filter(({ holds }) => !holds).length;
  const bound = rows.filter(({ goal }) => goal !== "stated").length;
  return `# Benchmarks

Taken on ${run.date} by \`deno task bench --write\`, in ${
    run.minutes.toFixed(0)
  } minutes, on: ${machine.cpu},
${machine.cores} cores, ${machine.memoryGib} GiB, ${machine.system}, Deno ${machine.deno}, embedded PostgreSQL 17 with full
durability. Load average ${run.loadBefore.toFixed(1)} before and ${
    run.loadAfter.toFixed(1)
  } after; the measuring itself keeps about one core busy.

**${bound - missed} of ${bound} goals hold.**

How to read it: ours and theirs take turns within one run, each first as often as the other, and the
ratio is that of their medians. Absolute times depend on the machine and on its neighbours; compare
ratios. "Rate" goals (≥) are the other way round: how much of the other's rate ours reaches. A row
whose goal says "stated" has no bound and is there to be known.

- **rls, data API**: a client's request over HTTP through gateway and REST room, as a signed-in member,
  against the same request in a role that no policy binds, with the filter written by hand. One
  million deals in 1,000 organizations, the large one with 100,000; ten members take turns, and every
  answer was first compared with the other side's.
- **rls, driver**: the same queries without HTTP, in the data API's envelope (begin, settings, query,
  commit) over one connection. There is nothing here but the database, so what the policies look up
  once per statement (session, membership, settings) weighs most.
- **rls flat**: the member's own time in the table of a million rows against one of ten thousand.
- **rest**: the REST room's one round trip against its own statement-by-statement transport.
- **frame**: \`createApi\` in production settings against a bare router, same process, same client.
- **webhook**: 2 kB bodies, through webhook function, gateway and REST room, to disk; the bare handler
  checks nothing. A resent event is compared where it differs, in the database; what both sides'
  HTTP layers make of it is stated.
- **queue**: batches of 100 by four callers over the driver: claim and tick off, against updating and
  deleting the same rows of the same table with their ids known and the best plan forced. "An empty
  outbox" is a second server whose outbox holds nothing else.
- **scheduler**: a million calendar events in 1,000 organizations, one in a hundred due; the bare insert
  writes the very rows that planning wrote (recordings, jobs, their keys, timeline), with the same
  triggers and foreign keys. The loop runs beside the database, so no network counts against it.
- **search**: the checked function against SQL that checks nothing, both answering a page of 20 with
  meetings and marked passages, among a million segments.
- **upload**: the function's own code, in a process of its own, from a server that makes up bytes to one
  that forgets them, with its queue in the database; against a pipe that a careful person would write
  by hand: same servers, same 5 MiB parts, same two buffers and signed calls, but no checksums, no
  queue, nothing that survives a kill. CPU is that of the whole process, memory its highest.
- **copilot**: the whole function over HTTP in one process with its caller, the data API and a model of
  a fixed pace; the model called directly by the same client sets the pace that ours is held against.
  "First words" are a whole sentence, which is what the guard lets through. Model calls are what the
  simulator counts; what it asks for is its own, how often it has to is ours.
- **boot**: from the start of the process to the first answer; modules count our own files, packages
  what they import, lazily loaded ones included.

${toMarkdown(rows)}
`;
}

function verdict({ holds, goal }: BenchRow): string {
  if (goal === "stated") return "–";
  return holds ? "yes" : "**no**";
}

function figure({ unit }: BenchRow, value: number): string {
  if (unit === undefined || Number.isNaN(value)) return milliseconds(value);
  return `${value < 10 ? value.toFixed(2) : value.toFixed(0)} ${unit}`;
}

function milliseconds(value: number): string {
  if (Number.isNaN(value)) return "–";
  return value < 1 ? `${(value * 1000).toFixed(0)} µs` : `${value.toFixed(2)} ms`;
}
