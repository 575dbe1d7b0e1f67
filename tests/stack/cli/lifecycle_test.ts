// start, stop, status, reset: what a person meets, in good days and bad ones.

import { match, ok, strictEqual } from "node:assert/strict";
import { DEFAULT_PORTS } from "../../../scripts/stack/contracts.ts";
import { withConnection } from "../../../scripts/stack/postgres/connection.ts";
import { readState, type StackState } from "../../../scripts/stack/stack_state.ts";
import { isAlive, until } from "../functions/serve_fixture.ts";
import { type CliSandbox, openSandbox } from "./run_cli.ts";

async function stateOf(sandbox: CliSandbox): Promise<StackState> {
  const state = await readState(sandbox.dataDir);
  ok(state, "a stack left its note");
  return state;
}

async function countMarkers(state: StackState): Promise<number> {
  const url = state.description?.databaseUrls.supabase_admin ?? "";
  return await withConnection(url, async (client) => {
    await client.query("create table if not exists public.cli_marker (id int)");
    const counted = await client.query<{ n: number }>("select count(*)::int as n from cli_marker");
    await client.query("insert into cli_marker values (1)");
    return counted.rows[0]?.n ?? -1;
  });
}

Deno.test("a stack starts, says what is there, resumes its data, and is reset", async (t) => {
  await using sandbox = await openSandbox();

  await t.step("start --detach comes back once everything serves", async () => {
    const { code, stdout, stderr } = await sandbox.run(["start", "--detach"]);
    strictEqual(code, 0, stderr);
    match(stdout, /Publishable key +sb_publishable_/);
    match(stdout, /olivia@fernhollow\.test +owner in Fernhollow/);
    strictEqual(stdout.match(/^ {2}.*task demo\b.* --data-dir \S+$/gm)?.length, 7);
    match(stdout, /end it with: .*task stop --data-dir \S+$/m);
    match(stdout.trimEnd().split("\n").at(-1) ?? "", /^Ready in \d+\.\d s$/);
    strictEqual(await countMarkers(await stateOf(sandbox)), 0);
  });
  await t.step("status tells the same, also to programs", async () => {
    match((await sandbox.run(["status"])).stdout, /API URL/);
    const json = JSON.parse((await sandbox.run(["status", "--json"])).stdout);
    strictEqual(json.ports.gateway, DEFAULT_PORTS.gateway + sandbox.portOffset);
    match((await sandbox.run(["status", "--env"])).stdout, /^SECRET_KEY="sb_secret_/m);
  });
  await t.step("a second start says who is there and how to end it", async () => {
    const { code, stderr } = await sandbox.run(["start"]);
    strictEqual(code, 1);
    match(stderr, /already runs on this data: process \d+/);
    match(stderr, /task stop/);
  });
  await t.step("stop ends every process", async () => {
    const state = await stateOf(sandbox);
    strictEqual((await sandbox.run(["stop"])).code, 0);
    for (const { pid } of [state.process, ...state.children]) ok(!await isAlive(pid));
    strictEqual((await sandbox.run(["status"])).code, 1);
    match((await sandbox.run(["stop"])).stdout, /No stack was running/);
  });
  await t.step("the next start has the data", async () => {
    strictEqual((await sandbox.run(["start", "--detach"])).code, 0);
    strictEqual(await countMarkers(await stateOf(sandbox)), 1);
  });
  await t.step("reset stops it and starts over, with the same keys", async () => {
    const before = await stateOf(sandbox);
    strictEqual((await sandbox.run(["reset"])).code, 0);
    ok(!await isAlive(before.process.pid));
    strictEqual((await sandbox.run(["start", "--detach"])).code, 0);
    const after = await stateOf(sandbox);
    strictEqual(await countMarkers(after), 0);
    strictEqual(after.description?.secretKey, before.description?.secretKey);
  });
});

Deno.test("a killed stack leaves nothing running, and the next start just works", async () => {
  await using sandbox = await openSandbox();
  strictEqual((await sandbox.run(["start", "--detach"])).code, 0);
  const state = await stateOf(sandbox);
  strictEqual(await countMarkers(state), 0);
  const gateway = state.description?.url ?? "";
  const called = await fetch(`${gateway}/functions/v1/api-copilot/openapi.json`);
  strictEqual(called.status, 200);
  await called.body?.cancel();
  Deno.kill(state.process.pid, "SIGKILL");
  for (const { pid, name } of state.children) {
    await until(async () => !await isAlive(pid), `${name} ends with the stack`);
  }
  match((await sandbox.run(["status"])).stderr, /No stack runs/);
  const again = await sandbox.run(["start", "--detach"]);
  strictEqual(again.code, 0, again.stderr);
  strictEqual(await countMarkers(await stateOf(sandbox)), 1);
});

Deno.test("a taken port is named, with the way out", async () => {
  await using sandbox = await openSandbox();
  const port = DEFAULT_PORTS.storage + sandbox.portOffset;
  const holder = Deno.listen({ hostname: "127.0.0.1", port });
  try {
    const { code, stderr } = await sandbox.run(["start"]);
    strictEqual(code, 1);
    match(stderr, new RegExp(`Port ${port} \\(storage\\) is taken by process ${Deno.pid}`));
    match(stderr, /--port-offset/);
  } finally {
    holder.close();
  }
});

Deno.test("a half-written data folder is told, and reset is the way out", async () => {
  await using sandbox = await openSandbox();
  strictEqual((await sandbox.run(["start", "--detach"])).code, 0);
  strictEqual((await sandbox.run(["stop"])).code, 0);
  await Deno.writeTextFile(`${sandbox.dataDir}/keys.json`, '{"signingJwk":');
  const broken = await sandbox.run(["start"]);
  strictEqual(broken.code, 1);
  match(broken.stderr, /keys\.json/);
  match(broken.stderr, /task reset/);
  strictEqual((await sandbox.run(["reset"])).code, 0);
  const again = await sandbox.run(["start", "--detach"]);
  strictEqual(again.code, 0, again.stderr);
});

Deno.test("a database that outlived its stack and the warden is stopped, by start, stop and reset", async () => {
  await using sandbox = await openSandbox();
  for (const command of ["start", "stop", "reset"]) {
    const started = await sandbox.run(["start", "--detach"]);
    strictEqual(started.code, 0, started.stderr);
    const server = await leaveDatabaseBehind(sandbox);
    ok(await isAlive(server), "the database is left behind");
    const next = await sandbox.run(command === "start" ? ["start", "--detach"] : [command]);
    strictEqual(next.code, 0, next.stderr);
    ok(await endsSoon(server), `${command} ends it`);
    await sandbox.run(["stop"]);
  }
});

/** A process that has ended may be seen for a moment, until whoever inherited it has looked. */
async function endsSoon(server: number): Promise<boolean> {
  for (let look = 0; look < 100; look++) {
    if (!await isAlive(server)) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}

// As after a kill -9 of everything that a careless person can name.
async function leaveDatabaseBehind(sandbox: CliSandbox): Promise<number> {
  const { process } = await stateOf(sandbox);
  await killWarden(process.pid);
  Deno.kill(process.pid, "SIGKILL");
  await until(async () => !await isAlive(process.pid), "the stack is gone");
  const lock = await Deno.readTextFile(`${sandbox.dataDir}/database/cluster/postmaster.pid`);
  return Number(lock.split("\n")[0]);
}

async function killWarden(stack: number): Promise<void> {
  const children = await Deno.readTextFile(`/proc/${stack}/task/${stack}/children`);
  for (const pid of children.trim().split(" ").map(Number)) {
    const commandLine = await Deno.readTextFile(`/proc/${pid}/cmdline`);
    if (commandLine.includes("trap")) Deno.kill(pid, "SIGKILL");
  }
}

Deno.test("a stack outlives its warden", async () => {
  await using sandbox = await openSandbox();
  strictEqual((await sandbox.run(["start", "--detach"])).code, 0);
  const state = await stateOf(sandbox);
  await killWarden(state.process.pid);
  // A function that starts now is one more process to tell the warden about.
  const gateway = state.description?.url ?? "";
  for (let call = 0; call < 2; call++) {
    const called = await fetch(`${gateway}/functions/v1/api-copilot/openapi.json`);
    strictEqual(called.status, 200);
    await called.body?.cancel();
  }
  ok(await isAlive(state.process.pid));
  match((await sandbox.run(["stop"])).stdout, /Stopped/);
});

Deno.test("it refuses to be anything but a development stack", async () => {
  await using sandbox = await openSandbox();
  const { code, stderr } = await sandbox.run(["start"], { SIXTY_ENVIRONMENT: "production" });
  strictEqual(code, 1);
  match(stderr, /for development only/);
  const unknown = await sandbox.run(["launch"]);
  strictEqual(unknown.code, 1);
  match(unknown.stderr, /Unknown command/);
});

Deno.test("SIGTERM, as Ctrl-C, stops everything in order", async () => {
  await using sandbox = await openSandbox();
  const child = sandbox.spawn(["start"]);
  const output = child.stdout.pipeThrough(new TextDecoderStream());
  let text = "";
  for await (const part of output.values({ preventCancel: true })) {
    text += part;
    if (/^Ready in/m.test(text)) break;
  }
  const state = await stateOf(sandbox);
  child.kill("SIGINT");
  for await (const part of output) text += part;
  strictEqual((await child.status).code, 0);
  match(text, /Stopped; the data is kept/);
  for (const { pid } of state.children) ok(!await isAlive(pid));
  await child.stderr.cancel();
});
