// A table of what must not get in through the webhooks of the notetaker, and in which words it is
// refused: payload, headers, expectation. After each refusal nothing is stored; at the end the same
// call without the change is, and so is what is only odd.
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { Webhook } from "standardwebhooks";
import {
  createRecording,
  proveReport,
  type ReportHeaders,
  type ReportScheme,
  statusReport,
} from "../support/bot_reports.ts";
import { createRivals } from "../support/rivals.ts";
import { testStack } from "../support/stack.ts";
import { createTranscription } from "../support/transcription_callbacks.ts";

const stack = await testStack();
const { rep, rival } = await createRivals(stack);
const MIN_ROWS = 60;

type Body = string | Uint8Array<ArrayBuffer>;

/** A call that differs from a good one in one thing. */
interface Row {
  readonly name: string;
  readonly path?: string;
  readonly method?: string;
  readonly headers?: ReportHeaders;
  readonly body?: Body;
  readonly status: number;
  readonly code: string;
}

/** The call that is good. */
interface Call {
  readonly path: string;
  readonly headers: ReportHeaders;
  readonly body: string;
}

async function send(call: Call, row: Partial<Row> = {}): Promise<Response> {
  const method = row.method ?? "POST";
  const hasBody = method !== "GET" && method !== "HEAD";
  return await stack.callFunction(row.path ?? call.path, {
    method,
    headers: { "content-type": "application/json", ...(row.headers ?? call.headers) },
    ...(hasBody ? { body: row.body ?? call.body } : {}),
  });
}

async function countStored(provider: string, mark: string): Promise<number> {
  const [row] = await stack.sql<{ count: number }>(
    `select count(*)::int as count from private.webhook_events
     where provider = $1 and (payload::text like $2 or event_id like $2)`,
    [provider, `%${mark}%`],
  );
  return row?.count ?? 0;
}

/** Sends a row and says what is wrong with the answer; null when nothing is. */
async function judge(call: Call, row: Row): Promise<string | null> {
  const response = await send(call, row);
  const text = await response.text();
  const { status, headers } = response;
  if (status !== row.status) return `${row.name}: ${status} instead of ${row.status}: ${text}`;
  if (row.method === "HEAD") return null;
  const type = headers.get("content-type");
  if (type !== "application/problem+json") return `${row.name}: ${type}`;
  const problem = JSON.parse(text);
  if (problem.code !== row.code || problem.status !== row.status) return `${row.name}: ${text}`;
  const requestId = headers.get("x-request-id");
  return requestId && problem.request_id === requestId
    ? null
    : `${row.name}: no request id: ${text}`;
}

async function checkTable(
  provider: string,
  call: Call,
  mark: string,
  rows: readonly Row[],
): Promise<void> {
  ok(rows.length >= MIN_ROWS, `${rows.length} rows`);
  strictEqual(new Set(rows.map(({ name }) => name)).size, rows.length, "each row once");
  const wrong: string[] = [];
  for (const row of rows) {
    const problem = await judge(call, row);
    if (problem !== null) wrong.push(problem);
  }
  deepStrictEqual(wrong, []);
  strictEqual(await countStored(provider, mark), 0, "nothing was stored");
  const control = await send(call);
  deepStrictEqual(await control.json(), { received: true, duplicate: false }, "control");
  strictEqual(await countStored(provider, mark), 1, "control");
  console.log(`${provider}: ${rows.length} bad calls, 0 accepted`);
}

const refused = { status: 401, code: "invalid_signature" };
const malformed = { status: 400, code: "invalid_json" };
const deep = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
const latin1 = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(text, (letter) => letter.charCodeAt(0));

async function gzip(text: string): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return await new Response(stream).bytes();
}

/** Rows that are the same whoever calls: the good proof, and a body or a way that is none. */
function commonRows(call: Call, prove: (body: Body) => ReportHeaders): Row[] {
  const bodies: readonly (readonly [string, Body])[] = [
    ["nothing", ""],
    ["spaces", "   "],
    ["a word", "hello"],
    ["half a document", call.body.slice(0, -1)],
    ["two documents", `${call.body}${call.body}`],
    ["a comma too many", call.body.replace("}", ",}")],
    ["single quotes", call.body.replaceAll('"', "'")],
    ["a comment", `// hi\n${call.body}`],
    ["a form", "event=bot.completed&id=1"],
    ["XML", "<event/>"],
    ["NaN", '{"event":NaN}'],
    ["a bare null", "null"],
    ["65 levels", deep(65)],
    ["a hundred thousand levels", deep(100_000)],
    ["bytes that are no text", latin1('{"event":"\u00ff\u00fe"}')],
    ["an overlong encoding", latin1('{"event":"\u00c0\u00af"}')],
    ["half a surrogate in bytes", latin1('{"event":"\u00ed\u00a0\u0080"}')],
    ["UTF-16", latin1([..."\u00ff\u00fe{}"].join("\0"))],
  ];
  return bodies.map(([name, body]) => ({ name, body, headers: prove(body), ...malformed }));
}

const METHODS: readonly Row[] = ["GET", "PUT", "PATCH", "DELETE", "HEAD"].map((method) => ({
  name: `by ${method}`,
  method,
  status: 405,
  code: "method_not_allowed",
}));

const SVIX_SECRET_OF_ANOTHER = `whsec_${btoa("another secret of another account")}`;

/** Ways in which a signature can be wrong. */
function svixRows(good: ReportHeaders, body: string): Row[] {
  const id = good["svix-id"] ?? "";
  const timestamp = good["svix-timestamp"] ?? "";
  const signature = good["svix-signature"] ?? "";
  const mac = signature.slice(3);
  const signedAt = (seconds: number): ReportHeaders => ({
    ...good,
    "svix-timestamp": String(Math.floor(Date.now() / 1000) + seconds),
  });
  const rows: (readonly [string, ReportHeaders])[] = [];
  for (let at = 0; at < 20; at++) {
    const place = at * 2;
    const flipped = `v1,${mac.slice(0, place)}${mac[place] === "A" ? "B" : "A"}${
      mac.slice(place + 1)
    }`;
    rows.push([`signature changed at ${place}`, { ...good, "svix-signature": flipped }]);
  }
  const signatures: Record<string, string> = {
    "empty": "",
    "without version": mac,
    "of version 2": `v2,${mac}`,
    "with a capital": `V1,${mac}`,
    "cut": `v1,${mac.slice(0, -4)}`,
    "longer": `v1,${mac}AAAA`,
    "in lower case": `v1,${mac.toLowerCase()}`,
    "for URLs": `v1,${mac.replaceAll("+", "-").replaceAll("/", "_").replace("=", "")}x`,
    "of another account": new Webhook(SVIX_SECRET_OF_ANOTHER).sign(id, new Date(), body),
    "hidden behind eight others": `${`v1,${"A".repeat(43)}= `.repeat(8)}${signature}`,
    "undefined": "v1,undefined",
  };
  for (const [name, value] of Object.entries(signatures)) {
    rows.push([`signature ${name}`, { ...good, "svix-signature": value }]);
  }
  for (const seconds of [-86_400, -301, 301, 86_400]) {
    rows.push([`signed for ${seconds} s from now`, signedAt(seconds)]);
  }
  for (
    const value of [
      "",
      "0",
      "now",
      "-1",
      `${timestamp}.0`,
      `${timestamp}000`,
      "1e9",
      `${timestamp}, ${timestamp}`,
    ]
  ) {
    rows.push([`timestamp "${value}"`, { ...good, "svix-timestamp": value }]);
  }
  rows.push(["another id", { ...good, "svix-id": `${id}x` }]);
  rows.push(["an id of 300 letters", { ...good, "svix-id": "a".repeat(300) }]);
  for (const name of ["svix-id", "svix-timestamp", "svix-signature"]) {
    const rest = Object.entries(good).filter(([header]) => header !== name);
    rows.push([`without ${name}`, Object.fromEntries(rest)]);
  }
  return rows.map(([name, headers]) => ({ name, headers, ...refused }));
}

/** Ways in which a secret that is sent along can be wrong. */
function bearerRows(scheme: "callback" | "v1", body: string): Row[] {
  const [[header = "", secret = ""] = []] = Object.entries(proveReport(stack, scheme, body));
  const values: Record<string, string> = {
    "empty": "",
    "cut": secret.slice(0, -1),
    "longer": `${secret}x`,
    "in another case": secret.toUpperCase(),
    "with a word before it": `Bearer ${secret}`,
    "twice": `${secret}, ${secret}`,
    "undefined": "undefined",
    "endless": "x".repeat(4_000),
  };
  return Object.entries(values).map(([name, value]) => ({
    name: `${scheme} secret ${name}`,
    headers: { [header]: value },
    ...refused,
  }));
}

Deno.test("U60-106 U60-140 R-03 meetingbaas-webhook: no row of the table of bad calls is accepted", async () => {
  const recording = await createRecording(stack, rep);
  const body = statusReport(recording, "joining_call");
  const path = "meetingbaas-webhook";
  const headers = proveReport(stack, "v2", body);
  const call = { path, headers, body };
  const prove = (given: Body): ReportHeaders =>
    typeof given === "string"
      ? proveReport(stack, "v2", given)
      : proveReport(stack, "callback", "");
  const large = `{"event":"x","pad":"${"a".repeat(10 * 1024 * 1024)}"}`;
  const zipped = await gzip(body);
  await checkTable("meetingbaas", call, recording.botId, [
    ...svixRows(headers, body),
    ...bearerRows("callback", body),
    ...bearerRows("v1", body),
    ...commonRows(call, prove),
    ...METHODS,
    { name: "no proof at all", headers: {}, ...refused },
    { name: "a person's token", headers: { authorization: `Bearer ${rep.token}` }, ...refused },
    { name: "our own secret key", headers: { apikey: stack.description.secretKey }, ...refused },
    { name: "the body changed by a letter", body: body.replace("joining", "Joining"), ...refused },
    { name: "the body with a newline", body: `${body}\n`, ...refused },
    { name: "another document before it", body: `{"data":1,${body.slice(1)}`, ...refused },
    {
      name: "a bad signature beside a good secret and key",
      headers: {
        ...headers,
        "svix-signature": "v1,x",
        ...proveReport(stack, "callback", body),
        ...proveReport(stack, "v1", body),
      },
      ...refused,
    },
    {
      name: "the key where the secret belongs",
      headers: { "x-mb-secret": Object.values(proveReport(stack, "v1", body)).join() },
      ...refused,
    },
    {
      name: "10 MB",
      headers: proveReport(stack, "callback", ""),
      body: large,
      status: 413,
      code: "body_too_large",
    },
    ...["gzip", "br", "deflate, gzip"].map((encoding): Row => ({
      name: `compressed: ${encoding}`,
      headers: { ...proveReport(stack, "callback", ""), "content-encoding": encoding },
      body: zipped,
      status: 415,
      code: "unsupported_media_type",
    })),
    { name: "another address", path: `${path}/x`, status: 404, code: "route_not_found" },
  ]);
});

Deno.test("U60-109 process-gladia-webhook: no row of the table of bad calls is accepted", async () => {
  const { jobId, token } = await createTranscription(stack, rep);
  const gone = await createTranscription(stack, rival);
  await stack.sql(
    `update public.recordings as r set deleted_at = now() from private.recording_transcriptions as t
     where t.id = $1 and r.org_id = t.org_id and r.id = t.recording_id`,
    [gone.id],
  );
  const at = (last: string): string => `process-gladia-webhook/${last}`;
  const body = JSON.stringify({ id: jobId, event: "transcription.success", payload: {} });
  const call = { path: at(token), headers: {}, body };
  const flips = Array.from({ length: 20 }, (_, n): Row => {
    const place = n * 2;
    const letter = token[place] === "A" ? "B" : "A";
    const changed = `${token.slice(0, place)}${letter}${token.slice(place + 1)}`;
    return { name: `address changed at ${place}`, path: at(changed), ...refused };
  });
  const notFound = { status: 404, code: "route_not_found" };
  const documents: Readonly<Record<string, unknown>> = {
    "no job": { event: "transcription.success" },
    "no event": { id: jobId },
    "an empty job": { id: "", event: "transcription.success" },
    "a job that is a number": { id: 7, event: "transcription.success" },
    "a job that is a list": { id: [jobId], event: "transcription.success" },
    "a job that is a name too long": { id: "a".repeat(201), event: "x" },
    "a job with a line break": { id: `${jobId}\n`, event: "x" },
    "a job with NUL": { id: `${jobId}\0`, event: "x" },
    "a job that is a path": { id: `../${jobId}/%`, event: "x" },
    "an event that is an object": { id: jobId, event: { name: "transcription.success" } },
    "an event without end": { id: jobId, event: "x".repeat(101) },
    "a list": [{ id: jobId, event: "transcription.success" }],
    "a number": 4,
    "a word as JSON": "transcription.success",
    "true": true,
  };
  const broken = commonRows(call, () => ({})).map((row) => ({ ...row, ...refused }));
  await checkTable("gladia", call, jobId, [
    ...flips,
    { name: "no token", path: at(""), ...notFound },
    { name: "no slash", path: "process-gladia-webhook", ...notFound },
    { name: "a short token", path: at(token.slice(0, 19)), ...notFound },
    { name: "a long token", path: at("a".repeat(101)), ...notFound },
    { name: "a token and more", path: at(`${token}/x`), ...notFound },
    { name: "a token with a point", path: at(`${token}.`), ...notFound },
    { name: "a token with a quote", path: at(`${token}%27--`), ...notFound },
    { name: "a token with NUL", path: at(`${token}%00`), ...notFound },
    { name: "a token cut by one", path: at(token.slice(0, -1)), ...refused },
    { name: "a token and a letter", path: at(`${token}A`), ...refused },
    { name: "the token in another case", path: at(token.toUpperCase()), ...refused },
    { name: "the token of a deleted recording", path: at(gone.token), ...refused },
    { name: "the job for a token", path: at(jobId), ...refused },
    { name: "the token in the query", path: `${at("a".repeat(43))}?token=${token}`, ...refused },
    {
      name: "the token as a header",
      path: at("a".repeat(43)),
      headers: { authorization: `Bearer ${token}`, "x-gladia-key": token },
      ...refused,
    },
    ...broken,
    ...Object.entries(documents).map(([name, document]): Row => ({
      name,
      body: JSON.stringify(document),
      ...refused,
    })),
    ...METHODS,
    {
      name: "17 MB",
      body: `{"id":"${jobId}","event":"x","pad":"${"a".repeat(17 * 1024 * 1024)}"}`,
      status: 413,
      code: "body_too_large",
    },
    {
      name: "compressed",
      headers: { "content-encoding": "gzip" },
      body: await gzip(body),
      status: 415,
      code: "unsupported_media_type",
    },
  ]);
});

/** Odd, and proved: stored as it is, as far as it can be. */
const ODD: Readonly<Record<string, (botId: string) => string>> = {
  "keys twice": (botId) => `{"event":"x","event":"y","data":{"bot_id":"z","bot_id":"${botId}"}}`,
  "keys that name a prototype": (botId) =>
    `{"__proto__":{"isAdmin":true},"constructor":{"prototype":1},"data":{"bot_id":"${botId}"}}`,
  "NUL and half characters": (botId) => `{"event":"\\u0000\\ud800","data":{"bot_id":"${botId}"}}`,
  "numbers without end": (botId) => `{"n":[1e400,-1e400,1e-400],"data":{"bot_id":"${botId}"}}`,
  "64 levels": (botId) => `{"deep":${deep(63)},"data":{"bot_id":"${botId}"}}`,
  "1 MB": (botId) => `{"pad":"${"a".repeat(1024 * 1024)}","data":{"bot_id":"${botId}"}}`,
  "a list": (botId) => `["${botId}"]`,
  "spaces around it": (botId) => ` \r\n\t{"data":{"bot_id":"${botId}"}}\n`,
};

for (const [name, write] of Object.entries(ODD)) {
  Deno.test(`U60-106 what is only odd is in the inbox, by each of the three ways: ${name}`, async () => {
    for (const scheme of ["v2", "callback", "v1"] satisfies ReportScheme[]) {
      const { botId } = await createRecording(stack, rep);
      const body = write(botId);
      const headers = proveReport(stack, scheme, body);
      const answer = await send({ path: "meetingbaas-webhook", headers, body });
      deepStrictEqual([answer.status, await answer.json()], [200, {
        received: true,
        duplicate: false,
      }]);
      strictEqual(await countStored("meetingbaas", botId), 1, scheme);
    }
  });
}

Deno.test("U60-106 the content type is the sender's to choose: the proof is over bytes", async () => {
  const types = [
    "",
    "text/plain",
    "application/octet-stream",
    "application/json; charset=latin1",
    "x".repeat(1_000),
  ];
  for (const type of types) {
    const { botId } = await createRecording(stack, rep);
    const body = JSON.stringify({ event: "bot.surprise", data: { bot_id: botId } });
    const headers = { ...proveReport(stack, "v2", body), "content-type": type };
    const answer = await send({ path: "meetingbaas-webhook", headers, body });
    strictEqual(answer.status, 200, await answer.text());
    const [row] = await stack.sql<{ headers: Record<string, string> }>(
      "select headers from private.webhook_events where payload::text like $1",
      [`%${botId}%`],
    );
    ok((row?.headers["content-type"] ?? "").length <= 300);
    ok(!JSON.stringify(row?.headers).includes("v1,"), "the signature is not kept");
  }
});

Deno.test("U60-109 of a callback of 10 MB, with everything said twice, only the job is kept", async () => {
  const { id, jobId, token } = await createTranscription(stack, rep);
  const said = "so we will sign on Friday ";
  const body =
    `{"id":"other","id":"${jobId}","event":"transcription.success","__proto__":{"id":"x"},` +
    `"payload":{"text":"${said.repeat(400_000)}"}}`;
  ok(body.length > 10_000_000);
  const answer = await send({ path: `process-gladia-webhook/${token}`, headers: {}, body });
  deepStrictEqual([answer.status, await answer.json()], [200, {
    received: true,
    duplicate: false,
  }]);
  const [row] = await stack.sql<{ payload: unknown; event_id: string }>(
    "select payload, event_id from private.webhook_events where event_id like $1",
    [`${id}:%`],
  );
  deepStrictEqual(row?.payload, { id: jobId, event: "transcription.success" });
  match(row?.event_id ?? "", new RegExp(`^${id}:${jobId}:transcription\\.success(?::|$)`));
});
