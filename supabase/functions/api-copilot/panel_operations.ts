// Operations about what answers show: the panels' contracts, and what a click does.
import { z } from "zod";
import { ClickableAction } from "@shared/copilot/clickable_action.ts";
import { resolveAction, ResolveActionInput } from "@shared/copilot/resolve_action.ts";
import type { Api } from "../_shared/http/create_api.ts";

/** A panel as it is published. */
const PublishedPanel = z.strictObject({
  type: z.string(),
  version: z.int().positive(),
  summary: z.string(),
  schema: z.record(z.string(), z.unknown()).describe(
    "JSON Schema, draft 2020-12.",
  ),
  example: z.record(z.string(), z.unknown()),
});

/**
 * Adds the operations.
 *
 * @param api The api.
 */
export function addPanelOperations(api: Api): void {
  api.operation({
    operation: "copilot.list_panels",
    method: "get",
    path: "/panels",
    summary: "Lists every structured response there is, with a JSON schema and an example each.",
    response: z.array(PublishedPanel),
  }, async () => {
    // Loaded when somebody asks: no answer needs it
    const { publishPanels } = await import(
      "@shared/copilot/panels/publish_panels.ts"
    );
    return { data: publishPanels() };
  });

  api.operation(
    {
      operation: "copilot.resolve_action",
      method: "post",
      path: "/actions",
      summary:
        "Says what a click does now, also for actions of older answers; 404 when it is gone.",
      body: ResolveActionInput,
      response: ClickableAction,
      errors: ["not_found"],
    },
    async (ctx, { body }) => ({ data: await resolveAction(ctx, body.action) }),
  );
}
