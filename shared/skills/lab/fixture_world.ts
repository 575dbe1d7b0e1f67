// A world without a database, to try documents out in (U60-016): look-ups answer from fixtures, checked
// by the same contracts as the real ones; proposals are made up and go nowhere.
import type { ActionContext, EvidenceRow } from "../../copilot/actions/action.ts";
import type { ProposeActionName, ReadActionName } from "../../copilot/actions/action_names.ts";
import { READ_ACTION_CATALOGUE } from "../../copilot/actions/catalogue.ts";
import { AppError } from "../../errors/app_error.ts";
import { MemoryWorkflowStore } from "../memory_workflow_store.ts";
import type { OrgKnowledge } from "../rules/rule.ts";
import type { ProposalRequest, SkillRunDeps } from "../run_deps.ts";
import { pendingOf, pretendProposal } from "./pretend_proposal.ts";

/** What a look-up answers: data of its contract; null where nothing is found. */
export type FixtureRead = (args: Readonly<Record<string, unknown>>) => unknown;

/** A world to try documents out in. */
export interface FixtureWorld {
  readonly now: string;
  readonly organizationName: string;
  readonly person: ActionContext["person"];
  readonly orgId: string;
  readonly reads: Readonly<Partial<Record<ReadActionName, FixtureRead>>>;
  readonly knowledge: OrgKnowledge | null;
}

/** What a run in such a world asked for: the trace that a lab shows. */
export interface FixtureTrace {
  readonly calls: {
    readonly name: ReadActionName | ProposeActionName;
    readonly args: unknown;
    readonly data: unknown;
  }[];
  readonly proposed: ProposalRequest[];
}

/**
 * Makes the surroundings of a run.
 *
 * @param world The fixtures.
 * @param store Where the run is kept; a new one in memory where this is missing.
 * @returns What `runSequence` takes, and the trace that it fills. A database there is none.
 */
export function openFixtureWorld(
  world: FixtureWorld,
  store = new MemoryWorkflowStore(() => new Date(world.now)),
): { deps: SkillRunDeps; trace: FixtureTrace } {
  const trace: FixtureTrace = { calls: [], proposed: [] };
  const deps: SkillRunDeps = {
    ctx: contextOf(world),
    store,
    readAction: (name, args) => {
      const data = answer(world, name, args);
      trace.calls.push({ name, args, data });
      return Promise.resolve({
        data,
        evidence: evidenceOf(name, data),
        count: 1,
        panel: null,
        text: "",
      });
    },
    prepareAction: (name, args) => {
      trace.calls.push({ name, args, data: null });
      return Promise.resolve(pretendProposal(name, args));
    },
    propose: (request) => {
      trace.proposed.push(request);
      return Promise.resolve(pendingOf(request, { orgId: world.orgId, now: world.now }));
    },
    readKnowledge: () => Promise.resolve(world.knowledge),
    askModel: null,
  };
  return { deps, trace };
}

/** Arguments and answers go through the contracts of the real look-up. */
function answer(world: FixtureWorld, name: ReadActionName, args: unknown): unknown {
  const action = READ_ACTION_CATALOGUE[name];
  const read = world.reads[name];
  if (action === undefined || read === undefined) throw new AppError("not_found");
  const parsed = action.args.safeParse(args);
  if (!parsed.success) throw new AppError("invalid_request", { cause: parsed.error });
  const data = read(parsed.data as Readonly<Record<string, unknown>>);
  if (data === null) throw new AppError("not_found");
  return action.result.parse(data);
}

function evidenceOf(name: ReadActionName, data: unknown): EvidenceRow[] {
  const text = JSON.stringify(data);
  const [first] = /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f-]{22}/.exec(text) ?? [];
  if (first === undefined) return [];
  return [{ table: name.includes("meeting") ? "meetings" : "deals", id: first }];
}

function contextOf(world: FixtureWorld): ActionContext {
  const unused = (): never => {
    throw new RangeError("There is no database in a world of fixtures");
  };
  const now = new Date(world.now);
  return {
    db: new Proxy({}, { get: unused }) as ActionContext["db"],
    userId: world.person.id,
    orgId: world.orgId,
    organizationName: world.organizationName,
    person: world.person,
    requestId: "fixture",
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    clock: { now: () => now },
    signal: new AbortController().signal,
    fetch: unused,
  };
}
