// What every function promises, over HTTP, whatever it does: who is let in, what strangers learn,
// which pages may read, how much is read of a body. Operations come from the published contracts.
import { match, ok, strictEqual } from "node:assert/strict";
import { FUNCTION_REGISTRY } from "../../shared/platform/function_registry.ts";
import { createTestIssuer } from "../support/test_issuer.ts";
import { createRivals } from "../support/rivals.ts";
import { testStack } from "../support/stack.ts";

const stack = await testStack();
const { rep } = await createRivals(stack);

interface Operation {
  readonly path: string;
  readonly method: string;
  readonly takesBody: boolean;
}

interface Contracts {
  readonly paths: Record<string, Record<string, { readonly requestBody?: unknown }>>;
}

const contracts: Contracts = JSON.parse(
  await Deno.readTextFile(new URL("../../docs/openapi.json", import.meta.url)),
);
const OPERATIONS: readonly Operation[] = Object.entries(contracts.paths).flatMap(
  ([path, methods]) =>
    Object.entries(methods).map(([method, document]) => ({
      path: path.slice(1).replace(/\{\w+\}/g, "5b6cfa4e-6d0c-4f0e-9c1e-0d4c5b5a7f10"),
      method: method.toUpperCase(),
      takesBody: document.requestBody !== undefined,
    })),
);
const JOBS = Object.entries(FUNCTION_REGISTRY).filter(([, { kind }]) => kind === "job")
  .map(([name]) => name);

function call(
  { path, method }: Pick<Operation, "path" | "method">,
  headers: Record<string, string> = {},
  body: BodyInit | null = method === "GET" ? null : "{}",
): Promise<Response> {
  return stack.callFunction(path, {
    method,
    body,
    headers: { "content-type": "application/json", ...headers },
  });
}

async function codeOf(response: Response): Promise<string> {
  strictEqual(response.headers.get("content-type"), "application/problem+json");
  return (await response.json()).code;
}

Deno.test("TEL-023 U60-147 every operation of every api refuses each credential that is not a user's token", async () => {
  ok(OPERATIONS.length >= 4, "the contracts list operations");
  const forger = await createTestIssuer(`${stack.url}/auth/v1`);
  const [head = "", payload = "", signature = ""] = rep.token.split(".");
  const swapped = signature.slice(0, 20) + (signature[20] === "A" ? "B" : "A") +
    signature.slice(21);
  const credentials: Readonly<Record<string, Record<string, string>>> = {
    unauthenticated: {},
    "publishable key": { apikey: stack.description.publishableKey },
    "publishable key as bearer": { authorization: `Bearer ${stack.description.publishableKey}` },
    "secret key": { apikey: stack.description.secretKey },
    "secret key as bearer": { authorization: `Bearer ${stack.description.secretKey}` },
    "another signer": { authorization: `Bearer ${await forger.sign()}` },
    "a changed signature": { authorization: `Bearer ${head}.${payload}.${swapped}` },
    "no signature": { authorization: `Bearer ${head}.${payload}.` },
    "alg none": {
      authorization: `Bearer ${btoa('{"alg":"none"}').replaceAll("=", "")}.${payload}.`,
    },
    "basic": { authorization: `Basic ${btoa("a:b")}` },
  };
  for (const operation of OPERATIONS) {
    for (const [kind, headers] of Object.entries(credentials)) {
      const response = await call(operation, headers);
      strictEqual(response.status, 401, `${operation.method} ${operation.path}: ${kind}`);
      match(await codeOf(response), /^(?:unauthenticated|invalid_token)$/);
    }
    const control = await call(operation, { authorization: `Bearer ${rep.token}` });
    ok(control.status !== 401, `control: ${operation.method} ${operation.path}`);
    await control.body?.cancel();
  }
});

Deno.test("CRE-045 jobs answer to our schedule only, and webhooks to nobody without a signature", async () => {
  const attempts: readonly Record<string, string>[] = [
    {},
    { authorization: `Bearer ${stack.description.secretKey}`, apikey: stack.description.secretKey },
    { authorization: `Bearer ${rep.token}` },
    {
      "x-cron-minute": String(Math.floor(Date.now() / 60_000)),
      "x-cron-nonce": crypto.randomUUID(),
      "x-cron-signature": `v1,${"0".repeat(64)}`,
    },
  ];
  ok(JOBS.length >= 2);
  for (const path of JOBS) {
    for (const headers of attempts) {
      const response = await call({ path, method: "POST" }, headers);
      strictEqual(response.status, 401, path);
      strictEqual(await codeOf(response), "invalid_signature");
    }
  }
  const unknown = `fathom-webhook/${"a".repeat(32)}`;
  const response = await call({ path: unknown, method: "POST" }, {
    "webhook-id": "msg_1",
    "webhook-timestamp": String(Math.floor(Date.now() / 1000)),
    "webhook-signature": `v1,${"A".repeat(43)}=`,
  });
  strictEqual(response.status, 401);
  strictEqual(await codeOf(response), "invalid_signature");
});

Deno.test("U60-024 pages of configured origins may read the answers, and no others", async () => {
  const [operation] = OPERATIONS;
  ok(operation !== undefined);
  for (const origin of ["https://evil.test", "null", "http://localhost:5175.evil.test"]) {
    const response = await call(operation, { origin });
    strictEqual(response.headers.get("access-control-allow-origin"), null, origin);
    await response.body?.cancel();
  }
});

Deno.test("U60-035 problems carry the request id, and say nothing of the inside", async () => {
  for (const operation of OPERATIONS) {
    const response = await call(operation, {
      authorization: `Bearer ${rep.token}`,
      "x-request-id": "frame-test-0001",
    }, operation.method === "GET" ? null : '{"__proto__":{"admin":true}}');
    const text = await response.text();
    strictEqual(response.headers.get("x-request-id"), "frame-test-0001");
    ok(!/\bat .*\.ts:\d|postgres|node_modules/i.test(text), text);
    if (operation.takesBody) strictEqual(response.status, 400, text);
  }
});

Deno.test("TEL-031 bodies that are too large or no JSON are refused by every operation that takes one", async () => {
  const authorization = `Bearer ${rep.token}`;
  for (const operation of OPERATIONS.filter(({ takesBody }) => takesBody)) {
    const large = await call(operation, { authorization }, `"${"a".repeat(5_000_000)}"`);
    strictEqual(large.status, 413, operation.path);
    await large.body?.cancel();
    const broken = await call(operation, { authorization }, "{");
    strictEqual(broken.status, 400, operation.path);
    strictEqual(await codeOf(broken), "invalid_json");
    const form = await call(operation, { authorization, "content-type": "text/plain" });
    strictEqual(form.status, 415, operation.path);
    await form.body?.cancel();
  }
});

Deno.test("TEL-023 what is no operation is 404 or 405, with or without a token", async () => {
  for (const name of Object.keys(FUNCTION_REGISTRY)) {
    for (const headers of [{}, { authorization: `Bearer ${rep.token}` }]) {
      const response = await call({ path: `${name}/.env`, method: "GET" }, headers);
      ok(response.status === 404 || response.status === 405, `${name}: ${response.status}`);
      await response.body?.cancel();
    }
  }
});
