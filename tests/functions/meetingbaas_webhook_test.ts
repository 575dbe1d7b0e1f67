// meetingbaas-webhook over HTTP, on a running stack: what proves itself is stored before it is
// answered and moves its recording once; everything else is refused in words that tell nothing.
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { Webhook } from "standardwebhooks";
import {
  createRecording,
  postReport,
  proveReport,
  type ReportHeaders,
  statusReport,
  type TestRecording,
} from "../support/bot_reports.ts";
import { createRivals, eventually } from "../support/rivals.ts";
import { testStack } from "../support/stack.ts";

const stack = await testStack();
const { rep, rival } = await createRivals(stack);

async function stateOf({ id }: TestRecording): Promise<Record<string, unknown>> {
  const [row] = await stack.sql(
    `select r.status, r.bot_code,
       (select count(*)::int from public.recording_events e where e.recording_id = r.id) as events,
       (select count(*)::int from public.security_audit_log a
         where a.entity_id = r.id and a.action = 'recordings.update') as changes
     from public.recordings r where r.id = $1`,
    [id],
  );
  return row ?? {};
}

async function moved(recording: TestRecording, status: string): Promise<void> {
  await eventually(
    `the recording is ${status}`,
    async () => (await stateOf(recording))["status"] === status,
  );
}

async function storedAbout(text: string): Promise<number> {
  const [row] = await stack.sql<{ count: number }>(
    "select count(*)::int as count from private.webhook_events where provider = 'meetingbaas' and payload::text like $1",
    [`%${text}%`],
  );
  return row?.count ?? 0;
}

Deno.test("U60-106 each of the provider's three ways to prove a call moves the recording", async () => {
  for (const scheme of ["v2", "callback", "v1"] as const) {
    const recording = await createRecording(stack, rep);
    const body = statusReport(recording, "in_call_not_recording");
    const { status, json } = await postReport(stack, body, proveReport(stack, scheme, body));
    deepStrictEqual([status, json], [200, { received: true, duplicate: false }], scheme);
    await moved(recording, "joined");
  }
});

Deno.test("U60-107 the name that our documents use for it moves it too", async () => {
  const recording = await createRecording(stack, rep);
  const body = JSON.stringify({ event: "bot.joined", data: { bot_id: recording.botId } });
  strictEqual((await postReport(stack, body, proveReport(stack, "v2", body))).status, 200);
  await moved(recording, "joined");
});

Deno.test("R-09 what nobody knows is stored and acknowledged", async () => {
  const recording = await createRecording(stack, rep);
  const mark = crypto.randomUUID();
  const bodies = [
    JSON.stringify({ event: "bot.surprise", data: { bot_id: recording.botId, mark } }),
    JSON.stringify({ event: "calendar.events_synced", data: { mark } }),
    statusReport(recording, `warming_up_${mark}`),
    JSON.stringify({ mark }),
    JSON.stringify([mark]),
  ];
  for (const body of bodies) {
    strictEqual((await postReport(stack, body, proveReport(stack, "v2", body))).status, 200, body);
  }
  strictEqual(await storedAbout(mark), bodies.length);
  await eventually(
    "the code is stored",
    async () => (await stateOf(recording))["bot_code"] === `warming_up_${mark}`,
  );
  strictEqual((await stateOf(recording))["status"], "joining");
});

interface BadCall {
  readonly name: string;
  readonly headers: (body: string) => ReportHeaders;
  /** The body that is sent, where it is another than the one that was proved. */
  readonly body?: (body: string) => string | Uint8Array<ArrayBuffer>;
  readonly status: number;
  readonly code: string;
}

const v2 = (body: string): ReportHeaders => proveReport(stack, "v2", body);
const proved = (body: string | Uint8Array<ArrayBuffer>): string =>
  typeof body === "string" ? body : new TextDecoder().decode(body);
const OTHER_SECRET = `whsec_${btoa("another secret of another account")}`;

/** Payload and headers that must not get in, and the words in which they are refused. */
const BAD_CALLS: readonly BadCall[] = [
  { name: "nothing proves it", headers: () => ({}), status: 401, code: "invalid_signature" },
  {
    name: "the body was changed",
    headers: v2,
    body: (body) => body.replace("joining", "call_ended"),
    status: 401,
    code: "invalid_signature",
  },
  {
    name: "the body was written anew",
    headers: v2,
    body: (body) => JSON.stringify(JSON.parse(body), null, 1),
    status: 401,
    code: "invalid_signature",
  },
  {
    name: "another account's secret",
    headers: (body) => ({
      ...v2(body),
      "svix-id": "msg_1",
      "svix-signature": new Webhook(OTHER_SECRET).sign("msg_1", new Date(), body),
    }),
    status: 401,
    code: "invalid_signature",
  },
  ...[-301, 301, -86_400].map((seconds): BadCall => ({
    name: `signed ${seconds} s from now`,
    headers: (body) => ({
      ...v2(body),
      "svix-timestamp": String(Math.floor(Date.now() / 1000) + seconds),
    }),
    status: 401,
    code: "invalid_signature",
  })),
  {
    name: "a bad signature beside a good callback secret and key",
    headers: (body) => ({
      ...v2(`${body} `),
      ...proveReport(stack, "callback", body),
      ...proveReport(stack, "v1", body),
    }),
    status: 401,
    code: "invalid_signature",
  },
  {
    name: "a wrong callback secret beside a good key",
    headers: (body) => ({ "x-mb-secret": "wrong".repeat(8), ...proveReport(stack, "v1", body) }),
    status: 401,
    code: "invalid_signature",
  },
  {
    name: "the key where the secret belongs",
    headers: () => ({ "x-mb-secret": "sim-meetingbaas-key" }),
    status: 401,
    code: "invalid_signature",
  },
  {
    name: "the wrong key",
    headers: () => ({ "x-meeting-baas-api-key": "sim-meetingbaas-kex" }),
    status: 401,
    code: "invalid_signature",
  },
  {
    name: "a person's token",
    headers: () => ({ authorization: `Bearer ${rep.token}` }),
    status: 401,
    code: "invalid_signature",
  },
  {
    name: "no JSON",
    headers: () => v2("hello"),
    body: () => "hello",
    status: 400,
    code: "invalid_json",
  },
  {
    name: "nothing at all",
    headers: () => v2(""),
    body: () => "",
    status: 400,
    code: "invalid_json",
  },
  {
    name: "a bare null",
    headers: () => v2("null"),
    body: () => "null",
    status: 400,
    code: "invalid_json",
  },
  {
    name: "nesting without end",
    headers: () => v2("[".repeat(50_000) + "]".repeat(50_000)),
    body: () => "[".repeat(50_000) + "]".repeat(50_000),
    status: 400,
    code: "invalid_json",
  },
  {
    name: "bytes that are no text",
    headers: (body) => proveReport(stack, "callback", body),
    body: () => new Uint8Array([0x22, 0xff, 0x22]),
    status: 400,
    code: "invalid_json",
  },
  {
    name: "more than any bot has to say",
    headers: (body) => proveReport(stack, "callback", body),
    body: () => `"${"a".repeat(9 * 1024 * 1024)}"`,
    status: 413,
    code: "body_too_large",
  },
  {
    name: "compressed, to unfold here",
    headers: (body) => ({ ...proveReport(stack, "callback", body), "content-encoding": "gzip" }),
    status: 415,
    code: "unsupported_media_type",
  },
];

for (const { name, headers, body: change, status, code } of BAD_CALLS) {
  Deno.test(`U60-106 bad input is refused with a stable code: ${name}`, async () => {
    const recording = await createRecording(stack, rep);
    const body = statusReport(recording, "joining_call");
    const sent = change?.(body) ?? body;
    const answer = await postReport(stack, sent, headers(body));
    deepStrictEqual([answer.status, answer.json["code"]], [status, code]);
    strictEqual(answer.type, "application/problem+json");
    ok(typeof answer.json["request_id"] === "string");
    strictEqual(await storedAbout(recording.botId), 0, "nothing is stored");
    ok(!JSON.stringify(answer.json).includes(proved(sent).slice(0, 40)) || sent.length < 10);
    const control = await postReport(stack, body, v2(body));
    deepStrictEqual([control.status, await storedAbout(recording.botId)], [200, 1], "control");
  });
}

Deno.test("U60-106 fields of the wrong type and hostile names are stored and move nothing", async () => {
  const recording = await createRecording(stack, rep);
  const bodies = [
    `{"event":"bot.completed","data":{"bot_id":"${recording.botId}","video":{"$ne":1},"participants":"x","duration_seconds":1e400,"__proto__":{"bot_id":"y"}},"n":1}`,
    `{"event":{"toString":1},"data":{"bot_id":"${recording.botId}"},"n":2}`,
    `{"event":"bot.status_change","data":{"bot_id":["${recording.botId}"],"status":{"code":"call_ended"}},"n":3}`,
    `{"event":"bot.status_change","data":{"bot_id":"${recording.botId}","status":{"code":"'; drop table public.recordings; --"}},"n":4}`,
    `{"event":"bot.failed","data":{"bot_id":"\\u0000${recording.botId}","error_code":"\\ud800"},"n":5}`,
  ];
  for (const body of bodies) {
    strictEqual((await postReport(stack, body, v2(body))).status, 200, body);
  }
  await eventually("all are applied", async () => {
    const rows = await stack.sql<{ state: string }>(
      "select state from private.webhook_events where payload::text like $1",
      [`%${recording.botId}%`],
    );
    return rows.length === bodies.length && rows.every(({ state }) => state === "processed");
  });
  const [row] = await stack.sql("select status from public.recordings where id = $1", [
    recording.id,
  ]);
  strictEqual(
    row?.["status"],
    "ended",
    "one says completed, without a file: the provider is asked",
  );
});

Deno.test("T tenants: whose bot it is our row says, not the payload", async () => {
  const ours = await createRecording(stack, rep);
  const theirs = await createRecording(stack, rival);
  const body = statusReport({ ...ours, id: theirs.id }, "in_call_recording");
  strictEqual((await postReport(stack, body, v2(body))).status, 200);
  await moved(ours, "recording");
  strictEqual((await stateOf(theirs))["status"], "joining");
  const [event] = await stack.sql(
    "select org_id from private.webhook_events where payload::text like $1",
    [`%${ours.botId}%`],
  );
  strictEqual(event?.["org_id"], rep.orgId);
});

Deno.test("U60-106 a bot that is not ours yet is asked about again, and belongs to nobody in the end", async () => {
  const botId = crypto.randomUUID();
  const body = JSON.stringify({
    event: "bot.status_change",
    data: { bot_id: botId, status: { code: "call_ended", created_at: new Date().toISOString() } },
  });
  strictEqual((await postReport(stack, body, v2(body))).status, 200);
  const read = async () => {
    const [row] = await stack.sql(
      "select id, state, attempts, last_error from private.webhook_events where payload::text like $1",
      [`%${botId}%`],
    );
    return row ?? {};
  };
  await eventually(
    "it waits",
    async () => String((await read())["last_error"]).includes("bot_unknown"),
  );
  strictEqual((await read())["state"], "received");
  await stack.sql(
    "update private.webhook_events set attempts = 4, next_attempt_at = now() where id = $1",
    [(await read())["id"]],
  );
  await stack.advanceClock("PT1M");
  await eventually("it is let go", async () => (await read())["state"] === "processed");
});

Deno.test("U60-106 ten thousand deliveries of one report over 16 connections have one effect", async () => {
  const recording = await createRecording(stack, rep);
  const body = statusReport(recording, "in_call_recording");
  const headers = proveReport(stack, "v2", body);
  let left = 10_000;
  let fresh = 0;
  const refused: number[] = [];
  const sender = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const response = await fetch(`${stack.url}/functions/v1/meetingbaas-webhook`, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body,
      });
      const json = await response.json();
      if (response.status !== 200) refused.push(response.status);
      if (json.duplicate === false) fresh += 1;
    }
  };
  await Promise.all(Array.from({ length: 16 }, sender));
  deepStrictEqual([fresh, refused], [1, []]);
  await moved(recording, "recording");
  deepStrictEqual(await stateOf(recording), {
    status: "recording",
    bot_code: "in_call_recording",
    events: 1,
    changes: 1,
  });
  strictEqual(await storedAbout(recording.botId), 1);
});
