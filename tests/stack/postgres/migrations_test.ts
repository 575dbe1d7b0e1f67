// Migrations are applied once, in order, as postgres, and a broken one leaves nothing behind.

import assert from "node:assert/strict";
import { join } from "node:path";
import { applyMigrations, applySeed } from "../../../scripts/stack/postgres/migrations.ts";
import { StackError } from "../../../scripts/stack/postgres/server.ts";
import { scalar, session, throwawayServer } from "./throwaway_server.ts";

const options = { sanitizeOps: false, sanitizeResources: false };

Deno.test("applyMigrations keeps the platform's own history", options, async (test) => {
  await using context = await throwawayServer();
  const { server } = context;
  const url = server.url("postgres");
  const dir = await Deno.makeTempDir({ prefix: "sixty-migrations-" });
  const write = (name: string, text: string): Promise<void> =>
    Deno.writeTextFile(join(dir, name), text);
  await using postgres = await session(server, "postgres");

  await test.step("each once, in the order of their versions, each in its own session settings", async () => {
    await write("20260102000000_second.sql", "alter table public.t add column b text;\n");
    await write(
      "20260101000000_first.sql",
      "set search_path = '';\ncreate table public.t (a text);\nselect 1;\n",
    );
    await write("README.md", "no migration");
    const names: string[] = [];
    assert.equal(await applyMigrations(url, dir, (name) => names.push(name)), 2);
    assert.deepEqual(names, ["20260101000000_first", "20260102000000_second"]);
    assert.equal(await applyMigrations(url, dir), 0);
    const { rows } = await postgres.query(
      "select version, name from supabase_migrations.schema_migrations order by version",
    );
    assert.deepEqual(rows, [
      { version: "20260101000000", name: "first" },
      { version: "20260102000000", name: "second" },
    ]);
    assert.equal(
      await scalar(postgres, "select tableowner from pg_tables where tablename = 't'"),
      "postgres",
    );
  });

  await test.step("a broken one is named with its line, and nothing of it stays", async () => {
    await write(
      "20260103000000_broken.sql",
      "create table public.half (a text);\n\ninsert into public.nowhere values (1);\n",
    );
    await assert.rejects(
      applyMigrations(url, dir),
      (error) =>
        error instanceof StackError &&
        error.message.startsWith(
          '20260103000000_broken.sql:3: relation "public.nowhere" does not exist',
        ),
    );
    assert.equal(await scalar(postgres, "select to_regclass('public.half')"), null);
    await Deno.remove(join(dir, "20260103000000_broken.sql"));
  });

  await test.step("a history that the files lack is refused", async () => {
    await Deno.rename(
      join(dir, "20260102000000_second.sql"),
      join(dir, "20260104000000_second.sql"),
    );
    await assert.rejects(
      applyMigrations(url, dir),
      (error) => error instanceof StackError && error.message.includes("20260102000000"),
    );
  });

  await test.step("seed data is applied whole or not at all", async () => {
    const seed = join(dir, "seed.sql");
    await Deno.writeTextFile(seed, "insert into public.t (a) values ('x');\nselect 1 / 0;\n");
    await assert.rejects(applySeed(url, seed), /seed\.sql: division by zero/);
    assert.equal(await scalar(postgres, "select count(*)::int from public.t"), 0);
    await Deno.writeTextFile(seed, "insert into public.t (a) values ('x');\n");
    await applySeed(url, seed);
    assert.equal(await scalar(postgres, "select count(*)::int from public.t"), 1);
  });

  await Deno.remove(dir, { recursive: true });
});
