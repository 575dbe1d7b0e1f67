// PostgreSQL 15 with the real pg_cron: the same platform, and the stand-in keeps to the original.

import assert from "node:assert/strict";
import { missingDebianPackages, startDebian15 } from "../../../scripts/stack/postgres/debian15.ts";
import { installPlatform } from "../../../scripts/stack/postgres/platform.ts";
import { checkPlpgsql } from "../../../scripts/stack/postgres/plpgsql_check.ts";
import { failure, freePort, PASSWORDS, scalar, session } from "./throwaway_server.ts";

const missing = await missingDebianPackages();
const options = { sanitizeOps: false, sanitizeResources: false, ignore: missing.length > 0 };

Deno.test(
  "PostgreSQL 15 carries the platform, the real pg_cron and plpgsql_check",
  options,
  async (test) => {
    const dataDir = await Deno.makeTempDir({ prefix: "sixty-postgres15-" });
    const server = await startDebian15({ dataDir, port: freePort(), passwords: PASSWORDS });
    await installPlatform(server, { databasePasswords: PASSWORDS });
    await using postgres = await session(server, "postgres");

    await test.step("postgres creates the extensions, as no superuser", async () => {
      assert.match(String(await scalar(postgres, "show server_version")), /^15\./);
      await postgres.query(`
      create extension if not exists pg_cron;
      create extension if not exists pg_net with schema extensions;
      create extension if not exists pgtap with schema extensions;
    `);
      assert.equal((await failure(postgres, "select pg_read_file('PG_VERSION')")).code, "42501");
      await postgres.query("select vault.create_secret('hush')");
      assert.equal(
        await scalar(postgres, "select decrypted_secret from vault.decrypted_secrets"),
        "hush",
      );
      await postgres.query("alter role authenticator set pgrst.db_pre_request = 'private.check'");
    });

    await test.step("the real pg_cron refuses what the stand-in refuses, in the same words", async () => {
      assert.deepEqual(
        await failure(postgres, "select cron.schedule('x', '61 * * * *', 'select 1')"),
        { code: "22023", message: "invalid schedule: 61 * * * *" },
      );
      assert.equal(
        (await failure(postgres, "select cron.unschedule('nosuch')")).message,
        "could not find valid entry for job 'nosuch'",
      );
      assert.equal(
        (await failure(postgres, "select cron.alter_job(99999, active := true)")).message,
        "Job 99999 does not exist or you don't own it",
      );
      assert.equal(
        (await failure(postgres, "insert into cron.job (schedule, command) values ('a', 'b')"))
          .code,
        "42501",
      );
      const first = await scalar(postgres, "select cron.schedule('n', '0 3 * * *', 'select 1')");
      assert.equal(
        await scalar(postgres, "select cron.schedule('n', '0 4 * * *', 'select 1')"),
        first,
      );
    });

    await test.step("plpgsql_check finds what a call would stumble over", async () => {
      await postgres.query(`
      create function public.sound() returns int language plpgsql as 'begin return 1; end';
      create function public.unsound() returns int language plpgsql
        as 'begin return (select a from nowhere); end';
    `);
      const findings = await checkPlpgsql(server, ["public"]);
      assert.deepEqual(
        findings.map(({ function: name, level, message }) => [name, level, message]),
        [
          ["unsound()", "error", 'relation "nowhere" does not exist'],
        ],
      );
    });

    await test.step("a database is copied although pg_cron sits in it", async () => {
      await postgres.end();
      await server.createDatabase("copy");
      await using copy = await session(server, "postgres", "copy");
      assert.equal(await scalar(copy, "select public.sound()"), 1);
      await copy.query("create table public.mine (id int)");
    });

    await server.stop();
    await Deno.remove(dataDir, { recursive: true });
  },
);
