// Prints what was measured: a table for people, one JSON object a row for programs.
import type { BenchRow } from "./harness.ts";

/** Renders the rows as a Markdown table. */
export function toMarkdown(rows: readonly BenchRow[]): string {
  const header = "| measured | held against | ours | theirs | ours p99 | ratio | goal | holds |\n" +
    "|---|---|---:|---:|---:|---:|---:|---|";
  const lines = rows.map((row) =>
    `| ${row.name} | ${row.against} | ${milliseconds(row.oursMs)} | ${
      milliseconds(row.theirsMs)
    } | ${milliseconds(row.oursP99Ms)} | ${row.ratio.toFixed(2)} | ${row.goal} | ${
      row.holds ? "yes" : "**no**"
    } |`
  );
  return [header, ...lines].join("\n");
}

/** Renders the rows as JSON lines: name, ratio, goal, holds and the figures behind them. */
export function toJsonLines(rows: readonly BenchRow[]): string {
  return rows.map((row) => JSON.stringify(row)).join("\n");
}

function milliseconds(value: number): string {
  return value < 1 ? `${(value * 1000).toFixed(0)} µs` : `${value.toFixed(2)} ms`;
}
