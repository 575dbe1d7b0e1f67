// Operations about what waits for a yes. Only its owner sees, confirms, edits, cancels and takes back;
// a yes names the hash of what was shown, and brings nothing else.
import { z } from "zod";
import {
  cancelAction,
  confirmAction,
  listActions,
  readAction,
  undoAction,
} from "@shared/copilot/proposals/decide_action.ts";
import { EditInput } from "@shared/copilot/proposals/edit_input.ts";
import { ActionOutcome, ActionState } from "@shared/copilot/proposals/outcome.ts";
import { PendingAction } from "@shared/copilot/proposals/proposal.ts";
import type { Api } from "../_shared/http/create_api.ts";

const ActionPath = z.strictObject({ actionId: z.uuid() });
const ActionsQuery = z.strictObject({ conversation_id: z.uuid() });

const ConfirmInput = z.strictObject({
  payload_sha256: z.string().regex(/^[0-9a-f]{64}$/)
    .describe(
      "Of the preview that the person saw; a yes to anything else is none.",
    ),
}).describe("A yes to exactly what was shown.");

/**
 * Adds the operations.
 *
 * @param api The api.
 */
export function addActionOperations(api: Api): void {
  addReading(api);
  addDeciding(api);
  addEditing(api);
}

function addReading(api: Api): void {
  api.operation(
    {
      operation: "copilot.list_pending_actions",
      method: "get",
      path: "/pending-actions",
      summary: "Lists the last fifty proposals of a conversation of the caller's; logged.",
      query: ActionsQuery,
      response: z.array(PendingAction),
      errors: ["not_found"],
    },
    async (ctx, { query }) => ({
      data: await listActions(ctx, query.conversation_id),
    }),
  );

  api.operation(
    {
      operation: "copilot.read_pending_action",
      method: "get",
      path: "/pending-actions/:actionId",
      summary: "Reads a proposal of the caller's and what became of each effect; logged.",
      params: ActionPath,
      response: ActionState,
      errors: ["not_found"],
    },
    async (ctx, { params }) => ({
      data: await readAction(ctx, params.actionId),
    }),
  );
}

function addDeciding(api: Api): void {
  api.operation({
    operation: "copilot.confirm_pending_action",
    method: "post",
    path: "/pending-actions/:actionId/confirm",
    summary:
      "Executes exactly what was previewed, once. Late, doubled and outdated confirmations do nothing and say so.",
    params: ActionPath,
    body: ConfirmInput,
    response: ActionOutcome,
    errors: ["not_found"],
  }, async (ctx, { params, body }) => ({
    data: await confirmAction(ctx, { id: params.actionId, ...body }),
  }));

  api.operation(
    {
      operation: "copilot.cancel_pending_action",
      method: "post",
      path: "/pending-actions/:actionId/cancel",
      summary: "Ends an open proposal for good.",
      params: ActionPath,
      response: ActionOutcome,
      errors: ["not_found"],
    },
    async (ctx, { params }) => ({
      data: await cancelAction(ctx, params.actionId),
    }),
  );

  api.operation(
    {
      operation: "copilot.undo_action",
      method: "post",
      path: "/pending-actions/:actionId/undo",
      summary:
        "Takes back what an action changed: within a day, all or nothing, and only where nobody changed it since.",
      params: ActionPath,
      response: ActionOutcome,
      errors: ["not_found"],
    },
    async (ctx, { params }) => ({
      data: await undoAction(ctx, params.actionId),
    }),
  );
}

function addEditing(api: Api): void {
  api.operation({
    operation: "copilot.edit_pending_action",
    method: "post",
    path: "/pending-actions/:actionId/edit",
    summary:
      "Makes a new preview in place of an open one; the old one can't be confirmed any more.",
    params: ActionPath,
    body: EditInput,
    response: PendingAction,
    errors: [
      "not_found",
      "action_not_open",
      "invalid_action_arguments",
      "recipient_not_allowed",
      "email_not_connected",
      "slack_not_connected",
      "calendar_not_connected",
      "forbidden",
    ],
  }, async (ctx, { params, body }) => {
    // Whoever never edits needn't load what works every kind of action out
    const { editAction } = await import(
      "@shared/copilot/proposals/edit_action.ts"
    );
    return { data: await editAction(ctx, params.actionId, body) };
  });
}
