// reconcile-recordings on a running stack: bots whose webhooks never came, an answer that got lost, and
// a recording that is deleted while its bot is still in the meeting.
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { z } from "zod";
import { sendBot } from "../support/recorded_bot.ts";
import { createRivals, eventually } from "../support/rivals.ts";
import { testStack } from "../support/stack.ts";
import { givenStoredRecording, openTestStorage } from "../support/stored_recording.ts";

const stack = await testStack();
const { rep } = await createRivals(stack);

const KEY = { "x-meeting-baas-api-key": "sim-meetingbaas-key" };
const Created = z.object({ data: z.object({ bot_id: z.string() }) });
const Bot = z.object({
  data: z.object({
    status: z.string(),
    artifacts_deleted: z.boolean(),
    video: z.string().nullable(),
  }),
});

const baas = (order: Record<string, unknown>): Promise<unknown> =>
  stack.controlProviders({ provider: "meeting_baas", ...order });
const url = (path: string): string =>
  `${stack.description.providersUrl}/meeting-baas/v2/bots${path}`;

/** A bot of ours that has ended, and whose webhooks came while nobody knew of it: they are gone. */
async function endedUnheard(): Promise<{ id: string; botId: string }> {
  const id = crypto.randomUUID();
  const response = await fetch(url(""), {
    method: "POST",
    headers: { ...KEY, "content-type": "application/json" },
    body: JSON.stringify({
      bot_name: "Notetaker",
      meeting_url: `https://meet.google.com/lost-${id.slice(0, 8)}`,
      transcription_enabled: true,
      extra: { recording_id: id },
    }),
  });
  const { data } = Created.parse(await response.json());
  await baas({ action: "finish", bot_id: data.bot_id });
  await baas({ action: "settle" });
  // All of them have been taken for another installation's
  await eventually("its webhooks have been dealt with", async () => {
    const [inbox] = await stack.sql(
      `select count(*)::int as all, count(*) filter (where state = 'processed')::int as done
       from private.webhook_events where provider = 'meetingbaas' and payload::text like '%' || $1 || '%'`,
      [data.bot_id],
    );
    return Number(inbox?.["all"]) > 0 && inbox?.["all"] === inbox?.["done"];
  });
  return { id, botId: data.bot_id };
}

async function givenRecording(id: string, status: string, botId: string | null): Promise<void> {
  await stack.sql(
    `insert into public.recordings (org_id, id, owner_user_id, storage_user_id, meeting_key, title,
       meeting_url, platform, scheduled_start_at, scheduled_end_at, status, bot_id, deploy_attempts)
     values ($1, $2, $3, $3, $4, 'Unheard of', 'https://meet.google.com/abc-defg-hij', 'meet',
       now() - interval '2 hours', now() - interval '1 hour', $5, $6, 1)`,
    [rep.orgId, id, rep.userId, `test:${id}`, status, botId],
  );
}

async function stateOf(id: string): Promise<Record<string, unknown>> {
  const [row] = await stack.sql(
    `select r.status, r.failure_code, r.bot_id, r.outcome, r.s3_upload_status, r.meeting_id,
       (select string_agg(e.code, ' ' order by e.occurred_at, e.id) from public.recording_events as e
        where e.recording_id = r.id and e.kind = 'reconcile') as events
     from public.recordings as r where r.id = $1`,
    [id],
  );
  return row ?? {};
}

async function reconcile(what: string, isSo: () => Promise<boolean>): Promise<void> {
  let tries = 0;
  await eventually(what, async () => {
    if (tries++ % 10 === 0) await stack.sql("select private.call_function('reconcile-recordings')");
    return await isSo();
  }, 40_000);
}

Deno.test("U60-108 a bot whose webhooks never came is asked for, and nothing of it is lost", async () => {
  const { id, botId } = await endedUnheard();
  await givenRecording(id, "recording", botId);
  await reconcile("it is completed", async () => (await stateOf(id))["status"] === "completed");
  await eventually(
    "its timeline says so",
    async () => (await stateOf(id))["events"] === "bot_moved",
  );
  const state = await stateOf(id);
  ok(state["meeting_id"] !== null, "U60-131 it has its meeting");
  const sources = await stack.sql(
    "select kind from private.recording_sources where recording_id = $1 order by kind",
    [id],
  );
  ok(sources.some(({ kind }) => kind === "video"), "U60-108 and its addresses");
  await eventually("U60-121 its files are stored", async () => {
    await stack.sql("select private.call_function('poll-s3-upload-queue')");
    return (await stateOf(id))["s3_upload_status"] === "complete";
  }, 60_000);
});

Deno.test("U60-105 a bot whose creation was never answered is found by our own id", async () => {
  const { id, botId } = await endedUnheard();
  await givenRecording(id, "deploying", null);
  await reconcile("it has its bot", async () => (await stateOf(id))["bot_id"] === botId);
  await reconcile("it is completed", async () => (await stateOf(id))["status"] === "completed");
  const bots = await fetch(url(`?extra=recording_id:${id}`), { headers: KEY });
  strictEqual((await bots.json()).data.length, 1, "and no second one was sent");
});

Deno.test("a bot that the provider does not know explains the silence", async () => {
  const id = crypto.randomUUID();
  await givenRecording(id, "waiting_room", crypto.randomUUID());
  await reconcile("it has an end", async () => (await stateOf(id))["outcome"] !== null);
  const { status, failure_code, outcome } = await stateOf(id);
  deepStrictEqual([status, failure_code, outcome], ["failed", "bot_not_found", "failed"]);
});

Deno.test("a planned bot that nobody sent, and whose meeting is over, has an end with a reason", async () => {
  const id = crypto.randomUUID();
  await givenRecording(id, "scheduled", null);
  // Triggers rest, so that the row is as old as it says
  await stack.sql(
    `do $$ begin
       set local session_replication_role = replica;
       update public.recordings set deploy_attempts = 0, updated_at = now() - interval '10 minutes' where id = '${id}';
     end $$`,
  );
  await reconcile("it has an end", async () => (await stateOf(id))["outcome"] !== null);
  const { failure_code, events } = await stateOf(id);
  deepStrictEqual([failure_code, events], ["too_late", "bot_given_up"]);
});

Deno.test("of sweeps at once one takes a part up, and only once", async () => {
  const { id } = await givenStoredRecording(stack, rep);
  // Triggers rest, so that the row is as old as it says
  await stack.sql(
    `do $$ begin
       set local session_replication_role = replica;
       update public.recordings set thumbnail_status = 'pending', outcome = null, settled_at = null,
         updated_at = now() - interval '10 minutes' where id = '${id}';
     end $$`,
  );
  const first = stack.sql(
    "do $$ begin perform private.sweep_recordings(3, 500); perform pg_sleep(1); end $$",
  );
  await new Promise((resolve) => setTimeout(resolve, 400));
  const [second] = await stack.sql("select private.sweep_recordings(3, 500) -> 'counts' as counts");
  deepStrictEqual(second?.["counts"], { sweeps_skipped: 1 });
  await first;
  await reconcile("it has its picture", async () => (await stateOf(id))["outcome"] === "complete");
  strictEqual((await stateOf(id))["events"], "thumbnail_restarted");
});

Deno.test("deleted while its bot is in the meeting: the bot leaves, and the provider forgets", async () => {
  const bot = await sendBot(stack, rep);
  const prefix = `meeting-recordings/${rep.orgId}/${rep.userId}/${bot.id}/`;
  const storage = openTestStorage(stack);
  const part = { key: `${prefix}video.mp4`, contentType: "video/mp4", mark: "test" };
  await storage.createMultipart(part);
  await storage.putObject({ ...part, key: `${prefix}audio.flac`, bytes: new Uint8Array(10) });
  const response = await stack.callFunction(`recordings/${bot.id}`, {
    method: "DELETE",
    headers: { authorization: `Bearer ${rep.token}` },
  });
  strictEqual(response.status, 200, await response.text());

  await reconcile("the bot was told to leave", async () => {
    const { status } = await readBot(bot.botId);
    return status === "failed" || status === "completed";
  });
  await eventually("objects and open uploads are gone before the bot is", async () => {
    const { uploads } = await storage.listMultiparts(prefix, null);
    return uploads.length === 0 && (await storage.measurePrefix(prefix)).objects === 0;
  });
  await eventually("the provider keeps nothing", async () => {
    // The worker waits a minute for the bot; the test does not
    await stack.sql(
      `update private.jobs set run_at = now() where kind = 'recording.erase' and state = 'ready'
       and payload ->> 'recording_id' = $1`,
      [bot.id],
    );
    await stack.sql("select private.call_function('reconcile-recordings')");
    return (await readBot(bot.botId)).artifacts_deleted;
  }, 40_000);
  await eventually(
    "it is written down",
    async () => (await stateOf(bot.id))["events"] === "erased",
  );
  const jobs = await stack.sql(
    "select state from private.jobs where kind = 'recording.erase' and payload ->> 'recording_id' = $1",
    [bot.id],
  );
  deepStrictEqual(jobs, []);
});

Deno.test("deleted while it is being copied: not a byte of it stays in the store", async () => {
  const { id, botId } = await endedUnheard();
  const { video } = await readBot(botId);
  const artifact = new URL(video ?? "").pathname.slice("/artifacts/".length);
  await stack.controlProviders({
    provider: "artifacts",
    action: "fault",
    do: "throttle",
    bytes_per_second: 3_000_000,
    id: artifact,
    count: 20,
  });
  await givenRecording(id, "recording", botId);
  const prefix = `meeting-recordings/${rep.orgId}/${rep.userId}/${id}/`;
  const storage = openTestStorage(stack);
  await reconcile("some of it is there", async () => {
    const [upload] = await stack.sql(
      "select parts_done from private.recording_uploads where recording_id = $1 and kind = 'video'",
      [id],
    );
    return Number(upload?.["parts_done"] ?? 0) > 0 &&
      (await stateOf(id))["s3_upload_status"] === "uploading";
  });
  const response = await stack.callFunction(`recordings/${id}`, {
    method: "DELETE",
    headers: { authorization: `Bearer ${rep.token}` },
  });
  strictEqual(response.status, 200, await response.text());
  await eventually("the worker has let go and all of it is erased", async () => {
    // The erasing job waits for the end of the worker's lease; the test does not
    await stack.sql(
      "update private.recording_uploads set leased_until = now() where recording_id = $1",
      [id],
    );
    await stack.sql(
      `update private.jobs set run_at = now() where kind = 'recording.erase' and state = 'ready'
       and payload ->> 'recording_id' = $1`,
      [id],
    );
    await stack.sql("select private.call_function('reconcile-recordings')");
    return String((await stateOf(id))["events"]).includes("erased");
  }, 60_000);
  // Longer than the rest of the file would have taken
  await new Promise((resolve) => setTimeout(resolve, 9_000));
  strictEqual((await storage.measurePrefix(prefix)).objects, 0);
  deepStrictEqual((await storage.listMultiparts(prefix, null)).uploads, []);
});

async function readBot(botId: string): Promise<z.infer<typeof Bot>["data"]> {
  const response = await fetch(url(`/${botId}`), { headers: KEY });
  return Bot.parse(await response.json()).data;
}
