// Connects an organization's Slack workspace, or reconnects it and reads its channels anew:
//
//   SUPABASE_URL=… SUPABASE_SECRET_KEY=… deno run -A scripts/connect_slack.ts --org <id> < token.txt
//
// The bot's token is read from standard input, so that no shell keeps it.
import { createClient } from "@supabase/supabase-js";
import { parseArgs } from "node:util";
import type { ServiceContext } from "../shared/platform/request_context.ts";
import { connectSlack } from "../shared/outbound/connect_slack.ts";
import { createSlack } from "../supabase/functions/_shared/providers/slack.ts";

async function main(): Promise<void> {
  const { values } = parseArgs({ args: Deno.args, options: { org: { type: "string" } } });
  const [url, key] = [Deno.env.get("SUPABASE_URL"), Deno.env.get("SUPABASE_SECRET_KEY")];
  if (!values.org || !url || !key) {
    console.error("Needs --org, SUPABASE_URL and SUPABASE_SECRET_KEY; the token on standard input");
    Deno.exit(2);
  }
  const botToken = (await new Response(Deno.stdin.readable).text()).trim();
  const db: Pick<ServiceContext["db"], "rpc"> = createClient(url, key);
  const slack = createSlack({
    readVariable: (name) => Deno.env.get(name),
    fetch,
    signal: AbortSignal.timeout(60_000),
  });
  const { teamName, channels } = await connectSlack({ db, slack }, values.org, botToken);
  console.log(
    `Connected ${teamName}: ${channels.length} channels, closed until an admin opens them`,
  );
}

if (import.meta.main) await main();
