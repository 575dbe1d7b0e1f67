// The api of recordings over HTTP: who may see, play, retry and delete, and what is left afterwards.
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { type Actor, createActor, createRivals, eventually } from "../support/rivals.ts";
import { testStack } from "../support/stack.ts";
import {
  givenStoredRecording,
  openTestStorage,
  type StoredRecording,
} from "../support/stored_recording.ts";

const stack = await testStack();
const { rep, colleague, rival } = await createRivals(stack);
const agent = await createActor(
  stack,
  `agent-${crypto.randomUUID().slice(0, 8)}@home.test`,
  rep.orgId,
  "agent",
);

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly json: { data?: unknown; code?: string; next_cursor?: string | null };
}

async function call(
  actor: Actor | null,
  method: string,
  path: string,
  body?: unknown,
): Promise<Answer> {
  const response = await stack.callFunction(`recordings${path}`, {
    method,
    headers: {
      ...(actor === null ? {} : { authorization: `Bearer ${actor.token}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, text, json: JSON.parse(text) };
}

/** Every route that names a recording. */
function routesOf(id: string): readonly (readonly [string, string, unknown?])[] {
  return [
    ["GET", `/${id}`],
    ["GET", `/${id}/timeline`],
    ["POST", `/${id}/playback`, { file: "video" }],
    ["POST", `/${id}/playback`, { file: "audio" }],
    ["POST", `/${id}/retry`],
    ["POST", `/${id}/leave`],
    ["DELETE", `/${id}`],
  ];
}

async function setSharing(isOn: boolean): Promise<void> {
  await stack.sql("update public.org_settings set enable_meeting_sharing = $2 where org_id = $1", [
    rep.orgId,
    isOn,
  ]);
}

async function playbacksOf({ id }: StoredRecording): Promise<Record<string, unknown>[]> {
  return await stack.sql(
    `select actor_id, changed_columns from public.security_audit_log
     where action = 'recordings.played' and entity_id = $1 order by occurred_at`,
    [id],
  );
}

async function play(actor: Actor, id: string): Promise<{ url: string; expires_at: string }> {
  const { json } = await call(actor, "POST", `/${id}/playback`, {});
  return json.data as { url: string; expires_at: string };
}

/** Calls the erasing job until it has nothing left to do. */
async function erased({ prefix }: StoredRecording): Promise<void> {
  await eventually("the files are erased", async () => {
    await stack.sql("select private.call_function('reconcile-recordings')");
    const left = await openTestStorage(stack).measurePrefix(prefix);
    return left.objects === 0;
  });
}

Deno.test("C-04 U60-130 whoever may not read a recording gets 404 on every route, and no address", async () => {
  const recording = await givenStoredRecording(stack, rep);
  const strangers: (readonly [string, Actor])[] = [
    ["another organization", rival],
    ["an agent to whom it is not assigned", agent],
  ];
  const check = async (who: string, actor: Actor, org: string): Promise<void> => {
    for (const [method, path, body] of routesOf(recording.id)) {
      const answer = await call(actor, method, `${path}${org}`, body);
      const what = `${who}: ${method} ${path}${org}`;
      strictEqual(answer.status, 404, what);
      ok(["not_found", "organization_not_found"].includes(answer.json.code ?? ""), what);
      ok(!answer.text.includes("X-Amz"), what);
      ok(!answer.text.includes("meeting-recordings/"), what);
    }
    const list = await call(actor, "GET", "");
    ok(!list.text.includes(recording.id), `${who} does not list it`);
    const stuck = await call(actor, "GET", "/stuck");
    ok(!stuck.text.includes(recording.id), `${who} does not see it stuck`);
  };
  for (const [who, actor] of strangers) {
    for (const org of ["", `?org_id=${rep.orgId}`]) await check(who, actor, org);
  }
  await setSharing(false);
  try {
    await check("a colleague without sharing", colleague, "");
  } finally {
    await setSharing(true);
  }
  deepStrictEqual(await playbacksOf(recording), []);
  for (const [method, path, body] of routesOf(recording.id)) {
    strictEqual((await call(null, method, path, body)).status, 401, `nobody: ${method} ${path}`);
  }
  strictEqual((await call(rep, "GET", `/${recording.id}`)).status, 200, "control: its owner");
  strictEqual((await call(colleague, "GET", `/${recording.id}`)).status, 200, "control: shared");
});

Deno.test("C-04 U60-130 playing gives the very file for a quarter of an hour, and is logged", async () => {
  const recording = await givenStoredRecording(stack, rep);
  const before = Date.now();
  const { url, expires_at } = await play(colleague, recording.id);
  const got = new Uint8Array(await (await fetch(url)).arrayBuffer());
  deepStrictEqual(got, recording.video);
  strictEqual(new URL(url).searchParams.get("X-Amz-Expires"), "900");
  const lifetime = Date.parse(expires_at) - before;
  ok(lifetime > 890_000 && lifetime < 930_000, String(lifetime));
  // The same address reads nothing else and writes nothing
  const other = new URL(url);
  other.pathname = other.pathname.replace("video.mp4", "audio.flac");
  strictEqual(await status(fetch(other)), 403);
  strictEqual(await status(fetch(url, { method: "DELETE" })), 403);
  deepStrictEqual(await playbacksOf(recording), [
    { actor_id: colleague.userId, changed_columns: ["video"] },
  ]);
  const none = await call(rep, "POST", `/${recording.id}/playback`, { file: "audio" });
  deepStrictEqual([none.status, none.json.code], [409, "recording_not_stored"]);
  const wrong = await call(rep, "POST", `/${recording.id}/playback`, { file: "../video" });
  deepStrictEqual([wrong.status, wrong.json.code], [400, "invalid_request"]);
});

Deno.test("C-04 the address is dead after its time", async () => {
  const recording = await givenStoredRecording(stack, rep);
  const key = `${recording.prefix}video.mp4`;
  // Signed a quarter of an hour ago, less or more five seconds
  const signedAgo = (seconds: number): Promise<string> =>
    openTestStorage(stack, () => new Date(Date.now() - seconds * 1_000)).presignGet(key, 900);
  strictEqual(await status(fetch(await signedAgo(895))), 200, "control: five seconds before");
  strictEqual(await status(fetch(await signedAgo(905))), 403, "five seconds after");
});

Deno.test("the list is in order, in pages, and by status and time", async () => {
  const lister = await createActor(
    stack,
    `list-${crypto.randomUUID().slice(0, 8)}@home.test`,
    rival.orgId,
    "manager",
  );
  const ids: string[] = [];
  for (let n = 0; n < 5; n++) {
    const { id } = await givenStoredRecording(stack, lister, `Talk ${n}`);
    await stack.sql(
      "update public.recordings set scheduled_start_at = now() - make_interval(hours => $2) where id = $1",
      [id, n + 1],
    );
    ids.push(id);
  }
  const seen: string[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const page = await call(lister, "GET", `?limit=2${cursor && `&cursor=${cursor}`}`);
    strictEqual(page.status, 200);
    seen.push(...(page.json.data as { id: string }[]).map(({ id }) => id));
    cursor = page.json.next_cursor ?? null;
  }
  deepStrictEqual(seen, ids);
  strictEqual((await call(lister, "GET", "?status=failed")).text.includes("Talk"), false);
  strictEqual(((await call(lister, "GET", "?outcome=complete")).json.data as []).length, 5);
  const from = encodeURIComponent(new Date(Date.now() - 2.5 * 3_600_000).toISOString());
  strictEqual(((await call(lister, "GET", `?from=${from}`)).json.data as []).length, 2);
  for (const query of ["?cursor=abc", "?status=odd", "?limit=0", "?more=1", "?from=yesterday"]) {
    const answer = await call(lister, "GET", query);
    deepStrictEqual([answer.status, answer.json.code], [400, "invalid_request"], query);
  }
});

Deno.test("the timeline shows every event and how far the files are", async () => {
  const recording = await givenStoredRecording(stack, rep);
  const { json } = await call(rep, "GET", `/${recording.id}/timeline`);
  const timeline = json.data as {
    recording: { id: string; outcome: string };
    uploads: Record<string, unknown>[];
    events: { kind: string; code: string }[];
  };
  deepStrictEqual([timeline.recording.id, timeline.recording.outcome], [recording.id, "complete"]);
  deepStrictEqual(timeline.events.map(({ kind, code }) => `${kind}.${code}`), ["upload.stored"]);
  const [upload] = timeline.uploads;
  deepStrictEqual(
    [upload?.["file"], upload?.["state"], upload?.["bytes_done"], upload?.["bytes"]],
    ["video", "complete", 50_000, 50_000],
  );
  ok(!JSON.stringify(timeline).includes("s3://"), "but not where they lie");
});

Deno.test("C-05 what failed is taken up again by who may, one or all; others are refused", async () => {
  const recording = await givenStoredRecording(stack, rep);
  const fail = (): Promise<unknown> =>
    stack.sql(
      `update public.recordings set thumbnail_status = 'failed', thumbnail_error = 'thumbnail_rejected',
         outcome = 'partial', outcome_reason = 'thumbnail_rejected' where id = $1`,
      [recording.id],
    );
  await fail();
  const stuck = await call(rep, "GET", "/stuck");
  const mine = (stuck.json.data as { recording_id: string; reason: string }[])
    .find(({ recording_id }) => recording_id === recording.id);
  strictEqual(mine?.reason, "thumbnail_rejected");
  const platform = await call(rep, "GET", "/stuck?scope=platform");
  deepStrictEqual([platform.status, platform.json.code], [403, "forbidden"]);

  const retried = await call(rep, "POST", `/${recording.id}/retry`);
  deepStrictEqual(retried.json.data, { recording_id: recording.id, parts: ["thumbnail"] });
  await eventually("the picture is there", async () => {
    const { json } = await call(rep, "GET", `/${recording.id}`);
    return (json.data as { outcome: string }).outcome === "complete";
  });
  const again = await call(rep, "POST", `/${recording.id}/retry`);
  deepStrictEqual(again.json.data, { recording_id: recording.id, parts: [] });

  await fail();
  const refused = await call(rep, "POST", "/retry", {});
  deepStrictEqual([refused.status, refused.json.code], [403, "forbidden"], "a manager is no admin");
  const admin = await createActor(
    stack,
    `admin-${crypto.randomUUID().slice(0, 8)}@home.test`,
    rep.orgId,
    "admin",
  );
  await stack.sql("update public.org_settings set mfa_required_for = 'none' where org_id = $1", [
    rep.orgId,
  ]);
  const all = await call(admin, "POST", "/retry", {});
  ok(
    (all.json.data as { recording_id: string; parts: string[] }[]).some((one) =>
      one.recording_id === recording.id && one.parts.includes("thumbnail")
    ),
    all.text,
  );
});

Deno.test("a deleted recording is gone with its files, and a late webhook does not bring it back", async () => {
  const recording = await givenStoredRecording(stack, rep);
  await stack.sql("update public.recordings set bot_id = $2 where id = $1", [
    recording.id,
    `late-${recording.id}`,
  ]);
  const { url } = await play(rep, recording.id);
  const notTheirs = await call(colleague, "DELETE", `/${recording.id}`);
  deepStrictEqual([notTheirs.status, notTheirs.json.code], [403, "forbidden"]);
  const answer = await call(rep, "DELETE", `/${recording.id}`);
  deepStrictEqual([answer.status, answer.json.data], [200, {
    recording_id: recording.id,
    deleted: true,
  }]);
  for (const [method, path, body] of routesOf(recording.id)) {
    strictEqual((await call(rep, method, path, body)).status, 404, `${method} ${path}`);
  }
  await erased(recording);
  strictEqual(await status(fetch(url)), 404, "an address from before has nothing to read");

  const { error } = await stack.service().rpc("apply_bot_event", {
    p_event_id: null,
    p_event: {
      kind: "completed",
      event: "bot.completed",
      bot_id: `late-${recording.id}`,
      recording_id: recording.id,
      code: "completed",
      sources: { video: "https://artifacts.test/video.mp4" },
    },
  });
  strictEqual(error, null);
  const rows = await stack.sql(
    `select 1 from public.meetings where external_id = $1::text
     union all select 1 from private.recording_sources where recording_id = $1::uuid`,
    [recording.id],
  );
  deepStrictEqual(rows, []);
  strictEqual((await call(rep, "GET", `/${recording.id}`)).status, 404);
});

Deno.test("deleting the meeting through the data api erases the files too", async () => {
  const recording = await givenStoredRecording(stack, rep);
  const client = await stack.signIn(rep.email, "a test password 1");
  const { error, count } = await client.from("meetings").delete({ count: "exact" })
    .eq("id", recording.meetingId);
  deepStrictEqual([error, count], [null, 1]);
  await erased(recording);
  strictEqual((await call(rep, "GET", `/${recording.id}`)).status, 404);
  await eventually("what is left says nothing of it", async () => {
    const [row] = await stack.sql(
      "select title, s3_video_url, s3_file_size_bytes from public.recordings where id = $1",
      [recording.id],
    );
    return row?.["title"] === "Deleted recording" && row["s3_video_url"] === null &&
      row["s3_file_size_bytes"] === null;
  });
});

Deno.test("sending a bot now, and having it leave, is for who may write", async () => {
  const wrong = await call(rep, "POST", "", { meeting_url: "https://example.test/room" });
  deepStrictEqual([wrong.status, wrong.json.code], [400, "unsupported_meeting_url"]);
  const both = await call(rep, "POST", "", {});
  deepStrictEqual([both.status, both.json.code], [400, "invalid_request"]);
  const viewer = await createActor(
    stack,
    `viewer-${crypto.randomUUID().slice(0, 8)}@home.test`,
    rep.orgId,
    "viewer",
  );
  const room = "https://meet.google.com/abc-mnop-xyz";
  const refused = await call(viewer, "POST", "", { meeting_url: room });
  deepStrictEqual([refused.status, refused.json.code], [403, "forbidden"]);
  const sent = await call(rep, "POST", "", { meeting_url: room, title: "Right now" });
  strictEqual(sent.status, 200, sent.text);
  const { recording_id, is_new } = sent.json.data as { recording_id: string; is_new: boolean };
  strictEqual(is_new, true);
  const left = await call(rep, "POST", `/${recording_id}/leave`);
  strictEqual(left.status, 200, left.text);
});

async function status(answer: Promise<Response>): Promise<number> {
  const response = await answer;
  await response.body?.cancel();
  return response.status;
}
