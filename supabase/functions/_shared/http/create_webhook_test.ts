import { deepStrictEqual, match, ok, strictEqual, throws } from "node:assert/strict";
import { Webhook } from "standardwebhooks";
import {
  createTestDeps,
  type TestDeps,
  type TestNetwork,
} from "../../../../tests/support/function_deps.ts";
import type { ProcessWebhookEvent } from "../webhooks/drain_webhook_events.ts";
import { createWebhook, type ServedFunction, type WebhookName } from "./create_webhook.ts";

const SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
const ROW = {
  id: "0190a7b2-7f31-7c2e-9d4e-1b2c3d4e5f60",
  event_id: "msg_1",
  payload: { title: "Kickoff" },
  attempts: 1,
  received_at: "2026-11-22T10:00:00Z",
};

interface Inbox {
  readonly app: ServedFunction;
  readonly deps: TestDeps;
  /** Names of the rpcs that were called, in order. */
  rpcs(): string[];
}

interface InboxOptions {
  readonly process?: ProcessWebhookEvent;
  readonly secret?: string;
  /** Answers an rpc by name; the rest succeeds. */
  readonly answers?: Readonly<Record<string, () => Response>>;
}

async function createInbox(options: InboxOptions = {}): Promise<Inbox> {
  let isClaimed = false;
  const network: TestNetwork = (request) => {
    const name = new URL(request.url).pathname.split("/").at(-1) ?? "";
    const answer = options.answers?.[name];
    if (answer !== undefined) return answer();
    if (name === "accept_webhook") return Response.json([{ id: ROW.id, is_duplicate: false }]);
    if (name === "claim_webhook_events") {
      const rows = isClaimed ? [] : [ROW];
      isClaimed = true;
      return Response.json(rows);
    }
    return Response.json(true);
  };
  const deps = await createTestDeps({
    network,
    variables: { FATHOM_WEBHOOK_SECRET: options.secret ?? SECRET },
  });
  const process = options.process ?? (() => Promise.resolve());
  return {
    app: createWebhook("fathom-webhook", { process, maxBodyBytes: 100_000 }, deps),
    deps,
    rpcs: () => deps.calls.map((call) => new URL(call.url).pathname.split("/").at(-1) ?? ""),
  };
}

function signed(body: string | Uint8Array<ArrayBuffer>, headers: HeadersInit = {}): Request {
  const time = new Date();
  const text = typeof body === "string" ? body : new TextDecoder().decode(body);
  const request = new Request("http://function.test/fathom-webhook", {
    method: "POST",
    body,
    headers: {
      "content-type": "application/json",
      "webhook-id": "msg_1",
      "webhook-timestamp": String(Math.floor(time.getTime() / 1000)),
      "webhook-signature": new Webhook(SECRET).sign("msg_1", time, text),
    },
  });
  for (const [name, value] of new Headers(headers)) request.headers.set(name, value);
  return request;
}

Deno.test("createWebhook() stores a verified call in one round trip and answers that it did", async () => {
  const { app, deps, rpcs } = await createInbox();
  const response = await app.fetch(signed('{"title":"Kickoff"}', { "x-request-id": "trace-0001" }));
  strictEqual(response.status, 200);
  deepStrictEqual(await response.json(), { received: true, duplicate: false });
  strictEqual(rpcs()[0], "accept_webhook");
  const { p_headers, ...stored } = await deps.calls[0]?.json();
  deepStrictEqual(stored, {
    p_provider: "fathom",
    p_event_id: "msg_1",
    p_payload: { title: "Kickoff" },
    p_request_id: "trace-0001",
  });
  deepStrictEqual(Object.keys(p_headers).sort(), [
    "content-type",
    "webhook-id",
    "webhook-timestamp",
  ]);
  await deps.settle();
});

Deno.test("U60-188 createWebhook() applies the event after answering, and records the service role's use", async () => {
  const seen: unknown[] = [];
  const { app, deps, rpcs } = await createInbox({
    process: (_, event) => {
      seen.push(event.payload);
      return Promise.resolve({ orgId: "0190a7b2-0000-7000-8000-000000000001" });
    },
  });
  await app.fetch(signed("{}"));
  await deps.settle();
  deepStrictEqual(seen, [{ title: "Kickoff" }]);
  deepStrictEqual(rpcs(), [
    "accept_webhook",
    "record_service_use",
    "claim_webhook_events",
    "complete_webhook_event",
  ]);
  const use = await deps.calls[1]?.json();
  strictEqual(use.p_reason, "process_webhook_events");
  strictEqual(use.p_function, "fathom-webhook");
  const completed = await deps.calls[3]?.json();
  strictEqual(completed.p_org_id, "0190a7b2-0000-7000-8000-000000000001");
});

Deno.test("createWebhook() answers 2xx to a duplicate and does nothing more", async () => {
  const { app, deps, rpcs } = await createInbox({
    answers: { accept_webhook: () => Response.json([{ id: ROW.id, is_duplicate: true }]) },
  });
  const response = await app.fetch(signed("{}"));
  deepStrictEqual(await response.json(), { received: true, duplicate: true });
  await deps.settle();
  deepStrictEqual(rpcs(), ["accept_webhook"]);
});

Deno.test("U60-140 createWebhook() refuses everything while it has no secret, and checks a set one", async () => {
  for (const secret of ["", "  "]) {
    const { app, rpcs } = await createInbox({ secret });
    const response = await app.fetch(signed("{}"));
    strictEqual(response.status, 503);
    strictEqual((await response.json()).code, "webhook_not_configured");
    deepStrictEqual(rpcs(), []);
  }
  const other = await createInbox({ secret: "whsec_ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=" });
  strictEqual((await other.app.fetch(signed("{}"))).status, 401);
  const both = await createInbox({
    secret: `whsec_ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA= ${SECRET}`,
  });
  strictEqual((await both.app.fetch(signed("{}"))).status, 200, "control: both while changing");
  await both.deps.settle();
});

Deno.test("createWebhook() says why in the log only, and stores nothing that is not verified", async () => {
  const { app, deps, rpcs } = await createInbox();
  const forged = signed("{}", { "webhook-signature": `v1,${"A".repeat(43)}=` });
  const response = await app.fetch(forged);
  strictEqual(response.status, 401);
  const problem = await response.json();
  strictEqual(problem.code, "invalid_signature");
  ok(!JSON.stringify(problem).includes("stale"));
  strictEqual(JSON.parse(deps.lines.at(-1) ?? "{}").auth, "signature");
  const stale = signed("{}", { "webhook-timestamp": "1763769600" });
  await app.fetch(stale);
  strictEqual(JSON.parse(deps.lines.at(-1) ?? "{}").auth, "stale");
  deepStrictEqual(rpcs(), []);
});

Deno.test("createWebhook() keeps a verified event that it cannot apply, with a code and no contents", async () => {
  const { app, deps, rpcs } = await createInbox({
    process: () => Promise.reject(new Error("no such person: ana@acme.example")),
  });
  const response = await app.fetch(signed("{}"));
  strictEqual(response.status, 200);
  await deps.settle();
  strictEqual(rpcs().at(-1), "fail_webhook_event");
  const failed = await deps.calls.at(-1)?.json();
  match(failed.p_error, /^Error at create_webhook_test\.ts/);
  ok(!deps.lines.join().includes("ana@"));
});

Deno.test("createWebhook() asks the sender to try again when the event could not be stored", async () => {
  const refusals: (() => Response)[] = [
    () => Response.json({ code: "57014", message: "timeout" }, { status: 500 }),
    () => Response.json({ code: "23514", message: "check" }, { status: 400 }),
    () => Response.json({ code: "42501", message: "denied" }, { status: 403 }),
    () => new Response("bad gateway", { status: 502 }),
    () => {
      throw new TypeError("connection refused");
    },
  ];
  for (const refusal of refusals) {
    const { app } = await createInbox({ answers: { accept_webhook: refusal } });
    const response = await app.fetch(signed("{}"));
    ok(response.status >= 500, String(response.status));
  }
});

Deno.test("createWebhook() refuses abuse with 4xx, and keeps what is merely odd", async () => {
  const nested = `${"[".repeat(40_000)}${"]".repeat(40_000)}`;
  const abuse: Record<string, string | Uint8Array<ArrayBuffer>> = {
    "no JSON": "hello",
    "two documents": "{}{}",
    "nothing": "",
    "nesting without end": nested,
    "too large": `"${"a".repeat(100_001)}"`,
  };
  for (const [kind, body] of Object.entries(abuse)) {
    const { app, rpcs } = await createInbox();
    const { status } = await app.fetch(signed(body));
    ok(status >= 400 && status < 500, `${kind}: ${status}`);
    deepStrictEqual(rpcs(), [], kind);
  }
  const { app } = await createInbox();
  strictEqual((await app.fetch(signed("{}", { "content-encoding": "gzip" }))).status, 415);

  const odd = await createInbox();
  const body = '{"a":"x\\u0000y","b":"\\ud83d","__proto__":{"c":1},"a\\u0000":null,"n":null}';
  strictEqual((await odd.app.fetch(signed(body))).status, 200);
  const text = await odd.deps.calls[0]?.text() ?? "";
  ok(
    text.includes('{"a":"x\ufffdy","b":"\ufffd","__proto__":{"c":1},"a\ufffd":null,"n":null}'),
    text,
  );
  await odd.deps.settle();
});

Deno.test("createWebhook() answers POST to its one address only, and no web page", async () => {
  const { app } = await createInbox();
  const ask = (path: string, method: string): Promise<Response> =>
    app.fetch(
      new Request(`http://function.test${path}`, {
        method,
        headers: { origin: "http://app.stack.test:5175" },
      }),
    );
  for (const method of ["GET", "PUT", "DELETE", "OPTIONS", "PATCH"]) {
    const response = await ask("/fathom-webhook", method);
    strictEqual(response.status, 405, method);
    strictEqual(response.headers.get("allow"), "POST");
    strictEqual(response.headers.get("access-control-allow-origin"), null);
  }
  strictEqual((await ask("/fathom-webhook/replay", "POST")).status, 404);
  strictEqual((await ask("/meeting-search", "POST")).status, 404);
});

Deno.test("createWebhook() turns a burst into one drain at a time", async () => {
  let running = 0;
  let most = 0;
  const { app, deps } = await createInbox({
    answers: {
      claim_webhook_events: () => {
        running += 1;
        most = Math.max(most, running);
        running -= 1;
        return Response.json([]);
      },
    },
  });
  await Promise.all(Array.from({ length: 50 }, () => app.fetch(signed("{}"))));
  await deps.settle();
  const drains = deps.calls.filter((call) => call.url.endsWith("/record_service_use")).length;
  ok(drains >= 1 && drains <= 5, `${drains} drains for 50 events`);
  strictEqual(most, 1);
});

Deno.test("createWebhook() refuses to start as something that the registry does not know", async () => {
  const deps = await createTestDeps();
  const spec = { process: () => Promise.resolve() };
  throws(() => createWebhook("api-copilot" as WebhookName, spec, deps), /registered as api/);
});

Deno.test("createWebhook() describes itself as OpenAPI, without a signature", async () => {
  const { app, rpcs } = await createInbox();
  const response = await app.fetch(new Request("http://function.test/fathom-webhook/openapi.json"));
  strictEqual(response.status, 200);
  const document = await response.json();
  strictEqual(document.components.securitySchemes.signature.name, "webhook-signature");
  deepStrictEqual(Object.keys(document.paths), ["/fathom-webhook"]);
  deepStrictEqual(rpcs(), []);
});
