import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { z } from "zod";
import { AppError, fromPostgrestError } from "@shared/errors/app_error.ts";
import { fixedClock } from "@shared/platform/clock.ts";
import { createTestDeps, signedIn } from "../../../../tests/support/function_deps.ts";
import { readVariables } from "../env/platform_env.ts";
import { createApi } from "../http/create_api.ts";
import { createLogger, type RequestFields } from "./logger.ts";
import { describeCause } from "./describe_cause.ts";
import { redact } from "./redact.ts";

/** Planted values: none of them may be found in anything that we write or answer. */
const CANARIES: Readonly<Record<string, string>> = {
  "user token": "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJlLWNhbmFyeQ",
  "secret key": "sb_secret_canary0123456789abcdefghij",
  "publishable key": "sb_publishable_canary0123456789abc",
  "webhook secret": "whsec_Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5",
  "bearer": "Bearer canary-opaque-token-value",
  "Google access token": "ya29.canary-A0ARrdaM-canary",
  "Google refresh token": "1//0canary-refresh-token-value",
  "Google client secret": "GOCSPX-canaryCanaryCanary",
  "Google API key": "AIzaSyCanaryCanaryCanaryCanaryCanary12",
  "AWS key id": "AKIACANARYCANARY1234",
  "AWS secret": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYCANARYKEYX",
  "Slack token": "xoxb-canary-123456789012-canary",
  "GitHub token": "ghp_canaryCanaryCanaryCanaryCanary1234",
  "model key": "sk-canary-0123456789abcdef0123456789",
  "Twilio account": "AC0123456789abcdef0123456789abcdef",
  "password": "password=hunter2-canary",
  "JSON password": '"password":"hunter3-canary"',
  "cookie": "cookie: sb-access=canary-cookie-value",
  "database address": "postgresql://postgres:canary-pass@db.example.test:5432/postgres",
  "signed address":
    "https://s3.example.test/a.mp4?X-Amz-Signature=canarysignature&X-Amz-Credential=canary",
  "e-mail": "ana.canary@acme.example",
  "e-mail with accents": "jörg.canary@müller.example",
  "phone": "+44 20 7946 0958",
  "US phone": "(415) 555-2671",
  "card": "4111 1111 1111 1111",
  "IBAN": "GB82 WEST 1234 5698 7654 32",
  "social security": "078-05-1120",
  "IPv4": "203.0.113.77",
  "IPv6": "2001:db8:85a3::8a2e:370:7334",
  "private key": "-----BEGIN PRIVATE KEY-----\nMIIcanary\n-----END PRIVATE KEY-----",
};

/** The part of a canary that must not survive: its most telling run of characters. */
function tellingPart(canary: string): string {
  const runs = canary.match(/[\p{L}\p{N}]{3,}/gu) ?? [canary];
  const telling = runs.filter((run) => /canary|hunter|\d/i.test(run));
  return telling.sort((a, b) => b.length - a.length)[0] ?? canary;
}

/** Places of a log line where a value can turn up. */
const SINKS: Readonly<Record<string, (value: string) => RequestFields>> = {
  "operation": (value) => ({ operation: value }),
  "entity_id": (value) => ({ entity_id: value }),
  "event_id": (value) => ({ event_id: value }),
  "actor_id": (value) => ({ actor_id: value }),
  "reason": (value) => ({ reason: value }),
  "state": (value) => ({ state: `was ${value} before` }),
  "provider": (value) => ({ provider: value }),
  "method": (value) => ({ method: value }),
  "outcome in a sentence": (value) => ({ outcome: `Could not reach ${value}, gave up` }),
  "outcome in brackets": (value) => ({ outcome: `(${value})` }),
  "an error's message": (value) => ({ cause: new Error(value) }),
  "a type error's message": (value) => ({
    cause: new TypeError(`error sending request for ${value}`),
  }),
  "an error's cause": (value) => ({ cause: new AppError("conflict", { cause: new Error(value) }) }),
  "an error's name": (value) => ({ cause: Object.assign(new Error(), { name: value }) }),
  "an error's code": (value) => ({ cause: { code: value, message: value } }),
  "a thrown text": (value) => ({ cause: value }),
  "a database error": (value) => ({
    cause: fromPostgrestError({
      code: "23505",
      message: `duplicate key value violates unique constraint "contacts_email_key" ${value}`,
      ...{ details: `Key (email)=(${value}) already exists.`, hint: value },
    }),
  }),
  "a database value error": (value) => ({
    cause: {
      name: "PostgrestError",
      code: "22P02",
      message: `invalid input syntax for type uuid: "${value}"`,
    },
  }),
  "a field that is not on the list": (value) =>
    Object.assign({ count: 1 }, { body: value, email: value, headers: { a: value } }),
  "an object in a field": (value) => smuggle({ count: { toString: () => value } }),
  "a parse error": (value) => ({ cause: parseErrorOf(value) }),
  "a validation error": (value) => ({
    cause: z.strictObject({ a: z.literal("b") }).safeParse({ a: value, [value]: 1 }).error,
  }),
};

/** What a caller without types could pass. */
function smuggle(fields: object): RequestFields {
  return fields;
}

function parseErrorOf(text: string): unknown {
  try {
    JSON.parse(`{"a": ${text}`);
  } catch (error) {
    return error;
  }
}

Deno.test("CRE-047 CRE-053 the log holds none of 30 planted secrets and personal values, in any of 22 places", () => {
  ok(Object.keys(CANARIES).length >= 30 && Object.keys(SINKS).length >= 22);
  for (const [kind, canary] of Object.entries(CANARIES)) {
    for (const [place, plant] of Object.entries(SINKS)) {
      const lines: string[] = [];
      const source = { functionName: "meeting-search", requestId: "req-12345678" };
      const logger = createLogger(
        source,
        fixedClock("2026-11-22T10:00:00Z"),
        (line) => lines.push(line),
      );
      logger.error("request", plant(canary));
      const [line = ""] = lines;
      ok(line.startsWith('{"time":"2026-11-22T10:00:00.000Z","level":"error"'), line);
      const telling = tellingPart(canary);
      ok(!line.includes(telling), `${kind} in ${place}: "${telling}" in ${line}`);
    }
  }
});

Deno.test("redact() keeps what an operator needs", () => {
  const kept = [
    "meetings.cancel",
    "5b6cfa4e-6d0c-4f0e-9c1e-0d4c5b5a7f10",
    "req-12345678",
    "AppError[conflict] < PostgrestError[23505] duplicate key value violates unique constraint",
    "Error at create_api.ts:120 serve_request.ts:44",
    "statement timeout after 8000 ms",
    "2026-11-22T10:00:00Z",
    "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W",
  ];
  for (const text of kept) strictEqual(redact(text), text);
});

Deno.test("redact() makes one line of any text, without escapes that a terminal would follow", () => {
  const hostile = [
    'a\r\n{"level":"info","event":"forged"}',
    "a\u001b[2J\u001b]0;title\u0007b",
    "a\u2028b\u2029c",
    "a\u202eb\u2066c\u200bd",
    "a\u0000b\u0085c\u009bd",
  ];
  for (const text of hostile) {
    const lines: string[] = [];
    const source = { functionName: "meeting-search", requestId: "req-12345678" };
    createLogger(source, fixedClock("2026-11-22T10:00:00Z"), (line) => lines.push(line)).info("x", {
      reason: text,
    });
    strictEqual(lines.length, 1);
    ok(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u.test(lines[0] ?? ""), JSON.stringify(lines[0]));
    const parsed = JSON.parse(lines[0] ?? "{}");
    ok(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u.test(parsed.reason), JSON.stringify(parsed.reason));
    deepStrictEqual(Object.keys(parsed), [
      "time",
      "level",
      "event",
      "function",
      "request_id",
      "reason",
    ]);
  }
});

Deno.test("CRE-054 redact() cuts at 300 characters, and stays quick on hostile lengths", () => {
  strictEqual(redact("word ".repeat(1_000)).length, 300);
  const startedAt = performance.now();
  for (
    const text of [
      "a@".repeat(1e6),
      "1 ".repeat(1e6),
      ":".repeat(1e6),
      "eyJ".repeat(1e6),
      "key=".repeat(1e6),
    ]
  ) {
    ok(redact(text).length <= 300);
  }
  ok(performance.now() - startedAt < 500);
});

Deno.test("U60-139 U60-141 the log names the settings that are missing or malformed, and no value", () => {
  const schema = z.object({
    MEETINGBAAS_API_KEY: z.string(),
    MEETINGBAAS_ARTIFACT_HOSTS: z.string(),
    GLADIA_BASE_URL: z.url(),
  });
  const read = (name: string): string | undefined =>
    name === "GLADIA_BASE_URL" ? "hunter2-canary" : undefined;
  let thrown: unknown;
  try {
    readVariables(schema, read);
  } catch (cause) {
    thrown = new AppError("not_configured", { cause });
  }
  const text = describeCause(thrown);
  ok(text.includes("MEETINGBAAS_API_KEY is not set"), text);
  ok(text.includes("MEETINGBAAS_ARTIFACT_HOSTS is not set"), text);
  ok(text.includes("GLADIA_BASE_URL is malformed"), text);
  ok(!text.includes("hunter2"), text);
});

Deno.test("describeCause() says kind, code and place, and follows causes but not in circles", () => {
  const inner = {
    name: "PostgrestError",
    code: "42501",
    message: 'permission denied for table "deals"',
  };
  const outer = new AppError("forbidden", { cause: inner });
  ok(
    /^AppError\[forbidden\].*< PostgrestError\[42501\] permission denied/.test(
      describeCause(outer),
    ),
  );
  const circle = new Error("a");
  circle.cause = circle;
  ok(describeCause(circle).startsWith("Error"));
  strictEqual(describeCause("a thrown secret"), "thrown string");
  strictEqual(describeCause(undefined), "");
});

Deno.test("U60-035 U60-036 no answer holds what went wrong inside: body, headers or status text", async () => {
  const deps = await createTestDeps();
  // Ids and timings of our own would hold a short canary's digits by chance
  const headers = { ...await signedIn(deps), "x-request-id": "req-abcdefgh" };
  for (const [kind, canary] of Object.entries(CANARIES)) {
    const failures: unknown[] = [
      new Error(canary),
      new TypeError(canary, { cause: new Error(canary) }),
      canary,
      fromPostgrestError({ code: "P0001", message: canary }),
      fromPostgrestError({ code: "PT409", message: canary }),
      new AppError("upstream_failed", { cause: new Error(canary) }),
    ];
    for (const failure of failures) {
      const api = createApi("meeting-search", deps);
      api.operation({
        operation: "notes.fail",
        method: "get",
        path: "/",
        summary: "Fails.",
        response: z.strictObject({}),
      }, () => Promise.reject(failure));
      const response = await api.request("/meeting-search", { headers });
      response.headers.delete("server-timing");
      const answer = `${response.statusText} ${
        JSON.stringify([...response.headers])
      } ${await response.text()}`;
      ok(!answer.includes(tellingPart(canary)), `${kind}: ${answer}`);
      ok(response.status >= 500, kind);
    }
  }
});

Deno.test("U60-036 no answer and no line holds a key of ours", async () => {
  const deps = await createTestDeps({
    network: () => Response.json({ message: "no" }, { status: 500 }),
  });
  const api = createApi("calendar-sync", deps);
  api.operation({
    operation: "calendar.sync",
    method: "post",
    path: "/",
    summary: "Uses the service role.",
    response: z.strictObject({}),
  }, async (_, __, call) => {
    await call.service("refresh_calendar_tokens");
    return { data: {} };
  });
  const response = await api.request("/calendar-sync", {
    method: "POST",
    headers: await signedIn(deps),
  });
  strictEqual(response.status, 503);
  const everything = `${JSON.stringify([...response.headers])} ${await response
    .text()} ${deps.lines.join()}`;
  for (const key of [deps.env.secretKey, deps.env.publishableKey, deps.env.cronKey ?? ""]) {
    ok(!everything.includes(key));
  }
  strictEqual(
    deps.calls[0]?.headers.get("apikey"),
    deps.env.secretKey,
    "control: the key was used",
  );
});
