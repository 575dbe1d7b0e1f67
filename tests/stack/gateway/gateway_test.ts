// The gateway in front of rooms that tell what reached them.

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import type { HttpRoom } from "../../../scripts/stack/contracts.ts";
import { createKeys } from "../../../scripts/stack/auth/keys.ts";
import { type Gateway, serveGateway } from "../../../scripts/stack/gateway/gateway.ts";

const keys = await createKeys();
const PUBLISHABLE = keys.publishableKeys.default;
const SECRET = keys.secretKeys.default;
const USER_JWT = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln";

function tellingRoom(name: string): HttpRoom {
  return {
    async fetch(request) {
      const url = new URL(request.url);
      return Response.json({
        room: name,
        method: request.method,
        path: url.pathname + url.search,
        headers: Object.fromEntries(request.headers),
        body: await request.text(),
      }, { headers: { "x-room": name } });
    },
    close: () => Promise.resolve(),
  };
}

async function withGateway(run: (gateway: Gateway) => Promise<void>): Promise<void> {
  const gateway = serveGateway({
    port: 0,
    rest: tellingRoom("rest"),
    auth: tellingRoom("auth"),
    functions: tellingRoom("functions"),
    keys,
  });
  try {
    await run(gateway);
  } finally {
    await gateway.close();
  }
}

async function get(
  gateway: Gateway,
  path: string,
  headers: Record<string, string> = {},
  init: RequestInit = {},
): Promise<{ status: number; headers: Headers; json: Record<string, unknown> }> {
  const response = await fetch(`${gateway.url}${path}`, { ...init, headers });
  const text = await response.text();
  return { status: response.status, headers: response.headers, json: text ? JSON.parse(text) : {} };
}

function authorizationOf(json: Record<string, unknown>): unknown {
  return Object(json["headers"])["authorization"];
}

Deno.test("an opaque key becomes the token that it stands for", async (t) => {
  await withGateway(async (gateway) => {
    const cases: [string, Record<string, string>, string][] = [
      ["publishable alone", { apikey: PUBLISHABLE }, `Bearer ${keys.anonJwt}`],
      ["secret alone", { apikey: SECRET }, `Bearer ${keys.serviceRoleJwt}`],
      ["named secret", { apikey: keys.secretKeys.cron }, `Bearer ${keys.serviceRoleJwt}`],
      [
        "publishable also as bearer, as supabase-js sends it",
        { apikey: PUBLISHABLE, authorization: `Bearer ${PUBLISHABLE}` },
        `Bearer ${keys.anonJwt}`,
      ],
      [
        "a person's token is left alone",
        { apikey: PUBLISHABLE, authorization: `Bearer ${USER_JWT}` },
        `Bearer ${USER_JWT}`,
      ],
      [
        "a person's token beside the secret key too",
        { apikey: SECRET, authorization: `Bearer ${USER_JWT}` },
        `Bearer ${USER_JWT}`,
      ],
      ["a minted token as key", { apikey: keys.anonJwt }, `Bearer ${keys.anonJwt}`],
    ];
    for (const [name, headers, expected] of cases) {
      await t.step(name, async () => {
        const { status, json } = await get(gateway, "/rest/v1/deals?select=id", headers);
        strictEqual(status, 200);
        strictEqual(authorizationOf(json), expected);
        strictEqual(json["path"], "/deals?select=id");
      });
    }
  });
});

Deno.test("a request without a valid key never reaches rest or auth", async (t) => {
  await withGateway(async (gateway) => {
    const cases: [string, Record<string, string>, string][] = [
      ["no key", {}, "No API key found in request"],
      [
        "a person's token alone",
        { authorization: `Bearer ${USER_JWT}` },
        "No API key found in request",
      ],
      ["an unknown opaque key", { apikey: "sb_secret_unknown" }, "Unregistered API key"],
      ["a person's token as key", { apikey: USER_JWT }, "Invalid API key"],
      [
        "an unknown opaque bearer",
        { apikey: PUBLISHABLE, authorization: "Bearer sb_secret_unknown" },
        "Unregistered API key",
      ],
      [
        "a bearer that is another key",
        { apikey: PUBLISHABLE, authorization: `Bearer ${SECRET}` },
        "Invalid API key",
      ],
      [
        "a secret key in a browser",
        { apikey: SECRET, "user-agent": "Mozilla/5.0 (X11; Linux x86_64)" },
        "Forbidden use of secret API key in browser",
      ],
    ];
    for (const path of ["/rest/v1/deals", "/auth/v1/user"]) {
      for (const [name, headers, message] of cases) {
        await t.step(`${path}: ${name}`, async () => {
          const response = await get(gateway, path, headers);
          strictEqual(response.status, 401);
          strictEqual(response.json["message"], message);
          ok(typeof response.json["hint"] === "string");
          strictEqual(response.headers.get("x-room"), null);
          strictEqual(response.headers.get("access-control-allow-origin"), "*");
        });
      }
    }
    await t.step("a browser may use the publishable key", async () => {
      const headers = { apikey: PUBLISHABLE, "user-agent": "Mozilla/5.0 (X11; Linux x86_64)" };
      strictEqual((await get(gateway, "/rest/v1/deals", headers)).status, 200);
    });
  });
});

Deno.test("the key may stand in the query, and is not passed on there", async () => {
  await withGateway(async (gateway) => {
    const path = `/rest/v1/deals?apikey=${PUBLISHABLE}&name=eq.a%20b%2Bc&or=(a.eq.1,b.eq.%22x%22)`;
    const { status, json } = await get(gateway, path);
    strictEqual(status, 200);
    strictEqual(json["path"], "/deals?name=eq.a%20b%2Bc&or=(a.eq.1,b.eq.%22x%22)");
  });
});

Deno.test("what a browser opens by itself needs no key", async () => {
  await withGateway(async (gateway) => {
    for (const path of [".well-known/jwks.json", "verify?token=a", "callback", "authorize"]) {
      const { status, json } = await get(gateway, `/auth/v1/${path}`);
      strictEqual(status, 200, path);
      strictEqual(json["path"], `/${path}`);
    }
  });
});

Deno.test("functions get key and token as they were sent, and answer for their own CORS", async () => {
  await withGateway(async (gateway) => {
    const sent = { apikey: SECRET, authorization: `Bearer ${SECRET}`, "x-hub": "1" };
    const { json, headers } = await get(gateway, "/functions/v1/hello/deep?x=1", sent);
    strictEqual(json["room"], "functions");
    strictEqual(json["path"], "/hello/deep?x=1");
    const seen = Object(json["headers"]);
    deepStrictEqual([seen.apikey, seen.authorization, seen["x-hub"]], [
      SECRET,
      `Bearer ${SECRET}`,
      "1",
    ]);
    strictEqual(seen["x-forwarded-prefix"], "/functions/v1");
    match(seen["x-forwarded-for"], /^127\.0\.0\.1$/);
    strictEqual(seen["x-forwarded-proto"], "http");
    strictEqual(headers.get("access-control-allow-origin"), null);
    const preflight = await get(gateway, "/functions/v1/hello", {
      origin: "https://app.example",
      "access-control-request-method": "POST",
    }, { method: "OPTIONS" });
    strictEqual(preflight.json["room"], "functions", "the function sees the preflight");
  });
});

Deno.test("rest and auth answer every preflight without asking for a key", async () => {
  await withGateway(async (gateway) => {
    const { status, headers } = await get(gateway, "/rest/v1/deals", {
      origin: "https://app.example",
      "access-control-request-method": "PATCH",
      "access-control-request-headers": "apikey,authorization,x-client-info",
    }, { method: "OPTIONS" });
    strictEqual(status, 200);
    strictEqual(headers.get("access-control-allow-origin"), "*");
    match(headers.get("access-control-allow-methods") ?? "", /PATCH/);
    strictEqual(
      headers.get("access-control-allow-headers"),
      "apikey,authorization,x-client-info",
    );
    const answer = await get(gateway, "/rest/v1/deals", { apikey: PUBLISHABLE });
    match(answer.headers.get("access-control-expose-headers") ?? "", /Content-Range/);
  });
});

Deno.test("other paths are 404 in JSON, and bodies have a limit", async () => {
  await withGateway(async (gateway) => {
    for (const path of ["/", "/rest/v2/deals", "/storage/v1/object", "/rest"]) {
      const { status, json } = await get(gateway, path, { apikey: PUBLISHABLE });
      strictEqual(status, 404, path);
      strictEqual(json["message"], "no Route matched with those values");
    }
    const body = new Uint8Array(65 * 1024 * 1024);
    const response = await fetch(`${gateway.url}/functions/v1/hello`, { method: "POST", body });
    strictEqual(response.status, 413);
    await response.body?.cancel();
  });
});

Deno.test("a room that throws is a 500 that tells nothing", async () => {
  const errors: unknown[] = [];
  const failing: HttpRoom = {
    fetch: () => Promise.reject(new Error("the password is hunter2")),
    close: () => Promise.resolve(),
  };
  const gateway = serveGateway({
    port: 0,
    rest: failing,
    auth: failing,
    functions: failing,
    keys,
    onError: (error) => errors.push(error),
  });
  try {
    const { status, json } = await get(gateway, "/functions/v1/x");
    strictEqual(status, 500);
    deepStrictEqual(json, { message: "An unexpected error occurred" });
    strictEqual(errors.length, 1);
  } finally {
    await gateway.close();
  }
});

Deno.test("the gateway listens on the loopback address only", async () => {
  await withGateway((gateway) => {
    match(gateway.url, /^http:\/\/127\.0\.0\.1:\d+$/);
    return Promise.resolve();
  });
});
