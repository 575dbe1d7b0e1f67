// The advisors' gate can fail: holes are made in a migrated database and must be reported, by the
// platform's advisors or by our own rules beside them.
import { deepStrictEqual, match, ok } from "node:assert/strict";
import { join } from "node:path";
import {
  type Advice,
  askAdvisors,
  judgeAdvice,
  readAdvisorExceptions,
  runOwnRules,
} from "../../scripts/checks/advisors.ts";
import { projectDir } from "../../scripts/checks/project_dir.ts";
import { withScratchServer } from "../../scripts/checks/scratch_database.ts";
import { withConnection } from "../../scripts/stack/postgres/connection.ts";
import { applyMigrations } from "../../scripts/stack/postgres/migrations.ts";

/** A hole, and the rule that must see it. */
const HOLES: Readonly<Record<string, string>> = {
  security_definer_view: `create view public.hole_view as select id, name from public.deals;
    grant select on public.hole_view to authenticated`,
  rls_disabled_in_public: `create table public.hole_table (id uuid primary key);
    grant select on public.hole_table to authenticated`,
  function_search_path_mutable:
    "create function private.hole_path() returns int language sql as 'select 1'",
  auth_rls_initplan: `alter policy "people change their own profile" on public.profiles
    using (id = auth.uid())`,
  unindexed_foreign_keys: "create table private.hole_key (user_id uuid references public.profiles)",
  definer_function_exposed: `create function public.hole_definer() returns int
      language sql security definer set search_path = '' as 'select 1';
    grant execute on function public.hole_definer() to authenticated`,
  anon_may_select: "grant select (id) on public.deals to anon",
};

Deno.test("U60-189 the advisors report each hole that is made, and nothing excuses it", async () => {
  const root = projectDir();
  const advice = await withScratchServer(async (server) => {
    const url = await server.createDatabase("holes");
    await applyMigrations(url, join(root, "supabase/migrations"));
    await withConnection(url, async (client) => {
      for (const hole of Object.values(HOLES)) await client.query(hole);
    });
    return [...await askAdvisors(url, root), ...await runOwnRules(url, root)];
  });
  const findings = judgeAdvice(advice, await readAdvisorExceptions(root));
  for (const rule of Object.keys(HOLES)) {
    ok(findings.some((finding) => finding.startsWith(`${rule}: `)), `${rule} was not reported`);
  }
});

const ADVICE: Advice = { name: "unused_index", detail: "Index `a`", cacheKey: "unused_index_a" };
const EXCEPTION = { name: "unused_index", cacheKey: "^unused_index_", reason: "a fresh database" };

Deno.test("judgeAdvice() follows exceptions, and finds those that nothing needs", () => {
  deepStrictEqual(judgeAdvice([ADVICE], [EXCEPTION]), []);
  deepStrictEqual(judgeAdvice([ADVICE], []), ["unused_index: Index `a`"]);
  deepStrictEqual(
    judgeAdvice([{ ...ADVICE, name: "rls_disabled_in_public" }], [EXCEPTION]).length,
    2,
  );
  match(judgeAdvice([], [EXCEPTION]).join(), /needs no exception/);
});
