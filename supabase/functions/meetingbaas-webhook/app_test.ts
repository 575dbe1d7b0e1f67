import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { Webhook } from "standardwebhooks";
import { createTestDeps } from "../../../tests/support/function_deps.ts";
import { createApp } from "./app.ts";

const SIGNING = `whsec_${btoa("a signing secret of this test only")}`;
const VARIABLES = {
  MEETINGBAAS_WEBHOOK_SECRET: SIGNING,
  MEETINGBAAS_CALLBACK_SECRET: "callback-secret-of-this-test",
  MEETINGBAAS_API_KEY: "api-key-of-this-test-0123",
};
type Variable = keyof typeof VARIABLES;

const BODY = JSON.stringify({ event: "bot.completed", data: { bot_id: "b1" } });

function proof(variable: Variable): Record<string, string> {
  if (variable === "MEETINGBAAS_CALLBACK_SECRET") {
    return { "x-mb-secret": VARIABLES[variable] };
  }
  if (variable === "MEETINGBAAS_API_KEY") {
    return { "x-meeting-baas-api-key": VARIABLES[variable] };
  }
  const now = new Date();
  return {
    "svix-id": "msg_1",
    "svix-timestamp": String(Math.floor(now.getTime() / 1000)),
    "svix-signature": new Webhook(SIGNING).sign("msg_1", now, BODY),
  };
}

async function ask(
  variables: Partial<Record<Variable, string>>,
  headers: Readonly<Record<string, string>>,
): Promise<{ status: number; code: unknown; stored: number }> {
  const deps = await createTestDeps({
    network: () => Response.json([{ id: crypto.randomUUID(), is_duplicate: true }]),
    variables,
  });
  const response = await createApp(deps).fetch(
    new Request("http://function.test/meetingbaas-webhook", {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: BODY,
    }),
  );
  const { code } = await response.json();
  await deps.settle();
  return { status: response.status, code, stored: deps.calls.length };
}

Deno.test("U60-140 R-03 each way to prove a call is refused while its own secret is not set", async () => {
  for (const variable of Object.keys(VARIABLES) as Variable[]) {
    for (const value of [undefined, "", "  "]) {
      const { [variable]: _, ...others } = VARIABLES;
      const variables = value === undefined ? others : { ...others, [variable]: value };
      deepStrictEqual(
        await ask(variables, proof(variable)),
        { status: 503, code: "webhook_not_configured", stored: 0 },
        variable,
      );
    }
    deepStrictEqual(
      (await ask(VARIABLES, proof(variable))).status,
      200,
      `control: ${variable}`,
    );
    // The others still work without it
    for (const other of Object.keys(VARIABLES) as Variable[]) {
      const { [variable]: _, ...rest } = VARIABLES;
      if (other !== variable) {
        strictEqual((await ask(rest, proof(other))).status, 200, other);
      }
    }
  }
});

Deno.test("U60-139 U60-140 nothing is set: everything is refused, and nothing stored", async () => {
  const proofs = (Object.keys(VARIABLES) as Variable[]).map(proof);
  for (const headers of [...proofs, {}, Object.assign({}, ...proofs)]) {
    deepStrictEqual(await ask({}, headers), {
      status: 503,
      code: "webhook_not_configured",
      stored: 0,
    });
  }
  deepStrictEqual(
    (await ask(VARIABLES, {})).status,
    401,
    "no proof at all, where proofs are known",
  );
});

Deno.test("U60-106 the function describes its three ways to be called", async () => {
  const deps = await createTestDeps({ variables: VARIABLES });
  const response = await createApp(deps).fetch(
    new Request("http://function.test/meetingbaas-webhook/openapi.json"),
  );
  const document = await response.json();
  deepStrictEqual(
    Object.values<{ name: string }>(document.components.securitySchemes).map((
      { name },
    ) => name),
    ["svix-signature", "x-mb-secret", "x-meeting-baas-api-key"],
  );
  strictEqual(document.paths["/meetingbaas-webhook"].post.security.length, 3);
});
