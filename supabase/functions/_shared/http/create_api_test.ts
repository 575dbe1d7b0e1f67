import { deepStrictEqual, match, ok, strictEqual, throws } from "node:assert/strict";
import { z } from "zod";
import { AppError } from "@shared/errors/app_error.ts";
import {
  createTestDeps,
  signedIn,
  TEST_ORIGIN,
  type TestDeps,
  type TestSurroundings,
} from "../../../../tests/support/function_deps.ts";
import { type Api, type ApiName, createApi } from "./create_api.ts";

const Note = z.strictObject({ title: z.string().max(20), tags: z.array(z.string()).optional() });

async function createNotes(
  surroundings: TestSurroundings = {},
): Promise<{ readonly api: Api; readonly deps: TestDeps }> {
  const deps = await createTestDeps(surroundings);
  const api = createApi("meeting-search", deps);
  api.operation({
    operation: "notes.create",
    method: "post",
    path: "/notes/:noteId",
    summary: "Keeps a note.",
    params: z.strictObject({ noteId: z.uuid() }),
    query: z.strictObject({ draft: z.enum(["yes", "no"]).optional() }),
    body: Note,
    response: z.strictObject({ id: z.string(), title: z.string() }),
    maxBodyBytes: 1_000,
  }, (_, { params, body }) => Promise.resolve({ data: { id: params.noteId, title: body.title } }));
  api.operation({
    operation: "notes.read",
    method: "get",
    path: "/notes/:noteId",
    summary: "Reads a note.",
    params: z.strictObject({ noteId: z.string() }),
    response: z.strictObject({ title: z.string() }),
  }, async (ctx) => {
    const { data, error } = await ctx.db.rpc("my_calendar_connections", {});
    if (error) throw new AppError("not_found", { cause: error });
    return { data: { title: String(data) } };
  });
  api.operation({
    operation: "notes.fail",
    method: "get",
    path: "/fail",
    summary: "Always fails.",
    response: z.strictObject({}),
  }, () => Promise.reject(new Error("the password is hunter2, ana@acme.example")));
  return { api, deps };
}

const NOTE_PATH = "/meeting-search/notes/5b6cfa4e-6d0c-4f0e-9c1e-0d4c5b5a7f10";
const JSON_TYPE = { "content-type": "application/json" };

async function post(
  surroundings: TestSurroundings,
  body: BodyInit | null,
  headers: Record<string, string> = JSON_TYPE,
): Promise<{ readonly status: number; readonly problem: Record<string, unknown> }> {
  const { api, deps } = await createNotes(surroundings);
  const response = await api.request(NOTE_PATH, {
    method: "POST",
    body,
    headers: { ...await signedIn(deps), ...headers },
  });
  return { status: response.status, problem: await response.json() };
}

Deno.test("createApi() answers a signed-in caller with the operation's data", async () => {
  const { api, deps } = await createNotes();
  const response = await api.request(NOTE_PATH, {
    method: "POST",
    body: JSON.stringify({ title: "Kickoff" }),
    headers: { ...await signedIn(deps), ...JSON_TYPE },
  });
  strictEqual(response.status, 200);
  deepStrictEqual(await response.json(), {
    data: { id: "5b6cfa4e-6d0c-4f0e-9c1e-0d4c5b5a7f10", title: "Kickoff" },
  });
});

Deno.test("TEL-023 createApi() answers 401 without a credential, on every operation", async () => {
  const { api } = await createNotes();
  for (
    const [method, path] of [["POST", NOTE_PATH], ["GET", NOTE_PATH], [
      "GET",
      "/meeting-search/fail",
    ]]
  ) {
    const response = await api.request(path ?? "", { method: method ?? "" });
    strictEqual(response.status, 401);
    strictEqual((await response.json()).code, "unauthenticated");
    strictEqual(response.headers.get("www-authenticate"), "Bearer");
  }
});

Deno.test("U60-147 createApi() answers 401, not anonymous, when a credential is present and bad", async () => {
  const { api, deps } = await createNotes();
  const good = (await signedIn(deps))["authorization"] ?? "";
  for (
    const authorization of [
      `${good.slice(0, -3)}AAA`,
      "Bearer ",
      "Basic YTpi",
      "Bearer sb_publishable_x",
      good.replace("Bearer ", "Bearer"),
    ]
  ) {
    const response = await api.request(NOTE_PATH, { headers: { authorization } });
    strictEqual(response.status, 401, authorization);
    strictEqual((await response.json()).code, "invalid_token");
  }
});

Deno.test("U60-035 createApi() answers problem+json with a code, safe texts and the request id", async () => {
  const { api, deps } = await createNotes();
  const response = await api.request("/meeting-search/fail", {
    headers: { ...await signedIn(deps), "x-request-id": "req-12345678" },
  });
  strictEqual(response.status, 500);
  strictEqual(response.headers.get("content-type"), "application/problem+json");
  const problem = await response.json();
  deepStrictEqual(problem, {
    type: "urn:sixty:error:internal_error",
    title: "Something went wrong",
    status: 500,
    detail: "It is our fault and it was recorded. Please try again later.",
    code: "internal_error",
    message: "It is our fault and it was recorded. Please try again later.",
    request_id: "req-12345678",
  });
  const line = JSON.parse(deps.lines.at(-1) ?? "{}");
  strictEqual(line.level, "error");
  match(line.cause, /^Error at create_api_test\.ts:\d+/);
  ok(!deps.lines.join().includes("hunter2") && !deps.lines.join().includes("acme"));
});

Deno.test("createApi() refuses unknown keys and says where every problem is", async () => {
  const { status, problem } = await post({}, JSON.stringify({ title: 1, owner: "me" }));
  strictEqual(status, 400);
  strictEqual(problem["code"], "invalid_request");
  const issues = problem["issues"] as { path: string; code: string }[];
  deepStrictEqual(issues.map(({ path, code }) => [path, code]), [
    ["body.title", "invalid_type"],
    ["body", "unrecognized_keys"],
  ]);
});

Deno.test("createApi() refuses a query or a path that the contract does not have", async () => {
  const { api, deps } = await createNotes();
  const headers = { ...await signedIn(deps), ...JSON_TYPE };
  const body = JSON.stringify({ title: "Kickoff" });
  for (
    const path of [
      `${NOTE_PATH}?draft=yes&draft=no`,
      `${NOTE_PATH}?admin=1`,
      "/meeting-search/notes/1",
    ]
  ) {
    const response = await api.request(path, { method: "POST", body, headers });
    strictEqual(response.status, 400, path);
  }
  const control = await api.request(`${NOTE_PATH}?draft=yes`, { method: "POST", body, headers });
  strictEqual(control.status, 200);
});

Deno.test("createApi() refuses bodies that are no honest JSON", async () => {
  const bodies: BodyInit[] = [
    "",
    "{",
    '{"title":"a"}{}',
    new Uint8Array([0x22, 0xff, 0x22]),
    `{"title":"a","tags":${"[".repeat(1e5)}${"]".repeat(1e5)}}`.slice(0, 900),
    '{"__proto__":{"title":"a"}}',
    '{"title":"a\\u0000b"}',
    '{"title":"\\ud800"}',
    `{"title":"a","tags":${"[".repeat(70)}${"]".repeat(70)}}`,
  ];
  for (const body of bodies) {
    const { status, problem } = await post({}, body);
    strictEqual(status, 400, String(body).slice(0, 40));
    strictEqual(problem["code"], "invalid_json", String(body).slice(0, 40));
  }
});

Deno.test("createApi() refuses other content types and compressed bodies", async () => {
  const body = JSON.stringify({ title: "Kickoff" });
  const refused: Record<string, string>[] = [
    { "content-type": "text/plain" },
    { "content-type": "application/json; charset=latin1" },
    { "content-type": "application/x-www-form-urlencoded" },
    { ...JSON_TYPE, "content-encoding": "gzip" },
  ];
  for (const headers of refused) strictEqual((await post({}, body, headers)).status, 415);
  strictEqual(
    (await post({}, body, { "content-type": "application/json;charset=UTF-8" })).status,
    200,
  );
});

Deno.test("createApi() refuses a body that is too large, also when no header says so", async () => {
  const large = JSON.stringify({ title: "a".repeat(2_000) });
  strictEqual((await post({}, large)).status, 413);
  let pulled = 0;
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      pulled += 1;
      controller.enqueue(new Uint8Array(600));
    },
  });
  const { status, problem } = await post({}, stream);
  strictEqual(status, 413);
  strictEqual(problem["code"], "body_too_large");
  ok(pulled < 10, `read ${pulled} chunks`);
});

Deno.test("createApi() answers 404 for an unknown route and 405 with Allow for a known one", async () => {
  const { api } = await createNotes();
  const unknown = await api.request("/meeting-search/nothing");
  strictEqual(unknown.status, 404);
  strictEqual((await unknown.json()).code, "route_not_found");
  const wrong = await api.request(NOTE_PATH, { method: "DELETE" });
  strictEqual(wrong.status, 405);
  strictEqual(wrong.headers.get("allow"), "GET, POST, OPTIONS");
  const overridden = await api.request(NOTE_PATH, {
    method: "DELETE",
    headers: { "x-http-method-override": "GET" },
  });
  strictEqual(overridden.status, 405);
});

Deno.test("U60-024 createApi() lets exactly the configured origins read its answers", async () => {
  const { api } = await createNotes();
  const allowed = await api.request(NOTE_PATH, { headers: { origin: TEST_ORIGIN } });
  strictEqual(allowed.headers.get("access-control-allow-origin"), TEST_ORIGIN);
  match(allowed.headers.get("vary") ?? "", /\bOrigin\b/);
  const others = [
    "http://app.stack.test",
    `${TEST_ORIGIN}/`,
    `${TEST_ORIGIN}.evil.test`,
    TEST_ORIGIN.toUpperCase(),
    "https://app.stack.test:5175",
    "http://evil.test",
    "null",
    "*",
  ];
  for (const origin of others) {
    const response = await api.request(NOTE_PATH, { headers: { origin } });
    strictEqual(response.headers.get("access-control-allow-origin"), null, origin);
    match(response.headers.get("vary") ?? "", /\bOrigin\b/);
  }
});

Deno.test("U60-024 createApi() answers a preflight with the route's methods, for its origins only", async () => {
  const { api } = await createNotes();
  const ask = (origin: string): Promise<Response> =>
    api.request(NOTE_PATH, {
      method: "OPTIONS",
      headers: { origin, "access-control-request-method": "POST" },
    });
  const allowed = await ask(TEST_ORIGIN);
  strictEqual(allowed.status, 204);
  strictEqual(allowed.headers.get("access-control-allow-origin"), TEST_ORIGIN);
  strictEqual(allowed.headers.get("access-control-allow-methods"), "GET, POST");
  strictEqual(allowed.headers.get("access-control-allow-credentials"), null);
  const other = await ask("http://evil.test");
  strictEqual(other.headers.get("access-control-allow-origin"), null);
  strictEqual(other.headers.get("access-control-allow-methods"), null);
});

Deno.test("createApi() carries a harmless request id from end to end, and replaces any other", async () => {
  const { api, deps } = await createNotes({ network: () => Response.json("Kickoff") });
  const headers = await signedIn(deps);
  const given = await api.request(NOTE_PATH, {
    headers: { ...headers, "x-request-id": "trace-0001" },
  });
  strictEqual(given.status, 200);
  strictEqual(given.headers.get("x-request-id"), "trace-0001");
  strictEqual(deps.calls.at(-1)?.headers.get("x-request-id"), "trace-0001");
  strictEqual(JSON.parse(deps.lines.at(-1) ?? "{}").request_id, "trace-0001");
  for (
    const bad of [
      "short",
      "a b c d e f g h",
      "x".repeat(101),
      "trace\u001b[31m0001",
      "-leading-hyphen",
      'trace"0001',
    ]
  ) {
    const response = await api.request(NOTE_PATH, {
      headers: {
        ...headers,
        "x-request-id": encodeURIComponent(bad) === bad ? bad : bad.replace("\u001b", "%"),
      },
    });
    match(response.headers.get("x-request-id") ?? "", /^[0-9a-f-]{36}$/);
  }
});

Deno.test("U60-148 createApi() gives the handler a client with the caller's own token", async () => {
  const { api, deps } = await createNotes({ network: () => Response.json("Kickoff") });
  const headers = await signedIn(deps);
  await api.request(NOTE_PATH, { headers });
  const [call] = deps.calls;
  strictEqual(deps.calls.length, 1);
  strictEqual(call?.url, "http://stack.test/rest/v1/rpc/my_calendar_connections");
  strictEqual(call?.headers.get("authorization"), headers["authorization"]);
  strictEqual(call?.headers.get("apikey"), deps.env.publishableKey);
});

Deno.test("TEL-042 createApi() logs one line per request: who, what, how it went, and no more", async () => {
  const { api, deps } = await createNotes({ network: () => Response.json("Kickoff") });
  await api.request(NOTE_PATH, { headers: await signedIn(deps, { email: "ana@acme.example" }) });
  await api.request(NOTE_PATH);
  strictEqual(deps.lines.length, 2);
  const [first, second] = deps.lines.map((line) => JSON.parse(line));
  deepStrictEqual(Object.keys(first).sort(), [
    "actor_id",
    "actor_kind",
    "auth",
    "auth_ms",
    "db_calls",
    "db_ms",
    "duration_ms",
    "event",
    "function",
    "level",
    "method",
    "operation",
    "request_id",
    "status",
    "time",
  ]);
  strictEqual(first.auth, "ok");
  strictEqual(first.actor_kind, "user");
  strictEqual(first.operation, "notes.read");
  strictEqual(second.auth, "absent");
  strictEqual(second.status, 401);
  strictEqual(second.error_code, "unauthenticated");
});

Deno.test("createApi() says what took how long, and sets the security headers", async () => {
  const { api, deps } = await createNotes({ network: () => Response.json("Kickoff") });
  const { headers } = await api.request(NOTE_PATH, { headers: await signedIn(deps) });
  match(
    headers.get("server-timing") ?? "",
    /^auth;dur=[\d.]+, handler;dur=[\d.]+, db;dur=[\d.]+, total;dur=[\d.]+$/,
  );
  strictEqual(headers.get("x-content-type-options"), "nosniff");
  strictEqual(headers.get("cache-control"), "no-store");
});

Deno.test("createApi() refuses to start as something that the registry does not know", async () => {
  const deps = await createTestDeps();
  throws(() => createApi("fathom-webhook" as ApiName, deps), /registered as webhook/);
  throws(() => createApi("nobody" as ApiName, deps), /not in the function registry/);
  const api = createApi("meeting-search", deps);
  throws(() =>
    api.operation({
      operation: "notes.loose",
      method: "post",
      path: "/",
      summary: "Takes anything.",
      body: z.object({}),
      response: z.strictObject({}),
    }, () => Promise.resolve({ data: {} })), /strictObject/);
});

Deno.test("createApi() keeps its contract: an answer that breaks it is an error outside production", async () => {
  const { api, deps } = await createNotes({ network: () => Response.json("Kickoff") });
  strictEqual((await api.request(NOTE_PATH, { headers: await signedIn(deps) })).status, 200);
  const broken = createApi("meeting-search", deps);
  broken.operation({
    operation: "notes.leak",
    method: "get",
    path: "/",
    summary: "Answers more than it promised.",
    response: z.strictObject({ id: z.string() }),
  }, () => Promise.resolve({ data: { id: "1", secret: "2" } as { id: string } }));
  const response = await broken.request("/meeting-search", { headers: await signedIn(deps) });
  strictEqual(response.status, 500);
});

Deno.test("createApi() describes itself as OpenAPI, without a credential", async () => {
  const { api } = await createNotes();
  const response = await api.request("/meeting-search/openapi.json");
  strictEqual(response.status, 200);
  const document = await response.json();
  strictEqual(document.openapi, "3.1.1");
  const operation = document.paths["/meeting-search/notes/{noteId}"].post;
  strictEqual(operation.operationId, "notes.create");
  strictEqual(operation.requestBody.content["application/json"].schema.additionalProperties, false);
  deepStrictEqual(
    operation.parameters.map((
      p: { name: string; in: string; required: boolean },
    ) => [p.name, p.in, p.required]),
    [["noteId", "path", true], ["draft", "query", false]],
  );
});
