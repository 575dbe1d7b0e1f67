// The cron worker's process: `CRON_DATABASE_URL=… deno run -A main.ts --port 54332`. It ends when its
// standard input closes, since then the stack that started it is gone.

import { parseArgs } from "node:util";
import { startCronWorker } from "./worker.ts";

const { values } = parseArgs({ args: Deno.args, options: { port: { type: "string" } } });
const databaseUrl = Deno.env.get("CRON_DATABASE_URL");
if (databaseUrl === undefined || values.port === undefined) {
  console.error("Give --port and the variable CRON_DATABASE_URL");
  Deno.exit(2);
}

const worker = await startCronWorker({
  databaseUrl,
  port: Number(values.port),
  onProgress: (message) => console.error(message),
});
console.log(`cron worker serves ${worker.url}`);

const ending = await Promise.race([standardInputCloses(), signalArrives(), databaseIsLost()]);
if (ending === "lost") {
  console.error("the database is gone");
  Deno.exit(1);
}
await worker.close();
Deno.exit(0);

async function standardInputCloses(): Promise<"asked"> {
  for await (const _ of Deno.stdin.readable) {
    // Nothing is expected; only the end counts.
  }
  return "asked";
}

function signalArrives(): Promise<"asked"> {
  const { promise, resolve } = Promise.withResolvers<"asked">();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => resolve("asked"));
  }
  return promise;
}

async function databaseIsLost(): Promise<"lost"> {
  await worker.lost;
  return "lost";
}
