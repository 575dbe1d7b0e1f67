import { deepStrictEqual, match, notStrictEqual, ok, strictEqual } from "node:assert/strict";
import { Webhook } from "standardwebhooks";
import { meetingBaasWebhooks } from "./meeting_baas_webhooks.ts";
import type { SecretsByVariable, VerifiedCall, WebhookRefusal } from "./webhook_verifier.ts";

const SIGNING = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
const OLD_SIGNING = "whsec_ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=";
const CALLBACK = "callback-secret-of-this-test";
const API_KEY = "api-key-of-this-test-0123";
const SECRETS: SecretsByVariable = {
  MEETINGBAAS_WEBHOOK_SECRET: [SIGNING],
  MEETINGBAAS_CALLBACK_SECRET: [CALLBACK],
  MEETINGBAAS_API_KEY: [API_KEY],
};
const NOW_MS = 1_795_341_600_000;
const TIMESTAMP = String(NOW_MS / 1000);
const BODY = JSON.stringify({
  event: "bot.status_change",
  data: { bot_id: "b1", status: { code: "call_ended", created_at: "2026-11-22T10:00:00Z" } },
  extra: null,
});

function sign(body: string, secret = SIGNING, id = "msg_1", seconds = NOW_MS / 1000): string {
  return new Webhook(secret).sign(id, new Date(seconds * 1000), body);
}

function svix(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    "svix-id": "msg_1",
    "svix-timestamp": TIMESTAMP,
    "svix-signature": sign(BODY),
    ...more,
  };
}

interface Call {
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly secrets?: SecretsByVariable;
  readonly nowMs?: number;
}

function verify(call: Call): Promise<VerifiedCall | WebhookRefusal> {
  return meetingBaasWebhooks.verify({
    headers: new Headers(call.headers),
    body: new TextEncoder().encode(call.body ?? BODY),
    secrets: call.secrets ?? SECRETS,
    nowMs: call.nowMs ?? NOW_MS,
  });
}

function isAccepted(verdict: VerifiedCall | WebhookRefusal): verdict is VerifiedCall {
  return typeof verdict !== "string";
}

Deno.test("U60-106 each of the three ways proves a call, and the event is known by it", async () => {
  deepStrictEqual(await verify({ headers: svix() }), { eventId: "msg_1" });
  const renamed = Object.entries(svix()).map(([name, value]) => [
    name.replace("svix-", "webhook-"),
    value,
  ]);
  deepStrictEqual(await verify({ headers: Object.fromEntries(renamed) }), { eventId: "msg_1" });
  for (
    const [scheme, headers] of [
      ["callback", { "x-mb-secret": CALLBACK }],
      ["v1", { "x-meeting-baas-api-key": API_KEY }],
    ] as const
  ) {
    const verdict = await verify({ headers });
    ok(isAccepted(verdict));
    match(verdict.eventId, new RegExp(`^${scheme}:[0-9a-f]{64}$`));
  }
});

Deno.test("U60-140 R-03 a way without its secret is refused, whatever the call carries", async () => {
  const carried = {
    MEETINGBAAS_WEBHOOK_SECRET: svix(),
    MEETINGBAAS_CALLBACK_SECRET: { "x-mb-secret": CALLBACK },
    MEETINGBAAS_API_KEY: { "x-meeting-baas-api-key": API_KEY },
  };
  for (const [variable, headers] of Object.entries(carried)) {
    for (const unset of [[], ["short"]]) {
      if (variable === "MEETINGBAAS_WEBHOOK_SECRET" && unset.length > 0) continue;
      const secrets = { ...SECRETS, [variable]: unset };
      strictEqual(await verify({ headers, secrets }), "unconfigured", variable);
    }
    ok(isAccepted(await verify({ headers })), "control");
    strictEqual(await verify({ headers, secrets: {} }), "unconfigured");
    // Neither does the value of another variable open it
    const crossed = { MEETINGBAAS_WEBHOOK_SECRET: [OLD_SIGNING] };
    ok(!isAccepted(await verify({ headers, secrets: crossed })));
  }
});

Deno.test("U60-140 empty secrets prove nothing", async () => {
  for (const name of ["x-mb-secret", "x-meeting-baas-api-key"]) {
    const secrets = { MEETINGBAAS_CALLBACK_SECRET: [""], MEETINGBAAS_API_KEY: [""] };
    strictEqual(await verify({ headers: { [name]: "" }, secrets }), "unconfigured");
    strictEqual(await verify({ headers: { [name]: "" } }), "signature");
  }
  strictEqual(await verify({ headers: {} }), "unsigned");
});

Deno.test("a call is judged by the strongest way it claims: nothing rescues a bad signature", async () => {
  const rescue = { "x-mb-secret": CALLBACK, "x-meeting-baas-api-key": API_KEY };
  const bad: Readonly<Record<string, string>>[] = [
    svix({ "svix-signature": sign(`${BODY} `) }),
    svix({ "svix-signature": "" }),
    svix({ "svix-timestamp": String(NOW_MS / 1000 - 301) }),
    { "svix-id": "msg_1" },
    { "svix-timestamp": TIMESTAMP },
    { "svix-signature": sign(BODY) },
    { "webhook-id": "msg_1" },
    { "webhook-signature": "v1,xx", "webhook-id": "msg_1", "webhook-timestamp": TIMESTAMP },
  ];
  for (const headers of bad) {
    ok(!isAccepted(await verify({ headers: { ...headers, ...rescue } })), JSON.stringify(headers));
  }
  const otherSpelling = {
    "webhook-id": "msg_1",
    "webhook-timestamp": TIMESTAMP,
    "webhook-signature": sign(BODY),
  };
  ok(
    !isAccepted(
      await verify({ headers: { ...svix({ "svix-signature": "v1,xx" }), ...otherSpelling } }),
    ),
    "the same headers in the other spelling",
  );
  strictEqual(
    await verify({
      headers: { "x-mb-secret": "wrong".repeat(5), "x-meeting-baas-api-key": API_KEY },
    }),
    "signature",
  );
  ok(isAccepted(await verify({ headers: { ...svix(), "x-mb-secret": "wrong" } })), "control");
});

Deno.test("secrets can be changed: both are good meanwhile, the old one not after", async () => {
  const old = svix({ "svix-signature": sign(BODY, OLD_SIGNING) });
  const both = { ...SECRETS, MEETINGBAAS_WEBHOOK_SECRET: [SIGNING, OLD_SIGNING] };
  ok(isAccepted(await verify({ headers: old, secrets: both })));
  ok(isAccepted(await verify({ headers: svix(), secrets: both })));
  strictEqual(await verify({ headers: old }), "signature");
  const twoCallbacks = { MEETINGBAAS_CALLBACK_SECRET: ["an-older-callback-secret", CALLBACK] };
  for (const secret of ["an-older-callback-secret", CALLBACK]) {
    ok(isAccepted(await verify({ headers: { "x-mb-secret": secret }, secrets: twoCallbacks })));
  }
  strictEqual(
    await verify({ headers: { "x-mb-secret": "an-older-callback-secret" } }),
    "signature",
  );
});

Deno.test("a signature is good for five minutes, both ways", async () => {
  for (const seconds of [-300, 0, 300]) {
    ok(isAccepted(await verify({ headers: svix(), nowMs: NOW_MS + seconds * 1000 })));
  }
  for (const seconds of [-301, 301, 86_400]) {
    strictEqual(await verify({ headers: svix(), nowMs: NOW_MS + seconds * 1000 }), "stale");
  }
});

Deno.test("T webhook forgeries: no mutation of a good call is accepted", async () => {
  const digest = sign(BODY).slice(3);
  const mutations: Call[] = [
    ...[
      "",
      "NaN",
      "-1",
      `${TIMESTAMP}.0`,
      `${TIMESTAMP}000`,
      `${TIMESTAMP}, ${TIMESTAMP}`,
      String(NOW_MS / 1000 + 1),
    ].map((value) => ({ headers: svix({ "svix-timestamp": value }) })),
    ...["", "msg_2", "msg_1, msg_1", "a".repeat(201), "msg 1"].map((value) => ({
      headers: svix({ "svix-id": value }),
    })),
    ...[
      "",
      digest,
      `v0,${digest}`,
      `v2,${digest}`,
      `v1=${digest}`,
      `v1,${digest.slice(0, -4)}`,
      `v1,${digest}AAAA`,
      `v1,${digest.toLowerCase()}`,
      "v1,undefined",
      sign(BODY, OLD_SIGNING),
      sign(BODY, `whsec_${btoa(CALLBACK.padEnd(32, "x"))}`),
    ].map((value) => ({ headers: svix({ "svix-signature": value }) })),
    ...[" ", "x", CALLBACK.slice(1), CALLBACK.slice(0, -1), `${CALLBACK}x`, CALLBACK.toUpperCase()]
      .map((value) => ({ headers: { "x-mb-secret": value } })),
    { headers: { "x-mb-secret": `${CALLBACK}, ${CALLBACK}` } },
    { headers: { "x-mb-secret": API_KEY } },
    { headers: { "x-mb-secret": SIGNING } },
    { headers: { "x-mb-secret": "x".repeat(10_000) } },
    { headers: { "x-meeting-baas-api-key": CALLBACK } },
    { headers: { "x-meeting-baas-api-key": `${API_KEY}0` } },
    { headers: { "x-spoke-api-key": API_KEY } },
    { headers: { authorization: `Bearer ${API_KEY}` } },
    { headers: { authorization: `Bearer ${CALLBACK}` } },
  ];
  for (let at = 0; at < digest.length - 1; at++) {
    const swapped = `${digest.slice(0, at)}${digest[at] === "A" ? "B" : "A"}${
      digest.slice(at + 1)
    }`;
    mutations.push({ headers: svix({ "svix-signature": `v1,${swapped}` }) });
  }
  for (let at = 0; at < BODY.length; at += 3) {
    const body = `${BODY.slice(0, at)}${BODY[at] === "x" ? "y" : "x"}${BODY.slice(at + 1)}`;
    mutations.push({ headers: svix(), body });
  }
  ok(mutations.length >= 90, String(mutations.length));
  for (const mutation of mutations) {
    ok(!isAccepted(await verify(mutation)), JSON.stringify(mutation));
  }
  ok(isAccepted(await verify({ headers: svix() })), "control");
});

Deno.test("what has no message id is told by bot, event, status and time, however it is written", async () => {
  const idOf = async (body: string): Promise<string> => {
    const verdict = await verify({ headers: { "x-mb-secret": CALLBACK }, body });
    ok(isAccepted(verdict), body);
    return verdict.eventId;
  };
  const event = (data: object, more: object = {}): string =>
    JSON.stringify({ event: "bot.status_change", data, ...more });
  const status = { code: "call_ended", created_at: "2026-11-22T10:00:00Z" };
  const known = await idOf(event({ bot_id: "b1", status }));
  strictEqual(
    await idOf(JSON.stringify(JSON.parse(event({ bot_id: "b1", status })), null, 2)),
    known,
  );
  strictEqual(await idOf(event({ status, bot_id: "b1", event_id: null }, { extra: {} })), known);
  const others = [
    event({ bot_id: "b2", status }),
    event({ bot_id: "b1", status: { ...status, code: "joining_call" } }),
    event({ bot_id: "b1", status: { ...status, created_at: "2026-11-22T10:00:01Z" } }),
    JSON.stringify({ event: "bot.completed", data: { bot_id: "b1", status } }),
    JSON.stringify({
      event: "bot.completed",
      data: { bot_id: "b1", sent_at: "2026-11-22T10:00:00Z" },
    }),
    JSON.stringify({
      event: "bot.completed",
      data: { bot_id: "b1" },
      sent_at: "2026-11-22T10:00:02Z",
    }),
    JSON.stringify({ event: "bot.chat_message", data: { bot_id: "b1", message_id: "m1" } }),
    JSON.stringify({ event: "bot.chat_message", data: { bot_id: "b1", message_id: "m2" } }),
    "",
    "no json",
    "null",
    "[]",
    '{"data":null}',
    '{"data":{"bot_id":7}}',
    `${"[".repeat(90_000)}${"]".repeat(90_000)}`,
  ];
  const ids = new Set([known]);
  for (const body of others) ids.add(await idOf(body));
  strictEqual(ids.size, others.length + 1);
  for (const id of ids) ok(id.length <= 255);
});

Deno.test("nothing that proves a call is kept with it", () => {
  for (
    const header of ["svix-signature", "webhook-signature", "x-mb-secret", "x-meeting-baas-api-key"]
  ) {
    ok(!meetingBaasWebhooks.keptHeaders.includes(header), header);
  }
  notStrictEqual(meetingBaasWebhooks.keptHeaders.length, 0);
});
