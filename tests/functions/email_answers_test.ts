// An answer to an email joins its thread: what leaves names the message that it answers, as Gmail asks
// for, and its owner was shown which thread that is.
import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { PROPOSE_ACTION_CATALOGUE } from "@shared/copilot/actions/propose/catalogue.ts";
import type { Effect } from "@shared/copilot/proposals/effect.ts";
import type { PendingAction, Proposal } from "@shared/copilot/proposals/proposal.ts";
import { proposeAction } from "@shared/copilot/proposals/propose_action.ts";
import { z } from "zod";
import { actionContext } from "../support/action_context.ts";
import { EffectDesk } from "../support/confirmed_effects.ts";
import { callAs, createRivals, eventually } from "../support/rivals.ts";
import { testStack } from "../support/stack.ts";

const SUBJECT = "Nächste Schritte";
const Received = z.object({ thread_id: z.string(), message_id: z.string() });
const Sent = z.object({
  gmail: z.object({
    sent: z.array(z.object({ client_message_id: z.string().nullable(), thread_id: z.string() })),
  }),
});

const stack = await testStack();
const { rep, colleague } = await createRivals(stack);
await EffectDesk.open(stack, rep);
const ctx = actionContext(stack, rep, { now: new Date().toISOString() });
const turnId = crypto.randomUUID();
const { error } = await ctx.db.rpc("begin_copilot_turn", {
  p_org_id: rep.orgId,
  p_conversation_id: crypto.randomUUID(),
  p_turn_id: turnId,
  p_message: "Please answer dana@acme.example",
  p_worker: "test",
});
if (error) throw error;

/** An email of the person's at the simulated Gmail, and as the database knows it. */
async function givenThread({ hasMessageId }: { readonly hasMessageId: boolean }) {
  const came = Received.parse(
    await stack.controlProviders({
      provider: "gmail",
      action: "receive",
      email: rep.email,
      from: "dana@acme.example",
      // As its sender wrote it, which is not as we write it
      subject: "=?UTF-8?Q?N=C3=A4chste_?= =?UTF-8?Q?Schritte?=",
    }),
  );
  await store(rep.userId, came.thread_id, hasMessageId ? came.message_id : null);
  return came;
}

async function store(userId: string, threadId: string, messageId: string | null) {
  await stack.sql(
    `insert into public.emails (org_id, user_id, external_id, thread_id, message_id, direction, subject, from_email, sent_at)
     values ($1, $2, gen_random_uuid()::text, $3, $4, 'inbound', $5, 'dana@acme.example', now())`,
    [rep.orgId, userId, threadId, messageId, SUBJECT],
  );
}

async function answer(threadId: string): Promise<Proposal> {
  const { args, prepare } = PROPOSE_ACTION_CATALOGUE.send_email;
  return await prepare(
    ctx,
    args.parse({
      to: ["dana@acme.example"],
      subject: `Re: ${SUBJECT}`,
      body: "Yes.",
      thread_id: threadId,
    }),
  );
}

async function propose(proposal: Proposal): Promise<PendingAction> {
  const key = crypto.randomUUID();
  return await proposeAction(ctx, {
    ...{ turnId, key, summary: null, proposal, isTainted: true, replaces: null },
  });
}

/** The thread in which it ended up, once it has left. */
async function threadOf(proposal: Proposal): Promise<string> {
  const { id, payload_sha256 } = await propose(proposal);
  const { status } = await callAs(stack, rep, `api-copilot/pending-actions/${id}/confirm`, {
    payload_sha256,
  });
  strictEqual(status, 200);
  let threadId: string | undefined;
  await eventually("it has left", async () => {
    const response = await fetch(`${stack.description.providersUrl}/_control/state`);
    const { gmail } = Sent.parse(await response.json());
    threadId = gmail.sent.find(({ client_message_id: sent }) =>
      sent === emailOf(proposal).message_id
    )?.thread_id;
    return threadId !== undefined;
  });
  return threadId ?? "";
}

function emailOf({ effects: [effect] }: Proposal): Extract<Effect, { kind: "send_email" }> {
  if (effect?.kind !== "send_email") throw new Error("no email");
  return effect;
}

Deno.test("U60-088 an answer leaves with the headers that join it to the thread that was shown", async () => {
  const { thread_id: threadId, message_id: messageId } = await givenThread({ hasMessageId: true });
  const proposal = await answer(threadId);
  deepStrictEqual(emailOf(proposal).references, [messageId]);
  deepStrictEqual(
    proposal.previews[0]?.fields.find(({ name }) => name === "Thread")?.value,
    SUBJECT,
  );
  strictEqual(await threadOf(proposal), threadId);
});

Deno.test("control: of a message whose id is not known it becomes a thread of its own", async () => {
  const { thread_id: threadId } = await givenThread({ hasMessageId: false });
  const proposal = await answer(threadId);
  deepStrictEqual(emailOf(proposal).references, []);
  ok(await threadOf(proposal) !== threadId);
});

Deno.test("V-09 a colleague's thread is not answered, nor one that is not shown", async () => {
  await stack.sql("update public.org_settings set enable_email_sharing = true where org_id = $1", [
    rep.orgId,
  ]);
  await store(colleague.userId, "colleagues-thread", "<theirs@acme.example>");
  await rejects(answer("colleagues-thread"), { code: "not_found" });
  await rejects(answer("no-thread"), { code: "not_found" });
  const { thread_id: threadId } = await givenThread({ hasMessageId: true });
  const proposal = await answer(threadId);
  const hidden = proposal.previews.map((preview) => ({
    ...preview,
    fields: preview.fields.filter(({ name }) => name !== "Thread"),
  }));
  await rejects(propose({ ...proposal, previews: hidden }), { code: "conflict" });
});
