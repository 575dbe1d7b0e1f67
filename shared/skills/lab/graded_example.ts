// A graded example: what a document is given, and facts of its result that can be checked one by one.
// A grade is the share of them that hold; style is nobody's business here.
import type { Playbook } from "../../copilot/panels/playbook.ts";
import type { RunResult } from "../run_deps.ts";

/** One fact: a section has a finding with these words, perhaps of a tone, perhaps from a row. */
export interface Check {
  readonly section: string;
  readonly says: string;
  readonly tone?: "neutral" | "good" | "warning" | "risk";
  /** Id of a row that the finding must rest on. */
  readonly from?: string;
}

/** What one document is tried out with. */
export interface GradedExample {
  readonly key: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly panel: string;
  readonly title: string;
  readonly checks: readonly Check[];
  /** What it proposes, in order: kinds of effects. */
  readonly proposes: readonly string[];
  /** Words that must not stand anywhere in the result. */
  readonly never: readonly string[];
}

/** How an example went. */
export interface Grade {
  /** 0 to 1: the share of facts that hold. */
  readonly score: number;
  readonly failures: readonly string[];
}

/**
 * Grades a run.
 *
 * @param result What the run gave.
 * @param example What it should have given.
 */
export function gradeRun(result: RunResult, example: GradedExample): Grade {
  const panel = result.panel as Playbook;
  const proposed = panel.proposed.map(({ kind }) => kind);
  const facts: (readonly [string, boolean])[] = [
    [`panel is ${example.panel}, not ${panel.type}`, panel.type === example.panel],
    [`title is "${example.title}", not "${panel.title}"`, panel.title === example.title],
    [
      `proposes ${example.proposes.join(", ") || "nothing"}, not ${proposed.join(", ")}`,
      JSON.stringify(proposed) === JSON.stringify(example.proposes),
    ],
    ...example.checks.map((check) => [describeCheck(check), holds(panel, check)] as const),
    ...example.never.map((words) =>
      [`never says "${words}"`, !result.text.includes(words)] as const
    ),
  ];
  const failures = facts.filter(([, isTrue]) => !isTrue).map(([name]) => name);
  return { score: (facts.length - failures.length) / facts.length, failures };
}

function holds(panel: Playbook, { section, says, tone, from }: Check): boolean {
  const items = panel.sections.find(({ id }) => id === section)?.items ?? [];
  return items.some((item) =>
    (item.text.includes(says) || Boolean(item.detail?.includes(says))) &&
    (tone === undefined || item.tone === tone) &&
    (from === undefined || item.evidence.some(({ id }) => id === from))
  );
}

function describeCheck({ section, says, tone, from }: Check): string {
  const as = tone === undefined ? "" : ` as ${tone}`;
  return `${section} says "${says}"${as}${from === undefined ? "" : ` from ${from}`}`;
}
