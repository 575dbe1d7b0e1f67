// Runs the simulators as a process of their own, until standard input closes.
//
//   deno run -A scripts/providers/main.ts --port 54331
//
// With FATHOM_WEBHOOK_URL and FATHOM_WEBHOOK_SECRET every recording is posted there; with
// MEETINGBAAS_WEBHOOK_URL and MEETINGBAAS_WEBHOOK_SECRET the events of the bots that whoever has
// MEETINGBAAS_API_KEY sends out. The first line on standard output is `{"url": …}`, once they serve.
import { parseArgs } from "node:util";
import { serveProviders } from "./server.ts";

const { values } = parseArgs({ options: { port: { type: "string", default: "54331" } } });
const url = Deno.env.get("FATHOM_WEBHOOK_URL");
const secret = Deno.env.get("FATHOM_WEBHOOK_SECRET");
const bots = {
  apiKey: Deno.env.get("MEETINGBAAS_API_KEY"),
  url: Deno.env.get("MEETINGBAAS_WEBHOOK_URL"),
  secret: Deno.env.get("MEETINGBAAS_WEBHOOK_SECRET"),
};
const providers = await serveProviders({
  port: Number(values.port),
  ...(url !== undefined && secret !== undefined && { fathomWebhook: { url, secret } }),
  ...(bots.apiKey !== undefined && {
    meetingBaas: {
      apiKey: bots.apiKey,
      ...(bots.url !== undefined && bots.secret !== undefined && {
        webhook: { url: bots.url, secret: bots.secret },
      }),
    },
  }),
});
console.log(JSON.stringify({ url: providers.url }));
for await (const _ of Deno.stdin.readable);
// Whoever started this process is gone, and with it everybody who could still be served.
Deno.exit(0);
