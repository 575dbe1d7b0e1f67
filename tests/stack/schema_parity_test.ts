// The comparison of schema files with migrations notices what it should: every kind of change, one
// at a time, to a database that was the same before.
import { deepStrictEqual, ok } from "node:assert/strict";
import { describeSchema } from "../../scripts/checks/dump_schema.ts";
import { withScratchServer } from "../../scripts/checks/scratch_database.ts";
import { compareSchemas } from "../../scripts/check_schema_parity.ts";
import { withConnection } from "../../scripts/stack/postgres/connection.ts";

const BASE = `
  create extension pg_cron;
  create schema private;
  create table public.notes (
    id uuid primary key default gen_random_uuid(),
    title text not null,
    size integer default 3,
    constraint notes_title_length check (char_length(title) > 0)
  );
  create index notes_title_idx on public.notes (title);
  comment on column public.notes.title is 'What it is called.';
  alter table public.notes enable row level security;
  create policy "everybody reads" on public.notes for select to authenticated using (true);
  create function private.touch() returns trigger language plpgsql as $$ begin return new; end $$;
  create trigger touched before update on public.notes for each row execute function private.touch();
  create view public.titles with (security_invoker = true) as select title from public.notes;
  select cron.schedule('nightly', '0 3 * * *', 'select 1');
`;

const CHANGES: readonly string[] = [
  "alter table public.notes add column extra text",
  "alter table public.notes alter column title drop not null",
  "alter table public.notes alter column size set default 4",
  "alter table public.notes alter column size type bigint",
  "alter table public.notes alter column title set (n_distinct = 10)",
  "alter table public.notes drop constraint notes_title_length",
  "drop index public.notes_title_idx",
  "comment on column public.notes.title is 'Something else.'",
  "comment on table public.notes is 'Notes.'",
  "alter table public.notes disable row level security",
  "alter table public.notes force row level security",
  `drop policy "everybody reads" on public.notes`,
  `alter policy "everybody reads" on public.notes using (title <> '')`,
  `alter policy "everybody reads" on public.notes to anon`,
  "revoke delete on public.notes from anon",
  "revoke select on public.notes from authenticated",
  "grant update (title) on public.notes to anon",
  "alter table public.notes disable trigger touched",
  "drop trigger touched on public.notes",
  "create or replace function private.touch() returns trigger language plpgsql as $$ begin return old; end $$",
  "alter function private.touch() security definer",
  "alter function private.touch() set search_path = ''",
  "revoke execute on function private.touch() from public",
  "alter view public.titles set (security_invoker = false)",
  "create or replace view public.titles as select upper(title) as title from public.notes",
  "create type public.mood as enum ('good')",
  "create extension pg_trgm with schema extensions",
  "grant usage on schema private to anon",
  "alter default privileges in schema public revoke select on tables from anon",
  "select cron.schedule('nightly', '0 4 * * *', 'select 1')",
];

Deno.test("schema parity finds every kind of difference, and none between equal databases", async () => {
  await withScratchServer(async (server) => {
    await withConnection(await server.createDatabase("base"), async (client) => {
      await client.query(BASE);
      const before = await describeSchema(client);
      for (const change of CHANGES) {
        await client.query("begin");
        await client.query(change);
        ok(compareSchemas(before, await describeSchema(client)).length > 0, change);
        await client.query("rollback");
        deepStrictEqual(compareSchemas(before, await describeSchema(client)), []);
      }
    });
  });
});
