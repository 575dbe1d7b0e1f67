// What the function frame costs: authenticate, validate and answer, against a bare router that gives
// the same answer. Both serve HTTP in this process to the same client.
import { strictEqual } from "node:assert/strict";
import { Hono } from "hono";
import { SignJWT } from "jose";
import { z } from "zod";
import { createKeys } from "../stack/auth/keys.ts";
import { importSigningKey } from "../stack/auth/signing_key.ts";
import { readPlatformEnv } from "../../supabase/functions/_shared/env/platform_env.ts";
import { createApi } from "../../supabase/functions/_shared/http/create_api.ts";
import type { FunctionDeps } from "../../supabase/functions/_shared/http/function_deps.ts";
import { systemClock } from "../../shared/platform/clock.ts";
import { claimsOf } from "./envelope.ts";
import { type BenchRow, compare } from "./harness.ts";
import { serveHandler } from "./serve_handler.ts";

const SUPABASE_URL = "http://127.0.0.1:1";
const PATH = "/meeting-search/notes/5b6cfa4e-6d0c-4f0e-9c1e-0d4c5b5a7f10";
const BODY = JSON.stringify({ title: "Kickoff", tags: ["sales", "emea"] });
const ROUNDS = 2000;
const UNCACHED_ROUNDS = 300;

/**
 * Measures with a token that was verified before, and with a new one each time.
 *
 * @returns The rows of the table.
 */
export async function benchFrame(): Promise<BenchRow[]> {
  const keys = await createKeys();
  const signingKey = await importSigningKey(keys.signingJwk);
  let session = 0;
  const newToken = (): Promise<string> =>
    new SignJWT({
      ...claimsOf({ org: "", person: crypto.randomUUID(), session: `session-${session++}` }),
      iss: `${SUPABASE_URL}/auth/v1`,
    }).setProtectedHeader({ alg: "ES256", kid: keys.signingJwk.kid, typ: "JWT" }).sign(signingKey);

  await using framed = serveHandler(createNotes(JSON.stringify(keys.jwks)));
  await using bare = serveHandler(createBareNotes());
  const token = await newToken();
  const theirs = (): Promise<void> => post(bare.url, token);
  const cached = await compare({
    name: "frame: authenticate, validate, respond; token verified before",
    against: "bare hono, same answer",
    goal: { atMost: 1.5 },
    rounds: ROUNDS,
    warmupRounds: 300,
    ours: () => post(framed.url, token),
    theirs,
  });
  const tokens = await Promise.all(Array.from({ length: UNCACHED_ROUNDS + 10 }, newToken));
  const uncached = await compare({
    name: "frame: the same, token never seen before",
    against: "bare hono, same answer",
    goal: "stated",
    rounds: UNCACHED_ROUNDS,
    ours: () => post(framed.url, tokens.pop() ?? token),
    theirs,
  });
  return [cached, p99Of(cached), uncached];
}

/** The same timings, compared by their slowest hundredth. */
function p99Of(row: BenchRow): BenchRow {
  return {
    ...row,
    name: "frame: p99 of the same",
    goal: "stated",
    holds: true,
    oursMs: row.oursP99Ms,
    theirsMs: row.theirsP99Ms,
    ratio: row.oursP99Ms / row.theirsP99Ms,
  };
}

const Note = z.strictObject({ title: z.string().max(20), tags: z.array(z.string()).optional() });
const Params = z.strictObject({ noteId: z.uuid() });

function createNotes(jwks: string): (request: Request) => Promise<Response> {
  const variables: Readonly<Record<string, string>> = {
    SUPABASE_URL,
    SUPABASE_PUBLISHABLE_KEYS: '{"default":"sb_publishable_bench"}',
    SUPABASE_SECRET_KEYS: '{"default":"sb_secret_bench"}',
    SUPABASE_JWKS: jwks,
    SIXTY_ENVIRONMENT: "production",
    SIXTY_ALLOWED_ORIGINS: "https://app.bench.test",
  };
  const readVariable = (name: string): string | undefined => variables[name];
  const deps: FunctionDeps = {
    env: readPlatformEnv(readVariable),
    readVariable,
    fetch: globalThis.fetch,
    clock: systemClock,
    // Written, and thrown away: what a console costs is not the frame's.
    writeLine: () => {},
    runInBackground: () => {},
  };
  const api = createApi("meeting-search", deps);
  api.operation({
    operation: "notes.create",
    method: "post",
    path: "/notes/:noteId",
    summary: "Keeps a note.",
    params: Params,
    body: Note,
    response: z.strictObject({ id: z.string(), title: z.string() }),
  }, (_, { params, body }) => Promise.resolve({ data: { id: params.noteId, title: body.title } }));
  return api.fetch;
}

function createBareNotes(): (request: Request) => Response | Promise<Response> {
  const app = new Hono();
  app.post("/meeting-search/notes/:noteId", async (c) => {
    const { title } = await c.req.json<{ title: string }>();
    return c.json({ data: { id: c.req.param("noteId"), title } });
  });
  return app.fetch;
}

async function post(url: string, token: string): Promise<void> {
  const response = await fetch(`${url}${PATH}`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: BODY,
  });
  const text = await response.text();
  strictEqual(response.status, 200, text);
}
