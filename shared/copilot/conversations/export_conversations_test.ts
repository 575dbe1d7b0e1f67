// Unit tests of exports: pages by their cursors, and refusals that say when to come back.
import { deepStrictEqual, rejects } from "node:assert/strict";
import fc from "fast-check";
import { userContext } from "../../../tests/support/rpc_context.ts";
import { AppError } from "../../errors/app_error.ts";
import { exportConversations } from "./export_conversations.ts";

const ID = "00000000-0000-4000-8000-00000000000a";
const PAGE = { export_id: ID, exported_at: "2026-11-22T10:00:00+00:00", conversations: [] };

Deno.test("exportConversations() asks for the page that its cursor names", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uuid(), fc.nat({ max: 2_147_483_647 }), async (after, seq) => {
      const asked: Record<string, unknown>[] = [];
      const ctx = userContext((_name, args) => {
        asked.push(args);
        return { ...PAGE, next: { conversation_id: after, seq } };
      });
      const { next_cursor: cursor } = await exportConversations(ctx, {});
      await exportConversations(ctx, { cursor: cursor ?? "" });
      deepStrictEqual(asked, [
        { p_org_id: null, p_export_id: null, p_after_conversation: null, p_after_seq: null },
        { p_org_id: null, p_export_id: ID, p_after_conversation: after, p_after_seq: seq },
      ]);
    }),
    { numRuns: 30 },
  );
});

Deno.test("exportConversations() refuses a cursor that is none, without asking", async () => {
  const ctx = userContext(() => {
    throw new Error("asked");
  });
  for (const cursor of ["", "nonsense", btoa("{}"), btoa(JSON.stringify({ id: ID, after: "x" }))]) {
    await rejects(exportConversations(ctx, { cursor }), { code: "invalid_request" });
  }
});

Deno.test("U60-164 exportConversations() says when to come back", async () => {
  const refused = (details: string | null) =>
    userContext(() =>
      Response.json({ code: "PT429", message: "export_limit_reached", details, hint: null }, {
        status: 429,
      })
    );
  await rejects(exportConversations(refused("2900"), {}), (error: unknown) => {
    deepStrictEqual(
      error instanceof AppError && [error.code, error.status, error.retryAfterSeconds],
      ["export_limit_reached", 429, 2900],
    );
    return true;
  });
  await rejects(exportConversations(refused(null), {}), { retryAfterSeconds: undefined });
});
