// The stand-ins of pg_cron, pg_net and the vault answer as the extensions do, errors included.

import assert from "node:assert/strict";
import { failure, scalar, session, throwawayServer } from "./throwaway_server.ts";

const options = { sanitizeOps: false, sanitizeResources: false };

Deno.test(
  "pg_cron, pg_net and the vault have the SQL interface of production",
  options,
  async (test) => {
    await using context = await throwawayServer();
    const { server } = context;
    await using postgres = await session(server, "postgres");
    await using admin = await session(server, "supabase_admin");
    await using authenticator = await session(server, "authenticator");
    await postgres.query(`
    create extension if not exists pg_cron;
    create extension if not exists pg_net with schema extensions;
    create extension if not exists supabase_vault;
  `);

    await test.step("versions and owners", async () => {
      const { rows } = await admin.query(
        "select extname || ' ' || extversion as line from pg_extension " +
          "where extname in ('pg_cron', 'pg_net', 'supabase_vault') order by 1",
      );
      assert.deepEqual(rows.map((row) => row.line), [
        "pg_cron 1.6.4",
        "pg_net 0.19.7",
        "supabase_vault 0.3.1",
      ]);
      const owners = await scalar(
        admin,
        "select array_agg(distinct nspowner::regrole::text) from pg_namespace " +
          "where nspname in ('cron', 'net')",
      );
      assert.deepEqual(owners, ["supabase_admin"]);
    });

    await test.step("cron.schedule with a name is an upsert", async () => {
      const first = await scalar(
        postgres,
        "select cron.schedule('nightly', '0 3 * * *', 'select 1')",
      );
      const second = await scalar(
        postgres,
        "select cron.schedule('nightly', '30 3 * * *', 'select 2')",
      );
      assert.equal(first, second);
      const { rows } = await postgres.query(
        "select jobname, schedule, command, nodename, nodeport, database, username, active from cron.job",
      );
      assert.deepEqual(rows, [{
        jobname: "nightly",
        schedule: "30 3 * * *",
        command: "select 2",
        nodename: "localhost",
        nodeport: server.port,
        database: "postgres",
        username: "postgres",
        active: true,
      }]);
    });

    await test.step("cron.schedule without a name adds a job each time", async () => {
      const first = await scalar(postgres, "select cron.schedule('* * * * *', 'select 1')");
      const second = await scalar(postgres, "select cron.schedule('* * * * *', 'select 1')");
      assert.notEqual(first, second);
      assert.equal(await scalar(postgres, "select cron.unschedule($1::bigint)", [first]), true);
      assert.equal(await scalar(postgres, "select cron.unschedule($1::bigint)", [second]), true);
    });

    await test.step("schedules are checked as pg_cron checks them", async () => {
      for (
        const schedule of [
          "61 * * * *",
          "* 24 * * *",
          "* * 0 * *",
          "* * * 13 *",
          "* * * * 8",
          "* * * *",
          "",
          "5/20 * * * *",
          "5-64/30 * * * *",
          "*/0 * * * *",
          "60 seconds",
          "0 seconds",
          "nonsense",
          "@fortnightly",
          "* * $-1 * *",
        ]
      ) {
        const invalid = await failure(postgres, `select cron.schedule('${schedule}', 'select 1')`);
        assert.deepEqual(invalid, { code: "22023", message: `invalid schedule: ${schedule}` });
      }
      for (
        const schedule of [
          "*/5 * * * *",
          "0 0 $ * *",
          "15 10-12,14 1,15 jan-MAR mon-FRI",
          "0 0 * * 7",
          "1 second",
          "59 seconds",
          "@hourly",
          "@reboot",
          "0-30/10 * * * *",
        ]
      ) {
        await postgres.query(`select cron.unschedule(cron.schedule('${schedule}', 'select 1'))`);
      }
    });

    await test.step("cron.unschedule of what is not there", async () => {
      assert.equal(
        (await failure(postgres, "select cron.unschedule('nosuch')")).message,
        "could not find valid entry for job 'nosuch'",
      );
      assert.equal(
        (await failure(postgres, "select cron.unschedule(99999)")).message,
        "could not find valid entry for job 99999",
      );
    });

    await test.step("cron.alter_job changes what it is given", async () => {
      const id = await scalar(postgres, "select jobid from cron.job where jobname = 'nightly'");
      await postgres.query("select cron.alter_job($1, active := false)", [id]);
      await postgres.query("select cron.alter_job($1, schedule := '5 seconds')", [id]);
      const { rows } = await postgres.query("select schedule, command, active from cron.job");
      assert.deepEqual(rows, [{ schedule: "5 seconds", command: "select 2", active: false }]);
      assert.equal(
        (await failure(postgres, `select cron.alter_job(${id})`)).message,
        "no updates specified",
      );
      assert.equal(
        (await failure(postgres, `select cron.alter_job(${id}, schedule := 'x')`)).message,
        "invalid schedule: x",
      );
      assert.equal(
        (await failure(postgres, "select cron.alter_job(99999, active := true)")).message,
        "Job 99999 does not exist or you don't own it",
      );
    });

    await test.step("a job belongs to the role that made it, and nobody can pose as another", async () => {
      await admin.query("grant usage on schema cron to authenticated");
      await admin.query("create role mallory login; grant usage on schema cron to mallory");
      await admin.query("set role mallory");
      assert.equal(await scalar(admin, "select count(*)::int from cron.job"), 0);
      const own = await scalar(admin, "select cron.schedule('mine', '* * * * *', 'select 1')");
      assert.equal(await scalar(admin, "select username from cron.job"), "mallory");
      const foreign = await scalar(
        postgres,
        "select jobid from cron.job where jobname = 'nightly'",
      );
      for (
        const [code, attempt] of [
          [
            "42501",
            "select cron.schedule_in_database('x', '* * * * *', 'select 1', 'postgres', 'postgres')",
          ],
          ["42501", `select cron.unschedule(${foreign})`],
          ["42501", `select cron.alter_job(${foreign}, active := true)`],
          ["23514", "select cron._put_job('postgres', 'x', '* * * * *', 'y', null, null, true)"],
          ["23514", `select cron._remove_job('postgres', ${foreign})`],
          ["42501", "insert into cron.job (schedule, command) values ('* * * * *', 'select 1')"],
          ["42501", "update cron.job set command = 'select 2'"],
        ] as const
      ) {
        assert.equal((await failure(admin, attempt)).code, code, attempt);
      }
      assert.equal(await scalar(admin, "select cron.unschedule($1::bigint)", [own]), true);
      await admin.query("reset role");
      assert.equal(
        (await failure(
          postgres,
          "select cron.schedule_in_database('x', '* * * * *', 'select 1', 'postgres', 'anon')",
        )).message,
        "must be superuser to create a job for another role",
      );
      assert.equal(
        (await failure(
          admin,
          "select cron.schedule_in_database('x', '* * * * *', 'select 1', 'postgres', 'anon')",
        )).message,
        'role "anon" can not log in',
      );
    });

    await test.step("net requests wait in the queue for the commit", async () => {
      const heard: string[] = [];
      admin.on("notification", ({ channel }) => heard.push(channel));
      await admin.query("listen stack_net_queue");
      await postgres.query("begin");
      await postgres.query(
        "select net.http_post('http://example.test', body := '{\"b\": 1, \"a\": 2}')",
      );
      await postgres.query("rollback");
      await admin.query("select pg_sleep(0.02)");
      assert.deepEqual(heard, []);
      const id = await scalar(
        postgres,
        'select net.http_post(\'http://example.test?x=1\', body := \'{"b": 1, "a": "é"}\', ' +
          'params := \'{"q": "a b&c"}\', headers := \'{"X-One": "1"}\', timeout_milliseconds := 7)',
      );
      await admin.query("select pg_sleep(0.02)");
      assert.deepEqual(heard, ["stack_net_queue"]);
      const { rows } = await postgres.query(
        "select *, convert_from(body, 'utf8') as body from net.http_request_queue",
      );
      assert.deepEqual(rows, [{
        id,
        method: "POST",
        url: "http://example.test/?x=1&q=a%20b%26c",
        headers: { "X-One": "1", "Content-Type": "application/json" },
        body: '{"a": "é", "b": 1}',
        timeout_milliseconds: 7,
      }]);
    });

    await test.step("net refuses a content type that it cannot send", async () => {
      assert.equal(
        (await failure(
          postgres,
          "select net.http_post('http://x.test', headers := '{\"content-type\": \"text/plain\"}')",
        )).message,
        'Content-Type header must be "application/json"',
      );
      await failure(postgres, "select net.http_get('no url')");
    });

    await test.step("vault keeps secrets enciphered, also the same one twice", async () => {
      const id = await scalar(
        postgres,
        "select vault.create_secret('correct horse ✓', 'password', 'a description')",
      );
      await postgres.query("select vault.create_secret('correct horse ✓')");
      const { rows } = await postgres.query(
        "select name, description, decrypted_secret from vault.decrypted_secrets where id = $1",
        [id],
      );
      assert.deepEqual(rows, [{
        name: "password",
        description: "a description",
        decrypted_secret: "correct horse ✓",
      }]);
      const stored = await postgres.query("select secret from vault.secrets");
      const ciphers = stored.rows.map((row) => atob(row.secret.replaceAll("\n", "")));
      assert.equal(new Set(ciphers).size, 2);
      for (const cipher of ciphers) assert.ok(!cipher.includes("horse"));
      const key = (await Deno.readTextFile(server.folder.vaultKeyFile)).trim();
      assert.match(key, /^[0-9a-f]{64}$/);
      const { mode } = await Deno.stat(server.folder.vaultKeyFile);
      assert.equal((mode ?? 0o777) & 0o077, 0);
    });

    await test.step("vault.update_secret changes what it is given", async () => {
      const id = await scalar(postgres, "select id from vault.secrets where name = 'password'");
      await postgres.query("select vault.update_secret($1, new_secret := 'battery')", [id]);
      await postgres.query("select vault.update_secret($1, new_name := 'renamed')", [id]);
      const { rows } = await postgres.query(
        "select name, description, decrypted_secret from vault.decrypted_secrets where id = $1",
        [id],
      );
      assert.deepEqual(rows, [{
        name: "renamed",
        description: "a description",
        decrypted_secret: "battery",
      }]);
      assert.equal(
        (await failure(postgres, "select vault.create_secret('x', 'renamed')")).code,
        "23505",
      );
    });

    await test.step("a cipher moved to another row does not open", async () => {
      await admin.query("begin");
      await admin.query(
        "update vault.secrets set secret = (select secret from vault.secrets where name = 'renamed'), " +
          "nonce = (select nonce from vault.secrets where name = 'renamed') where name is null",
      );
      assert.equal(
        (await failure(admin, "select decrypted_secret from vault.decrypted_secrets")).message,
        "invalid ciphertext",
      );
      await admin.query("rollback");
    });

    await test.step("only postgres and service_role read the vault", async () => {
      for (const role of ["anon", "authenticated"]) {
        await authenticator.query(`begin; set local role ${role}`);
        assert.equal(
          (await failure(authenticator, "select * from vault.decrypted_secrets")).code,
          "42501",
        );
        await authenticator.query("rollback");
      }
      await authenticator.query("begin; set local role service_role");
      assert.equal(
        await scalar(
          authenticator,
          "select decrypted_secret from vault.decrypted_secrets where name = 'renamed'",
        ),
        "battery",
      );
      await authenticator.query("rollback");
      assert.equal((await failure(postgres, "select vault._root_key()")).code, "42501");
      assert.equal((await failure(postgres, "update vault.secrets set name = 'x'")).code, "42501");
    });
  },
);
