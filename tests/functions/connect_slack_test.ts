// A workspace is connected by the operator's script, opened by an admin, and offered to everybody.
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { createClient } from "@supabase/supabase-js";
import { googleToken, outboundClients } from "../support/outbound_clients.ts";
import { type Actor, createActor, createRivals } from "../support/rivals.ts";
import { testStack } from "../support/stack.ts";

const stack = await testStack();
const { rep } = await createRivals(stack);
const admin = await createActor(
  stack,
  `admin-${crypto.randomUUID().slice(0, 8)}@home.test`,
  rep.orgId,
  "admin",
);
await stack.sql("update public.org_settings set mfa_required_for = 'none' where org_id = $1", [
  rep.orgId,
]);
const TEAM = `T0${crypto.randomUUID().replaceAll("-", "").slice(0, 9).toUpperCase()}`;

async function connect(token: string): Promise<{ code: number; said: string }> {
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "scripts/connect_slack.ts", "--org", rep.orgId],
    env: {
      SUPABASE_URL: stack.url,
      SUPABASE_SECRET_KEY: stack.description.secretKey,
      SLACK_API_BASE_URL: `${stack.description.providersUrl}/slack/api/`,
    },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = process.stdin.getWriter();
  await writer.write(new TextEncoder().encode(`${token}\n`));
  await writer.close();
  const { code, stdout, stderr } = await process.output();
  return { code, said: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

async function ask(actor: Actor, name: string, args: Record<string, unknown>) {
  const client = createClient(stack.url, stack.description.publishableKey, {
    global: { headers: { authorization: `Bearer ${actor.token}` } },
    auth: { persistSession: false },
  });
  const { data, error } = await client.rpc(name, { p_org_id: rep.orgId, ...args });
  return error?.message ?? data;
}

Deno.test("a workspace is connected from its bot's token, which nobody sees again", async () => {
  const { code, said } = await connect(`xoxb-sim-${TEAM}`);
  strictEqual(code, 0, said);
  match(said, /3 channels, closed until an admin opens them/);
  ok(!said.includes("xoxb"));
  const listed = await ask(admin, "list_slack_channels", {});
  strictEqual(listed.workspace.team_id, TEAM);
  deepStrictEqual(
    listed.channels.map((channel: { name: string; is_open: boolean }) => [
      channel.name,
      channel.is_open,
    ]),
    [["deals", false], ["general", false], ["sales", false]],
  );
  ok(!JSON.stringify(listed).includes("xoxb"));
});

Deno.test("a channel is offered once an admin has opened it", async () => {
  deepStrictEqual((await ask(rep, "my_outbound_connections", {})).slack.channels, []);
  strictEqual(await ask(rep, "open_slack_channel", { p_channel_id: "C02SALES" }), "forbidden");
  await ask(admin, "open_slack_channel", { p_channel_id: "C02SALES" });
  deepStrictEqual((await ask(rep, "my_outbound_connections", {})).slack.channels, [
    { id: "C02SALES", name: "sales" },
  ]);
});

Deno.test("a bot that could not post, or not find what it posted, is not connected", async () => {
  const team = `${TEAM}X`;
  const slack = { provider: "slack", team_id: team };
  await stack.controlProviders({
    ...slack,
    action: "set_scopes",
    scopes: ["chat:write", "channels:read"],
  });
  const narrow = await connect(`xoxb-sim-${team}`);
  ok(narrow.code !== 0);
  match(narrow.said, /scope_missing/);
  ok((await connect("xoxb-nobody")).code !== 0);
  strictEqual((await ask(admin, "list_slack_channels", {})).workspace.team_id, TEAM);
});

Deno.test("a fresh stack has people who can send: an account, a calendar, two open channels", async () => {
  const sarah = await stack.signIn("sarah@fernhollow.test");
  const { data } = await sarah.rpc("my_outbound_connections");
  deepStrictEqual(data.gmail, { account_email: "sarah@fernhollow.test" });
  deepStrictEqual(data.calendar, { account_email: "sarah@fernhollow.test" });
  deepStrictEqual(data.slack, {
    team_name: "Fernhollow",
    channels: [{ id: "C03DEALS", name: "deals" }, { id: "C02SALES", name: "sales" }],
  });
  const { data: access } = await stack.service().rpc("begin_slack_access", {
    p_org_id: data.org_id,
    p_channel_id: "C03DEALS",
  });
  const { slack } = outboundClients(stack.description.providersUrl);
  strictEqual((await slack.describeWorkspace(access.bot_token)).teamId, "T0FERNHOLLOW");
  ok(await googleToken(stack.description.providersUrl, "sarah@fernhollow.test"));
});
