import { deepStrictEqual, strictEqual } from "node:assert/strict";
import plugin from "./plugin.ts";

const PRODUCT = "/project/shared/meetings/a.ts";
const FUNCTION = "/project/supabase/functions/fathom-webhook/app.ts";
const TEST = "/project/shared/meetings/a_test.ts";

/** Rules that a piece of code breaks, each once. */
function broken(code: string, filename = PRODUCT): string[] {
  const found = Deno.lint.runPlugin(plugin, filename, code).map(({ id }) => id);
  return [...new Set(found)].sort();
}

const LONG = `function a() {\n${"  a();\n".repeat(59)}}`;

const REFUSED: readonly (readonly [rule: string, code: string, filename?: string])[] = [
  ["no-select-star", 'db.from("deals").select("*")'],
  ["no-select-star", "db.from('deals').select('id, *')"],
  ["no-select-star", 'db.from("deals").select(`id, contacts(*)`)'],
  ["no-select-star", 'db.from("deals").select("id, people:contacts(*)")'],
  ["no-select-star", 'db.from("deals").insert(row).select()'],
  ["no-client-elsewhere", 'import { createClient } from "@supabase/supabase-js";'],
  ["no-client-elsewhere", 'import { PostgrestClient } from "@supabase/postgrest-js";', FUNCTION],
  ["no-client-elsewhere", 'const { createClient } = await import("@supabase/supabase-js");'],
  ["no-unregistered-service", 'openServiceClient("schedule_calendar_sync", use)', FUNCTION],
  ["no-unregistered-service", "openServiceClient(reason, use)", FUNCTION],
  ["no-unregistered-service", 'serviceClient({ reason: "nothing", ctx })', FUNCTION],
  ["no-unregistered-service", "serviceClient({ reason, ctx })", FUNCTION],
  ["no-unregistered-service", "serviceClient(options)", FUNCTION],
  ["no-unregistered-service", 'call.service("authenticate_cron")', FUNCTION],
  ["no-unregistered-service", 'serviceClient({ reason: "accept_webhook", ctx })', PRODUCT],
  ["no-closed-tables", 'service.from("copilot_conversations").select("id")', FUNCTION],
  ["no-closed-tables", 'db.from("copilot_messages").select("id")'],
  ["no-closed-tables", "db.from('tool_executions').insert(row)"],
  ["no-closed-tables", "db.from(`copilot_turns`).delete()"],
  ["no-module-state", "let count = 0;"],
  ["no-module-state", "export let count = 0;"],
  ["no-module-state", "const seen = new Map();"],
  ["no-module-state", "export const seen = new Set<string>();"],
  ["no-module-state", "const seen: string[] = [];"],
  ["no-console", 'console.error("a")'],
  ["no-environment", 'Deno.env.get("A")'],
  ["no-environment", "process.env.A"],
  ["no-then", "load().then(show)"],
  ["no-double-cast", "const a = b as unknown as C;"],
  ["short-functions", LONG],
  ["test-names", 'Deno.test("works", () => {});', TEST],
  ["test-names", 'Deno.test("U60-054", () => {});', TEST],
  ["test-names", 'Deno.test("U60-54 stores a meeting", () => {});', TEST],
  ["test-names", 'Deno.test("u60-054 stores a meeting", () => {});', TEST],
  ["test-names", 'Deno.test("stores a meeting (U60-054)", () => {});', TEST],
];

const ALLOWED: readonly (readonly [code: string, filename?: string])[] = [
  ['db.from("deals").select("id, title")'],
  ['db.from("deals").select("*")', TEST],
  ['db.from("copilot_conversations").select("id")', TEST],
  ['db.rpc("read_copilot_conversation", { p_id: id })'],
  ["Array.from(rows)"],
  ['db.from("deals").select("*")', "/project/scripts/stack/rest/a.ts"],
  ['import type { PostgrestClient } from "@supabase/postgrest-js";'],
  [
    'import { PostgrestClient } from "@supabase/postgrest-js";',
    "/project/supabase/functions/_shared/clients/user_client.ts",
  ],
  ['openServiceClient("accept_webhook", use)', FUNCTION],
  ['serviceClient({ reason: "process_webhook_events", ctx })', FUNCTION],
  ["const LIMIT = 3;"],
  ["const NAMES: readonly string[] = [];"],
  ['const NAMES: ReadonlySet<string> = new Set(["a"]);'],
  ["function a() { const seen = new Map(); let count = 0; }"],
  ["let count = 0;", TEST],
  ["console.log(1)", "/project/scripts/build/build.ts"],
  ["console.log(1)", "/project/supabase/functions/_shared/logging/write_line.ts"],
  ['Deno.env.get("A")', "/project/supabase/functions/_shared/http/function_deps.ts"],
  ["const a = b as C;"],
  [LONG.replace("  a();\n", "")],
  ['Deno.test("U60-054 TEL-032 fathom-webhook stores a meeting", () => {});', TEST],
  ['Deno.test("T-01 U60-148 isolation of every function", () => {});', TEST],
  ['Deno.test("stores a meeting", () => {});', TEST],
];

Deno.test("U60-033 U60-034 U60-168 U60-187 TEL-032 the lint rules find what they are for", () => {
  for (const [rule, code, filename] of REFUSED) {
    deepStrictEqual(broken(code, filename), [`sixty/${rule}`], code);
  }
});

Deno.test("the lint rules leave good code alone", () => {
  for (const [code, filename] of ALLOWED) deepStrictEqual(broken(code, filename), [], code);
});

Deno.test("every lint rule is proved by at least one piece of code", () => {
  const proved = new Set(REFUSED.map(([rule]) => rule));
  strictEqual(proved.size, Object.keys(plugin.rules).length);
});
