import { deepStrictEqual, notDeepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { Webhook } from "standardwebhooks";
import { standardWebhooks } from "./standard_webhooks.ts";
import type { VerifiedCall, WebhookRefusal } from "./webhook_verifier.ts";

// Invented by nobody's service; computed by an independent implementation
const SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
const OTHER = "whsec_ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=";
const ID = "msg_test_1";
const TIMESTAMP = "1763769600";
const BODY = '{"event":"bot.completed"}';
const SIGNATURE = "v1,YWAE9/8iZy06AD5tDcFgRM1/VT0zMR5NhNsyr43YEE0=";
const NOW_MS = Number(TIMESTAMP) * 1000;

interface Call {
  readonly id?: string | null;
  readonly timestamp?: string | null;
  readonly signature?: string | null;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly secrets?: readonly string[];
  readonly nowMs?: number;
}

function verify(call: Call = {}): Promise<VerifiedCall | WebhookRefusal> {
  const headers = new Headers();
  const given = { id: ID, timestamp: TIMESTAMP, signature: SIGNATURE, ...call };
  for (const name of ["id", "timestamp", "signature"] as const) {
    const value = given[name];
    if (value !== null && value !== undefined) headers.set(`webhook-${name}`, value);
  }
  const body = call.body ?? BODY;
  return standardWebhooks("SECRET").verify({
    headers,
    body: typeof body === "string" ? new TextEncoder().encode(body) : body,
    secrets: { SECRET: call.secrets ?? [SECRET] },
    nowMs: call.nowMs ?? NOW_MS,
  });
}

Deno.test("standardWebhooks() accepts the golden vector", async () => {
  deepStrictEqual(await verify(), { eventId: ID });
});

Deno.test("standardWebhooks() agrees with the scheme's own package, on bodies of every kind", async () => {
  const nowMs = Math.floor(Date.now() / 1000) * 1000;
  for (const body of ["", "{}", '{"a":"žluťoučký 🐎"}', "x".repeat(100_000), '{"a":1}\r\n']) {
    const signature = new Webhook(SECRET).sign("msg_2", new Date(nowMs), body);
    const call = { id: "msg_2", timestamp: String(nowMs / 1000), signature, body, nowMs };
    deepStrictEqual(await verify(call), { eventId: "msg_2" });
  }
});

Deno.test("standardWebhooks() accepts any good signature under any good secret, while they are changed", async () => {
  deepStrictEqual(await verify({ secrets: [OTHER, SECRET] }), { eventId: ID });
  deepStrictEqual(await verify({ signature: `v1,${"A".repeat(43)}= v2,xyz ${SIGNATURE}` }), {
    eventId: ID,
  });
  deepStrictEqual(await verify({ secrets: [`v1,${SECRET}`] }), { eventId: ID });
  strictEqual(await verify({ secrets: [OTHER] }), "signature", "the old secret after the change");
});

Deno.test("standardWebhooks() refuses a call that is older or newer than five minutes", async () => {
  for (const seconds of [-300, 0, 300]) {
    deepStrictEqual(await verify({ nowMs: NOW_MS + seconds * 1000 }), { eventId: ID });
  }
  for (const seconds of [-86_400, -301, 301, 86_400]) {
    strictEqual(await verify({ nowMs: NOW_MS + seconds * 1000 }), "stale");
  }
});

Deno.test("standardWebhooks() refuses every mutation of a good call", async () => {
  const digest = SIGNATURE.slice(3);
  const mutations: Call[] = [
    { id: null },
    { timestamp: null },
    { signature: null },
    { id: "" },
    { id: "msg_test_2" },
    { id: `${ID}.` },
    { id: "a".repeat(257) },
    { id: `${ID}, ${ID}` },
    { timestamp: "" },
    { timestamp: "0" },
    { timestamp: "-1763769600" },
    { timestamp: "1763769600.0" },
    { timestamp: "1763769600abc" },
    { timestamp: "1763769600000" },
    { timestamp: "0x692101C0" },
    { timestamp: "1.7637696e9" },
    { timestamp: "NaN" },
    { timestamp: "Infinity" },
    { timestamp: `${TIMESTAMP}, ${TIMESTAMP}` },
    { timestamp: "1763769601" },
    { signature: "" },
    { signature: "v1," },
    { signature: digest },
    { signature: `v0,${digest}` },
    { signature: `v2,${digest}` },
    { signature: `V1,${digest}` },
    { signature: `v1=${digest}` },
    { signature: `v1,${digest.slice(0, -1)}` },
    { signature: `v1,${digest}=` },
    { signature: `v1,${digest.slice(0, -4)}` },
    { signature: `v1,${digest}AAAA` },
    { signature: `v1,${digest.toLowerCase()}` },
    { signature: `v1,${digest.replaceAll("/", "_").replaceAll("+", "-")}` },
    {
      signature: `v1,${
        [...atob(digest)].map((c) => c.charCodeAt(0).toString(16).padStart(2, "0")).join("")
      }`,
    },
    { signature: `${`v1,${"A".repeat(43)}= `.repeat(8)}${SIGNATURE}` },
    { body: "" },
    { body: `${BODY} ` },
    { body: `${BODY}\n` },
    { body: `\ufeff${BODY}` },
    { body: JSON.stringify(JSON.parse(BODY), null, 1) },
    { body: BODY.toUpperCase() },
    { secrets: [] },
    { secrets: [""] },
    { secrets: ["whsec_"] },
    { secrets: ["whsec_AAAA"] },
    { secrets: ["whsec_not base64!"] },
    { secrets: [OTHER] },
    { secrets: [SECRET.toLowerCase()] },
    { secrets: [btoa(SECRET)] },
  ];
  for (let index = 0; index < BODY.length; index += 1) {
    const body = new TextEncoder().encode(BODY);
    body[index] = (body[index] ?? 0) ^ 1;
    mutations.push({ body });
  }
  for (let index = 3; index < SIGNATURE.length - 1; index += 1) {
    const swapped = SIGNATURE[index] === "A" ? "B" : "A";
    mutations.push({ signature: SIGNATURE.slice(0, index) + swapped + SIGNATURE.slice(index + 1) });
  }
  ok(mutations.length >= 60);
  for (const mutation of mutations) {
    notDeepStrictEqual(await verify(mutation), { eventId: ID }, JSON.stringify(mutation));
  }
  deepStrictEqual(await verify(), { eventId: ID }, "control");
});

Deno.test("standardWebhooks() signs bytes: two bodies that decode alike do not share a signature", async () => {
  const replacement = new TextEncoder().encode('{"a":"\ufffd"}');
  const nowMs = Math.floor(Date.now() / 1000) * 1000;
  const signature = new Webhook(SECRET).sign(ID, new Date(nowMs), '{"a":"\ufffd"}');
  const call = { timestamp: String(nowMs / 1000), signature, nowMs };
  deepStrictEqual(await verify({ ...call, body: replacement }), { eventId: ID }, "control");
  const invalid = new Uint8Array([
    ...new TextEncoder().encode('{"a":"'),
    0xff,
    ...new TextEncoder().encode('"}'),
  ]);
  strictEqual(await verify({ ...call, body: invalid }), "signature");
});
