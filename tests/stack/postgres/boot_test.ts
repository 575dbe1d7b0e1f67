// The database starts, resumes, and says what is wrong and how to go on when it cannot.

import assert from "node:assert/strict";
import { join } from "node:path";
import { StackError, startPostgres } from "../../../scripts/stack/postgres/server.ts";
import { freePort, PASSWORDS, scalar, session } from "./throwaway_server.ts";

const options = { sanitizeOps: false, sanitizeResources: false };

async function tempDir(): Promise<string> {
  return await Deno.makeTempDir({ prefix: "sixty-boot-" });
}

// Most tests go on with one folder, as a developer does: making it is the slow part.
const shared = await tempDir();
addEventListener("unload", () => Deno.removeSync(shared, { recursive: true }));

/** Starts a server in a process of its own, which can then be killed. */
async function startElsewhere(dataDir: string, port: number): Promise<Deno.ChildProcess> {
  const script = `
    import { startPostgres } from "${
    import.meta.resolve("../../../scripts/stack/postgres/server.ts")
  }";
    await startPostgres(${JSON.stringify({ dataDir, port, passwords: PASSWORDS })});
    console.log("ready");
    setInterval(() => {}, 1000);
  `;
  const file = join(dataDir, "start.ts");
  await Deno.writeTextFile(file, script);
  const config = new URL(import.meta.resolve("../../../deno.json")).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--config", config, file],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  await reader.cancel();
  assert.equal(new TextDecoder().decode(value).trim(), "ready");
  return child;
}

Deno.test(
  "startPostgres makes a database, stops, and resumes its data without delay",
  options,
  async () => {
    const dataDir = shared;
    const first = await startPostgres({ dataDir, port: freePort(), passwords: PASSWORDS });
    {
      await using client = await session(first, "supabase_admin");
      await client.query(
        "drop table if exists kept; create table kept (word text); insert into kept values ('still here')",
      );
      assert.equal(await scalar(client, "show listen_addresses"), "127.0.0.1");
      assert.equal(await scalar(client, "show timezone"), "UTC");
      assert.equal(await scalar(client, "show fsync"), "on");
      assert.equal(await scalar(client, "select 'a' < 'B' collate \"default\""), false);
    }
    await first.stop();
    const began = performance.now();
    const second = await startPostgres({ dataDir, port: freePort(), passwords: PASSWORDS });
    const elapsedMs = performance.now() - began;
    {
      await using client = await session(second, "supabase_admin");
      assert.equal(await scalar(client, "select word from kept"), "still here");
    }
    await second.stop();
    assert.ok(elapsedMs < 3_000, `resumed in ${elapsedMs} ms`);
  },
);

Deno.test(
  "startPostgres says that the port is taken, and leaves the folder usable",
  options,
  async () => {
    const dataDir = shared;
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    await assert.rejects(
      startPostgres({ dataDir, port, passwords: PASSWORDS }),
      (error) =>
        error instanceof StackError && error.message.includes(`Port ${port}`) &&
        error.wayOut.length > 0,
    );
    listener.close();
    const server = await startPostgres({ dataDir, port, passwords: PASSWORDS });
    await server.stop();
  },
);

Deno.test(
  "startPostgres stops the server of a killed run and keeps what was committed",
  options,
  async () => {
    const dataDir = shared;
    const port = freePort();
    const child = await startElsewhere(dataDir, port);
    const pid = Number(
      (await Deno.readTextFile(join(dataDir, "cluster", "postmaster.pid")))
        .split("\n")[0],
    );
    child.kill("SIGKILL");
    await child.status;
    assert.doesNotThrow(() => Deno.kill(pid, "SIGCONT"), "the server outlives its parent");
    const messages: string[] = [];
    const server = await startPostgres({
      dataDir,
      port,
      passwords: PASSWORDS,
      onProgress: (message) => messages.push(message),
    });
    assert.deepEqual(messages, ["stopped the database of a killed run"]);
    assert.notEqual(server.pid, pid);
    await server.stop();
  },
);

Deno.test(
  "startPostgres refuses a folder that a living stack uses, and does not disturb it",
  options,
  async () => {
    const dataDir = shared;
    const server = await startPostgres({ dataDir, port: freePort(), passwords: PASSWORDS });
    const link = join(dataDir, "link");
    await Deno.symlink(dataDir, link);
    for (const path of [dataDir, link]) {
      await assert.rejects(
        startPostgres({ dataDir: path, port: freePort(), passwords: PASSWORDS }),
        (error) => error instanceof StackError && error.message.includes(`process ${Deno.pid}`),
      );
    }
    {
      await using client = await session(server, "supabase_admin");
      assert.equal(await scalar(client, "select 1"), 1);
    }
    await server.stop();
  },
);

Deno.test(
  "startPostgres recovers after the server itself was killed, its lock file left behind",
  options,
  async () => {
    const dataDir = shared;
    const port = freePort();
    const first = await startPostgres({ dataDir, port, passwords: PASSWORDS });
    {
      await using client = await session(first, "supabase_admin");
      await client.query("drop table if exists kept; create table kept as select 42 as answer");
    }
    Deno.kill(first.pid, "SIGKILL");
    await first.stop();
    // The number may belong to any other process by now, here to this one.
    const lock = join(dataDir, "cluster", "postmaster.pid");
    const text = await Deno.readTextFile(lock);
    await Deno.writeTextFile(lock, text.replace(/^\d+/, String(Deno.pid)));
    const second = await startPostgres({ dataDir, port: freePort(), passwords: PASSWORDS });
    {
      await using client = await session(second, "supabase_admin");
      assert.equal(await scalar(client, "select answer from kept"), 42);
    }
    await second.stop();
  },
);

Deno.test("startPostgres goes on where making the folder was interrupted", options, async () => {
  const dataDir = await tempDir();
  await Deno.mkdir(join(dataDir, "unfinished", "base"), { recursive: true });
  await Deno.writeTextFile(join(dataDir, "unfinished", "PG_VERSION"), "17\n");
  const server = await startPostgres({ dataDir, port: freePort(), passwords: PASSWORDS });
  await server.stop();
  await Deno.remove(dataDir, { recursive: true });
});

Deno.test("startPostgres names a half-written folder and the way out", options, async () => {
  const dataDir = await tempDir();
  await Deno.mkdir(join(dataDir, "cluster", "base"), { recursive: true });
  await Deno.writeTextFile(join(dataDir, "cluster", "PG_VERSION"), "17\n");
  await assert.rejects(
    startPostgres({ dataDir, port: freePort(), passwords: PASSWORDS }),
    (error) =>
      error instanceof StackError && error.message.includes("half written") &&
      error.wayOut.includes("reset"),
  );
  await Deno.remove(dataDir, { recursive: true });
});

Deno.test("startPostgres tells a folder of other keys from a broken one", options, async () => {
  const dataDir = shared;
  const server = await startPostgres({ dataDir, port: freePort(), passwords: PASSWORDS });
  await server.stop();
  await assert.rejects(
    startPostgres({
      dataDir,
      port: freePort(),
      passwords: { ...PASSWORDS, supabase_admin: "another" },
    }),
    (error) => error instanceof StackError && error.message.includes("other passwords"),
  );
});

Deno.test(
  "createDatabase copies a database and dropDatabase removes it, also twice",
  options,
  async () => {
    const dataDir = shared;
    const server = await startPostgres({ dataDir, port: freePort(), passwords: PASSWORDS });
    {
      await using client = await session(server, "supabase_admin");
      await client.query("create table original as select 1 as one");
    }
    await server.createDatabase('copy "1"');
    {
      await using client = await session(server, "supabase_admin", encodeURIComponent('copy "1"'));
      assert.equal(await scalar(client, "select one from original"), 1);
      assert.equal(
        await scalar(
          client,
          "select count(distinct datdba)::int from pg_database " +
            "where datname in ('postgres', current_database())",
        ),
        1,
      );
    }
    await server.dropDatabase('copy "1"');
    await server.dropDatabase('copy "1"');
    await server.stop();
  },
);
