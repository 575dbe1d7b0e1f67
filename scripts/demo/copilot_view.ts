// An answer of the copilot as a terminal shows it: the working story, what is said, the panel as text,
// and what waits for a yes.

import type { ChatAnswer, ToolExecution } from "../../shared/copilot/contract.ts";
import { PANELS } from "../../shared/copilot/panels/catalogue.ts";

const WIDTH = 92;

/** Writes a step that has begun or ended. */
export function renderStep(step: ToolExecution): string {
  if (step.status === "running") return `  ◌ ${step.label} …`;
  const mark = step.status === "succeeded" ? "✓" : "✗";
  const facts = [
    step.action ?? step.tool,
    ...(step.result_count === null ? [] : [`${step.result_count} found`]),
    ...(step.evidence.length === 0 ? [] : [`${step.evidence.length} rows`]),
    ...(step.duration_ms === null ? [] : [`${step.duration_ms} ms`]),
    ...(step.error_code === null ? [] : [step.error_code]),
  ];
  return `  ${mark} ${step.label} (${facts.join(", ")})`;
}

/**
 * Writes what an answer has beside its text.
 *
 * @param answer The answer.
 * @returns The panel in a frame, unless the text says the same; what waits; and how it was decided.
 */
export function renderRest(answer: ChatAnswer): string {
  const { structuredResponse: panel, pending_action: pending, routing } = answer;
  const lines: string[] = [];
  if (panel !== null) {
    const text = PANELS[panel.type].describe(panel);
    if (!answer.text.includes(text)) lines.push(...frame(`${panel.type} v${panel.version}`, text));
  }
  if (pending?.status === "open") {
    const minutes = Math.round(
      (Date.parse(pending.expires_at) - Date.parse(pending.created_at)) / 60_000,
    );
    lines.push(
      `  ⏸ Waits for your yes for ${minutes} minutes: ${pending.summary}`,
      `    exactly these bytes: SHA-256 ${pending.payload_sha256.slice(0, 16)}…`,
    );
  }
  const calls = routing.model_calls === 1 ? "1 model call" : `${routing.model_calls} model calls`;
  const how = [
    routing.intent,
    ...(routing.skill_key === null || routing.skill_key === routing.intent
      ? []
      : [routing.skill_key]),
    `decided by ${routing.decided_by}`,
    calls,
    ...(answer.notice === null ? [] : [answer.notice]),
  ];
  lines.push(`  · ${how.join(" · ")}`);
  return lines.join("\n");
}

/** Puts a frame round text; long lines are wrapped at words. */
export function frame(title: string, text: string): string[] {
  const top = `  ┌─ ${title} `;
  return [
    top + "─".repeat(Math.max(0, WIDTH - top.length)),
    ...text.split("\n").flatMap((line) => wrap(line, WIDTH - 6)).map((line) => `  │ ${line}`),
    `  └${"─".repeat(WIDTH - 3)}`,
  ];
}

function wrap(line: string, width: number): string[] {
  const indent = /^\s*(?:[•-] )?/.exec(line)?.[0].length ?? 0;
  const lines: string[] = [];
  let rest = line;
  while (rest.length > width) {
    const cut = rest.lastIndexOf(" ", width);
    const at = cut > indent ? cut : width;
    lines.push(rest.slice(0, at));
    rest = " ".repeat(indent) + rest.slice(at).trimStart();
  }
  return [...lines, rest];
}
