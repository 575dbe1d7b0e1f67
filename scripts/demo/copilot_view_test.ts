import { match, ok, strictEqual } from "node:assert/strict";
import type { ToolExecution } from "../../shared/copilot/contract.ts";
import { PANELS } from "../../shared/copilot/panels/catalogue.ts";
import { frame, renderStep } from "./copilot_view.ts";

const STEP: ToolExecution = {
  id: "00000000-0000-4000-8000-000000000001",
  tool: "execute_action",
  action: "list_tasks",
  label: "Looking up your tasks",
  args: {},
  status: "running",
  started_at: "2026-11-22T10:00:00.000Z",
  finished_at: null,
  duration_ms: null,
  result_count: null,
  evidence: [],
  error_code: null,
};

Deno.test("renderStep() shows a step that runs, one that found something and one that failed", () => {
  strictEqual(renderStep(STEP), "  ◌ Looking up your tasks …");
  const done = { ...STEP, status: "succeeded" as const, duration_ms: 12, result_count: 3 };
  strictEqual(renderStep(done), "  ✓ Looking up your tasks (list_tasks, 3 found, 12 ms)");
  const failed = { ...STEP, status: "failed" as const, error_code: "not_found" };
  match(renderStep(failed), /✗ .*not_found/);
});

Deno.test("frame() keeps every line of every panel within the terminal, and loses no word", () => {
  for (const [type, panel] of Object.entries(PANELS)) {
    const text = panel.describe(panel.example);
    const lines = frame(type, text);
    for (const line of lines) ok(line.length <= 92, line);
    const words = (part: string): string => part.replaceAll(/[\s│]+/g, "");
    strictEqual(words(lines.slice(1, -1).join("")), words(text), type);
  }
});
