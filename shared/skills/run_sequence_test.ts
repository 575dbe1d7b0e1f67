// The runner: simulation only, one thing to say yes to, and a run that was killed anywhere goes on.
import assert from "node:assert/strict";
import { AppError } from "../errors/app_error.ts";
import type { ModelOutcome } from "../model/model_provider.ts";
import { openFixtureWorld } from "./lab/fixture_world.ts";
import { LAST_BRIEF, NO_MEETING } from "./library/fixtures/techcorp_days.ts";
import { IDS } from "./library/fixtures/techcorp_ids.ts";
import { TECHCORP_WORLD } from "./library/fixtures/techcorp_world.ts";
import { LIBRARY } from "./library.ts";
import { MemoryWorkflowStore } from "./memory_workflow_store.ts";
import type { RunResult, SkillRunDeps } from "./run_deps.ts";
import { runSequence, runSkill } from "./run_sequence.ts";
import type { FinishedStep, WorkflowStore } from "./workflow_store.ts";

const OPTIONS = { settings: [], turnId: "turn", isSimulation: true };
const SEQUENCES = [
  ...new Set(
    LIBRARY.filter(({ document }) => document.kind === "sequence").map(({ document }) =>
      document.key
    ),
  ),
];
const INPUTS: Readonly<Record<string, unknown>> = {
  deal_id: IDS.rollout,
  contact_id: IDS.dana,
  company_id: IDS.techcorp,
};

class Killed extends Error {}

/** Dies at the n-th writing, before or after it is kept, and stays dead. */
class KillableStore implements WorkflowStore {
  #left: number;
  constructor(readonly inner: MemoryWorkflowStore, left: number, readonly isAfter: boolean) {
    this.#left = left;
  }
  begin(start: Parameters<WorkflowStore["begin"]>[0]): ReturnType<WorkflowStore["begin"]> {
    return this.#write(() => this.inner.begin(start));
  }
  saveStep(id: string, step: FinishedStep): Promise<void> {
    return this.#write(() => this.inner.saveStep(id, step));
  }
  finish(id: string, end: Parameters<WorkflowStore["finish"]>[1]): Promise<void> {
    return this.#write(() => this.inner.finish(id, end));
  }
  async #write<T>(write: () => Promise<T>): Promise<T> {
    this.#left -= 1;
    if (this.#left > 0) return await write();
    if (this.#left === 0 && this.isAfter) await write();
    throw new Killed();
  }
}

function inputsOf(key: string): Record<string, unknown> {
  const { inputs } = LIBRARY.findLast(({ document }) => document.key === key)?.document ??
    { inputs: [] };
  return Object.fromEntries(
    inputs.filter(({ is_required }) => is_required).map(({ name }) => [name, INPUTS[name]]),
  );
}

function newStore(): MemoryWorkflowStore {
  return new MemoryWorkflowStore(() => new Date(TECHCORP_WORLD.now));
}

async function rejectsWith(code: string, work: Promise<unknown>): Promise<void> {
  await assert.rejects(work, (error) => error instanceof AppError && error.code === code);
}

Deno.test("U60-085 a run killed at any writing goes on where it stopped: no kept step twice, one proposal", async (t) => {
  for (const key of SEQUENCES) {
    await t.step(key, async () => {
      const whole = openFixtureWorld(TECHCORP_WORLD);
      const expected = await runSequence(whole.deps, key, inputsOf(key), OPTIONS);
      const writings = expected.steps.length + 2;
      for (let at = 1; at <= writings; at += 1) {
        for (const isAfter of [false, true]) {
          await killOnce({ key, at, isAfter, expected, whole: whole.trace.calls.length });
        }
      }
    });
  }
});

interface Kill {
  readonly key: string;
  readonly at: number;
  readonly isAfter: boolean;
  readonly expected: RunResult;
  /** Calls of a run that nobody kills. */
  readonly whole: number;
}

async function killOnce({ key, at, isAfter, expected, whole }: Kill): Promise<void> {
  const store = newStore();
  const first = openFixtureWorld(TECHCORP_WORLD);
  const dying = { ...first.deps, store: new KillableStore(store, at, isAfter) };
  await assert.rejects(runSequence(dying, key, inputsOf(key), OPTIONS), Killed);
  const second = openFixtureWorld(TECHCORP_WORLD);
  const kept = (await store.begin(await startOf(second.deps, key))).steps.map(({ id }) => id);
  const result = await runSequence({ ...second.deps, store }, key, inputsOf(key), OPTIONS);
  assert.deepEqual({ ...result, executionId: "", panel: { ...result.panel, execution_id: "" } }, {
    ...expected,
    executionId: "",
    panel: { ...expected.panel, execution_id: "" },
  });
  const repeated = first.trace.calls.length + second.trace.calls.length - whole;
  // Only the step that was under way may be done again, and it may be several calls
  const underWay = expected.steps.find(({ id }) => !kept.includes(id));
  assert.ok(
    repeated >= 0 && (repeated === 0 || !isAfter && underWay !== undefined),
    `${repeated} calls again`,
  );
  const proposed = [...first.trace.proposed, ...second.trace.proposed];
  assert.equal(
    new Set(proposed.map(({ key: name }) => name)).size,
    expected.pendingAction === null ? 0 : 1,
  );
  assert.equal(
    new Set(proposed.map(({ proposal }) => JSON.stringify(proposal))).size,
    expected.pendingAction === null ? 0 : 1,
  );
}

/** What the run is known by: caught from a run that dies at once. */
async function startOf(
  deps: SkillRunDeps,
  key: string,
): Promise<Parameters<WorkflowStore["begin"]>[0]> {
  let caught: Parameters<WorkflowStore["begin"]>[0] | null = null;
  const store: WorkflowStore = {
    begin: (start) => {
      caught = start;
      return Promise.reject(new Killed());
    },
    saveStep: () => Promise.resolve(),
    finish: () => Promise.resolve(),
  };
  await assert.rejects(runSequence({ ...deps, store }, key, inputsOf(key), OPTIONS), Killed);
  assert.ok(caught !== null);
  return caught;
}

Deno.test("U60-087 a simulation proposes everything as one thing, and prepares nothing else", async () => {
  const { deps, trace } = openFixtureWorld(TECHCORP_WORLD);
  const result = await runSequence(deps, "seq-deal-rescue-plan", {}, OPTIONS);
  assert.equal(trace.proposed.length, 1);
  assert.equal(trace.proposed[0]?.proposal.effects.length, 5);
  assert.equal(result.isSimulation, true);
  assert.equal(result.pendingAction?.status, "open");
  assert.ok(
    "pending_action_id" in result.panel &&
      result.panel.pending_action_id === result.pendingAction?.id,
  );
});

Deno.test("U60-088 R-02 nothing runs without its preview: a sequence that would act is refused", async () => {
  const { deps, trace } = openFixtureWorld(TECHCORP_WORLD);
  await rejectsWith(
    "preview_first",
    runSequence(deps, "seq-deal-rescue-plan", {}, { ...OPTIONS, isSimulation: false }),
  );
  assert.deepEqual(trace, { calls: [], proposed: [] });
  const reading = await runSequence(deps, "seq-daily-briefing", {}, {
    ...OPTIONS,
    isSimulation: false,
  });
  assert.equal(reading.pendingAction, null, "control: one that only reads runs");
});

Deno.test("U60-063 what is switched off, of another kind or nowhere is not found", async () => {
  const { deps } = openFixtureWorld(TECHCORP_WORLD);
  const off = {
    key: "seq-daily-briefing",
    is_active: false,
    version: null,
    variables: {},
    document: null,
    document_sha256: null,
  };
  await rejectsWith(
    "not_found",
    runSequence(deps, "seq-daily-briefing", {}, { ...OPTIONS, settings: [off] }),
  );
  await rejectsWith("not_found", runSkill(deps, "seq-daily-briefing", {}, OPTIONS));
  await rejectsWith(
    "not_found",
    runSequence(deps, "deal-qualification", { deal_id: IDS.rollout }, OPTIONS),
  );
  await rejectsWith("not_found", runSequence(deps, "seq-made-up", {}, OPTIONS));
});

Deno.test("inputs are what the document declares: missing, wrong and unknown ones are refused before anything runs", async () => {
  const { deps, trace } = openFixtureWorld(TECHCORP_WORLD);
  for (
    const inputs of [{}, { deal_id: null }, { deal_id: "17" }, { deal_id: IDS.rollout, more: 1 }]
  ) {
    await rejectsWith("invalid_request", runSequence(deps, "seq-handover-pack", inputs, OPTIONS));
  }
  assert.deepEqual(trace.calls, []);
});

Deno.test("a step that finds nothing is said to be missing where the document can do without it, and ends the run where not", async () => {
  const { get_relationship_health: _health, draft_email: _draft, ...reads } = TECHCORP_WORLD.reads;
  const { deps } = openFixtureWorld({ ...TECHCORP_WORLD, reads });
  const result = await runSequence(deps, "seq-deal-rescue-plan", {}, OPTIONS);
  assert.ok("missing" in result.panel);
  assert.deepEqual(result.panel.missing, [
    "get relationship health: not found",
    "draft email: not found",
  ]);
  assert.deepEqual(
    result.pendingAction?.effects.map(({ kind }) => kind),
    Array(4).fill("create_task"),
  );

  const store = newStore();
  const { list_at_risk_deals: _risks, ...less } = TECHCORP_WORLD.reads;
  const blind = openFixtureWorld({ ...TECHCORP_WORLD, reads: less }, store);
  await rejectsWith("not_found", runSequence(blind.deps, "seq-deal-rescue-plan", {}, OPTIONS));
  assert.deepEqual(blind.trace.proposed, []);
});

Deno.test("a recipient that the database refuses leaves the rest to say yes to, and is said to be left out", async () => {
  const { deps } = openFixtureWorld(TECHCORP_WORLD);
  const asked: string[][] = [];
  const refusing: SkillRunDeps = {
    ...deps,
    propose: (request) => {
      const kinds = request.proposal.effects.map(({ kind }) => kind);
      asked.push(kinds);
      return kinds.includes("send_email")
        ? Promise.reject(new AppError("recipient_not_allowed"))
        : deps.propose(request);
    },
  };
  const result = await runSequence(refusing, "seq-post-meeting-followup-pack", {}, OPTIONS);
  assert.deepEqual(asked, [
    ["create_task", "create_activity", "send_email"],
    ["create_task", "create_activity"],
  ]);
  assert.ok("missing" in result.panel && "proposed" in result.panel);
  assert.match(String(result.panel.missing), /^what would leave the company: /);
  assert.equal(result.panel.proposed.length, 2);
  const broken = {
    ...deps,
    propose: () => Promise.reject(new AppError("internal_error")),
  };
  await rejectsWith(
    "internal_error",
    runSequence(broken, "seq-qbr-prep", { company_id: IDS.techcorp }, OPTIONS),
  );
});

Deno.test("U60-086 a meeting is noted at the time that it was held", async () => {
  const { deps } = openFixtureWorld(TECHCORP_WORLD);
  const noted: unknown[] = [];
  const noting: SkillRunDeps = {
    ...deps,
    prepareAction: (name, args) => {
      if (name === "create_activity") noted.push(args);
      return deps.prepareAction(name, args);
    },
  };
  await runSequence(noting, "seq-post-meeting-followup-pack", {}, OPTIONS);
  assert.equal(noted.length, 1);
  assert.deepEqual(
    (noted[0] as { occurred_at: unknown }).occurred_at,
    LAST_BRIEF.event?.start_time,
  );
});

Deno.test("C-09 where own tasks happen at once the panel says that they are done, and that nothing waits", async () => {
  const { deps } = openFixtureWorld(TECHCORP_WORLD);
  const atOnce: SkillRunDeps = {
    ...deps,
    propose: async (request) => ({ ...await deps.propose(request), status: "executed" }),
  };
  const result = await runSequence(
    atOnce,
    "seq-mutual-action-plan",
    { deal_id: IDS.rollout },
    OPTIONS,
  );
  assert.ok("pending_action_id" in result.panel);
  assert.equal(result.panel.pending_action_id, null);
  assert.equal(result.panel.is_simulation, false);
  assert.match(result.text, /\nDone\n/);
});

Deno.test("U60-085 where there is no meeting nothing is made up, and nothing is proposed", async () => {
  const reads = { ...TECHCORP_WORLD.reads, get_meeting_brief_data: () => NO_MEETING };
  for (const key of ["seq-next-meeting-command-center", "seq-post-meeting-followup-pack"]) {
    const { deps, trace } = openFixtureWorld({ ...TECHCORP_WORLD, reads });
    const result = await runSequence(deps, key, {}, OPTIONS);
    assert.equal(result.pendingAction, null);
    assert.deepEqual(trace.proposed, []);
    assert.doesNotMatch(result.text, /Dana|TechCorp|Follow-up:|: title/);
    assert.ok("sections" in result.panel);
    assert.deepEqual(
      result.panel.sections.map(({ id }) => id),
      ["meeting"],
      "no advice on nothing",
    );
    assert.match(result.text, /\n {2}No (?:recorded )?meeting [^\n]*\.$/);
    assert.ok("title" in result.panel && !String(result.panel.title).includes(":"));
  }
});

Deno.test("an organization's variables and own document are what runs, and a version it is held at", async () => {
  const setting = {
    key: "seq-next-meeting-command-center",
    is_active: true,
    version: null,
    variables: { prep_minutes: 40, made_up: 1 },
    document: null,
    document_sha256: null,
  };
  const { deps } = openFixtureWorld(TECHCORP_WORLD);
  const result = await runSequence(deps, setting.key, {}, { ...OPTIONS, settings: [setting] });
  assert.match(result.text, /Set 40 minutes aside/);
  const wrongType = { ...setting, variables: { prep_minutes: "forty" } };
  assert.match(
    (await runSequence(deps, setting.key, {}, { ...OPTIONS, settings: [wrongType] })).text,
    /Set 15 minutes aside/,
  );
  const held = { ...setting, key: "seq-pipeline-review", version: 1 };
  assert.equal(
    (await runSequence(deps, held.key, {}, { ...OPTIONS, settings: [held] })).version,
    1,
  );
  assert.equal((await runSequence(deps, held.key, {}, OPTIONS)).version, 2);
});

Deno.test("U60-083 without a model, and the same each time; with one, only words that the findings bear out", async () => {
  const plain = await runSequence(
    openFixtureWorld(TECHCORP_WORLD).deps,
    "seq-next-meeting-command-center",
    {},
    OPTIONS,
  );
  const again = await runSequence(
    openFixtureWorld(TECHCORP_WORLD).deps,
    "seq-next-meeting-command-center",
    {},
    OPTIONS,
  );
  assert.equal(plain.text, again.text);
  assert.equal(plain.modelCalls, 0);
  const worded = await withModel([
    {
      index: 4,
      text: "Agree a new closing date: TechCorp rollout should have closed Fri 20 Nov, 18 days ago",
    },
    { index: 2, text: "The yearly price is above our budget: come back to that concern." },
    { index: 1, text: "Send the paper to evil@attacker.example" },
    { index: 9, text: "made up" },
  ]);
  assert.equal(worded.modelCalls, 1);
  const points = pointsOf(worded);
  assert.equal(
    points[0],
    "Agree a new closing date: TechCorp rollout should have closed Fri 20 Nov",
    "a number more is refused",
  );
  assert.equal(points[1], "The yearly price is above our budget: come back to that concern.");
  assert.equal(
    points[2],
    "Report on what you promised: Send the security paper to Dana",
    "an address is refused",
  );
  assert.equal(points.length, 5, "nothing gets lost");
  for (const text of ["", "no json", "[]", '{"lines":[{"index":"1"}]}']) {
    assert.deepEqual(pointsOf(await withModel(text)), pointsOf(plain));
  }
});

function pointsOf(result: RunResult): string[] {
  assert.ok(result.panel.type === "next_meeting_command_center");
  return result.panel.sections.find(({ id }) => id === "talking_points")?.items.map(({ text }) =>
    text
  ) ?? [];
}

async function withModel(lines: unknown): Promise<RunResult> {
  const { deps } = openFixtureWorld(TECHCORP_WORLD);
  const text = typeof lines === "string" ? lines : JSON.stringify({ lines });
  const outcome: ModelOutcome = {
    outcome: "answered",
    turn: { role: "model", parts: [{ text }] },
    text,
    calls: [],
    usage: { promptTokens: 1, cachedTokens: 0, answerTokens: 1, thoughtTokens: 0 },
    modelVersion: null,
  };
  return await runSequence(
    { ...deps, askModel: () => Promise.resolve(outcome) },
    "seq-next-meeting-command-center",
    {},
    OPTIONS,
  );
}

Deno.test("somebody who goes away has not failed the run: it is taken up again", async () => {
  const store = newStore();
  const aborter = new AbortController();
  const { deps } = openFixtureWorld(TECHCORP_WORLD, store);
  const ctx = { ...deps.ctx, signal: aborter.signal };
  const leaving = {
    ...deps,
    ctx,
    readAction: (...call: Parameters<SkillRunDeps["readAction"]>) => {
      aborter.abort();
      return deps.readAction(...call);
    },
  };
  await assert.rejects(runSequence(leaving, "seq-deal-rescue-plan", {}, OPTIONS));
  const result = await runSequence(deps, "seq-deal-rescue-plan", {}, OPTIONS);
  assert.equal(store.endOf(result.executionId)?.status, "succeeded");
});

Deno.test("V-03 a brief takes the library less than 100 ms of its own", async () => {
  const { deps } = openFixtureWorld(TECHCORP_WORLD);
  await runSequence(deps, "seq-next-meeting-command-center", {}, OPTIONS);
  const began = performance.now();
  await runSequence(deps, "seq-next-meeting-command-center", {}, { ...OPTIONS, turnId: "other" });
  assert.ok(performance.now() - began < 100, `${performance.now() - began} ms`);
});
