// generate-s3-video-thumbnail on a running stack: a stored video gets one picture, whatever the
// thumbnail function does meanwhile.
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { createRivals, eventually } from "../support/rivals.ts";
import { testStack } from "../support/stack.ts";
import { givenStoredRecording, type StoredRecording } from "../support/stored_recording.ts";

const stack = await testStack();
const { rep } = await createRivals(stack);

interface Call {
  readonly video: string;
  readonly expiresSeconds: number | null;
  readonly status: number;
}

const lambda = (order: Record<string, unknown>): Promise<unknown> =>
  stack.controlProviders({ provider: "thumbnail_lambda", ...order });

/** A recording whose picture is wanted, as when the last byte of its video was stored. */
/** @param place How its place ends; there is a video at the one that is stored, and only there. */
async function wanted(place = ""): Promise<StoredRecording> {
  const recording = await givenStoredRecording(stack, rep);
  await stack.sql(
    `update public.recordings
     set thumbnail_status = null, outcome = null, settled_at = null, s3_video_url = s3_video_url || $2
     where id = $1`,
    [recording.id, place],
  );
  await stack.sql("select private.sync_recording($1, $2)", [recording.orgId, recording.id]);
  return recording;
}

async function stateOf({ id }: StoredRecording): Promise<Record<string, unknown>> {
  const [row] = await stack.sql(
    `select r.thumbnail_status, r.thumbnail_error, r.thumbnail_s3_location, r.outcome, r.outcome_reason, m.thumbnail_url
     from public.recordings as r join public.meetings as m on m.id = r.meeting_id where r.id = $1`,
    [id],
  );
  return row ?? {};
}

async function callsFor({ prefix }: StoredRecording): Promise<Call[]> {
  const answer = await fetch(`${stack.description.providersUrl}/_control/state`);
  const state = await answer.json() as { thumbnail_lambda: { calls: Call[] } };
  return state.thumbnail_lambda.calls.filter(({ video }) => video.includes(prefix));
}

async function settled(recording: StoredRecording): Promise<Record<string, unknown>> {
  await eventually("its picture is made or given up", async () => {
    // What failed for now waits some seconds; the test does not
    await stack.sql(
      `update private.jobs set run_at = now() where state = 'ready' and kind = 'recording.thumbnail'
       and payload ->> 'recording_id' = $1`,
      [recording.id],
    );
    await stack.sql("select private.call_function('generate-s3-video-thumbnail')");
    return (await stateOf(recording))["outcome"] !== null;
  }, 40_000);
  return await stateOf(recording);
}

Deno.test("U60-126 U60-127 U60-129 a stored video gets one picture, from an address of 900 seconds", async () => {
  const recording = await wanted();
  const state = await settled(recording);
  strictEqual(state["thumbnail_status"], "complete");
  strictEqual(state["outcome"], "complete");
  strictEqual((await fetch(String(state["thumbnail_url"]))).status, 200);
  const calls = await callsFor(recording);
  deepStrictEqual(calls.map(({ status, expiresSeconds }) => [status, expiresSeconds]), [[
    200,
    900,
  ]]);
  await (await fetch(String(state["thumbnail_url"]))).body?.cancel();

  // Both paths call it, and the worker comes again
  for (let time = 0; time < 3; time++) {
    await stack.sql("select private.sync_recording($1, $2)", [recording.orgId, recording.id]);
    await stack.sql("select private.call_function('generate-s3-video-thumbnail')");
  }
  await stack.advanceClock("PT2M");
  strictEqual((await callsFor(recording)).length, 1);
});

Deno.test("U60-128 a failing function and a lost answer are tried again; one picture is stored", async () => {
  const recording = await wanted();
  await lambda({ action: "fail_call", status: 503, count: 1 });
  await lambda({ action: "lose_answer", count: 1 });
  const state = await settled(recording);
  strictEqual(state["thumbnail_status"], "complete");
  const rows = await stack.sql(
    "select code from public.recording_events where recording_id = $1 and kind = 'thumbnail' and code = 'stored'",
    [recording.id],
  );
  strictEqual(rows.length, 1);
});

Deno.test("U60-128 what the function refuses ends the recording as partial, with the reason", async () => {
  const recording = await wanted(".none");
  const state = await settled(recording);
  deepStrictEqual(
    [state["thumbnail_status"], state["outcome"], state["outcome_reason"], state["thumbnail_url"]],
    ["failed", "partial", "thumbnail_rejected", null],
  );
  const [job] = await stack.sql(
    "select state, last_error from private.jobs where kind = 'recording.thumbnail' and payload ->> 'recording_id' = $1",
    [recording.id],
  );
  deepStrictEqual(job, { state: "dead", last_error: "thumbnail_rejected" });
});

Deno.test("U60-128 an answer that is none is not believed, and after five of them it is over", async () => {
  const recording = await wanted();
  await lambda({ action: "answer", body: { http_url: "javascript:alert(1)", s3_location: "x" } });
  try {
    const state = await settled(recording);
    deepStrictEqual(
      [state["thumbnail_status"], state["outcome_reason"], state["thumbnail_url"]],
      ["failed", "thumbnail_malformed_answer", null],
    );
  } finally {
    await lambda({ action: "answer" });
  }
  ok((await callsFor(recording)).length >= 5);
});

Deno.test("C-06 U60-126 upload and transcript that end at once ask for one picture, and one is stored", async () => {
  const recording = await givenStoredRecording(stack, rep);
  await stack.sql(
    `with forgotten as (update public.meetings set video_url = null where id = $2)
     update public.recordings set thumbnail_status = null, outcome = null, settled_at = null where id = $1`,
    [recording.id, recording.meetingId],
  );
  // No worker comes: the calls below stand for them
  const sync = () =>
    stack.sql(
      `do $$ begin
         perform private.sync_recording('${recording.orgId}', '${recording.id}');
         update private.jobs set run_at = now() + interval '1 hour'
         where kind = 'recording.thumbnail' and payload ->> 'recording_id' = '${recording.id}';
       end $$`,
    );
  await Promise.all(Array.from({ length: 8 }, sync));
  const [asked] = await stack.sql(
    `select count(*)::int as jobs from private.jobs
     where kind = 'recording.thumbnail' and payload ->> 'recording_id' = $1`,
    [recording.id],
  );
  const stored = await Promise.all(
    Array.from({ length: 8 }, (_, n) =>
      stack.service().rpc("store_thumbnail", {
        p_org_id: recording.orgId,
        p_recording_id: recording.id,
        p_url: `https://pictures.test/${n}.png`,
        p_s3_location: `s3://pictures/${n}.png`,
      })),
  );
  strictEqual(stored.filter(({ data }) => data === true).length, 1);
  strictEqual(asked?.["jobs"], 1);
  const rows = await stack.sql(
    `select kind || '.' || code as what, count(*)::int from public.recording_events
     where recording_id = $1 and kind in ('sync', 'thumbnail') group by 1 order by 1`,
    [recording.id],
  );
  deepStrictEqual(rows, [
    { what: "sync.meeting_linked", count: 1 },
    { what: "thumbnail.requested", count: 1 },
    { what: "thumbnail.stored", count: 1 },
  ]);
});
