// Makes a new proposal of an open one: worked out again from its effect with what the person changed, in
// place of the old one. The old one can't be confirmed any more, and a yes to it is none to this.
import { z } from "zod";
import { AppError, fromPostgrestError } from "../../errors/app_error.ts";
import { canonicalize } from "../../model/canonical_json.ts";
import type { RequestContext } from "../../platform/request_context.ts";
import { sha256Hex } from "../../platform/sha256.ts";
import type { ActionContext, EvidenceRow } from "../actions/action.ts";
import { EVIDENCE_TABLES } from "../actions/action.ts";
import { PROPOSE_ACTION_CATALOGUE } from "../actions/propose/catalogue.ts";
import type { EditInput } from "./edit_input.ts";
import { Effect } from "./effect.ts";
import { proposeAction } from "./propose_action.ts";
import { PendingAction } from "./proposal.ts";

const StoredAction = z.object({
  action: PendingAction,
  effects: z.array(Effect),
  owner: z.object({
    user_id: z.uuid(),
    first_name: z.string().nullable(),
    last_name: z.string().nullable(),
    email: z.string().nullable(),
    time_zone: z.string(),
    organization_name: z.string(),
  }),
});
type StoredAction = z.infer<typeof StoredAction>;

/**
 * Edits an open action.
 *
 * @param ctx Its owner.
 * @param id The action.
 * @param input What is to be otherwise.
 * @returns The action that takes its place; the same edit twice is one.
 * @throws {AppError} `not_found`, `action_not_open`, `invalid_action_arguments`, and what proposing
 *   throws.
 */
export async function editAction(
  ctx: RequestContext,
  id: string,
  { effect: position, changes }: EditInput,
): Promise<PendingAction> {
  const stored = await readStored(ctx, id);
  const { action, effects } = stored;
  const effect = effects[position];
  if (effect === undefined) throw new AppError("invalid_request");
  const proposer = PROPOSE_ACTION_CATALOGUE[effect.kind];
  const args = checkArgs(proposer.args, { ...argsOf(effect), ...changes });
  const edited = await proposer.prepare(asActionContext(ctx, stored), args);
  const key = JSON.stringify(canonicalize([position, changes]));
  return await proposeAction(ctx, {
    turnId: action.turn_id,
    key: `edit:${id}:${(await sha256Hex(key)).slice(0, 32)}`,
    summary: null,
    proposal: {
      effects: effects.toSpliced(position, 1, ...edited.effects),
      previews: action.effects.toSpliced(position, 1, ...edited.previews),
      evidence: [...evidenceOf(action), ...edited.evidence],
    },
    isTainted: action.is_tainted,
    replaces: id,
  });
}

async function readStored(
  ctx: RequestContext,
  id: string,
): Promise<StoredAction> {
  const { data, error } = await ctx.db.rpc("read_pending_action", { p_id: id });
  if (error) throw fromPostgrestError(error);
  return StoredAction.parse(data);
}

function asActionContext(
  ctx: RequestContext,
  { action, owner }: StoredAction,
): ActionContext {
  const names = [owner.first_name, owner.last_name].filter((name) => name !== null);
  const { db, userId, requestId, log, clock, signal, fetch } = ctx;
  return {
    ...{ db, userId, requestId, log, clock, signal, fetch },
    orgId: action.org_id,
    organizationName: owner.organization_name,
    person: {
      id: owner.user_id,
      firstName: owner.first_name,
      fullName: names.join(" ") || null,
      email: owner.email,
      timeZone: owner.time_zone,
    },
  };
}

function evidenceOf({ evidence }: PendingAction): EvidenceRow[] {
  return evidence.flatMap(({ table, id }) => {
    const known = EVIDENCE_TABLES.find((name) => name === table);
    return known === undefined ? [] : [{ table: known, id }];
  });
}

/** The arguments by which an effect's own action would make it. */
function argsOf(effect: Effect): Record<string, unknown> {
  switch (effect.kind) {
    case "update_task": {
      return { task_id: effect.task_id, ...effect.changes };
    }
    case "update_contact": {
      return { contact_id: effect.contact_id, ...effect.changes };
    }
    case "update_deal_stage": {
      const { deal_id, stage_id, lost_reason } = effect;
      return { deal_id, stage: stage_id, lost_reason };
    }
    case "send_email": {
      const { kind: _, raw: _raw, message_id: _id, references: _references, ...args } = effect;
      return args;
    }
    case "post_slack_message": {
      return { channel: effect.channel_id, text: effect.text };
    }
    case "schedule_meeting": {
      const { kind: _, event_id: _id, time_zone: _zone, ...args } = effect;
      return args;
    }
    default: {
      const { kind: _, ...args } = effect;
      return args;
    }
  }
}

function checkArgs(schema: z.ZodType, args: unknown): unknown {
  const parsed = schema.safeParse(args);
  if (parsed.success) return parsed.data;
  throw new AppError("invalid_action_arguments", {
    issues: parsed.error.issues.slice(0, 10).map((issue) => ({
      path: ["changes", ...issue.path.map(String)].join("."),
      code: issue.code,
      message: issue.message.slice(0, 200),
    })),
  });
}
