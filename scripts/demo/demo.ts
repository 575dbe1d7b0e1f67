// Things to try on a running stack, as one of the seeded people: each shows the requests that it makes.
//
//   deno task demo                                 a bot joins, records, and a meeting is there
//   deno task demo worlds                          what two rivals see
//   deno task demo calendar                        bring a (simulated) Google calendar in
//   deno task demo copilot                         talk with the copilot: story, panels, preview, yes
//   deno task demo ask "What do I have today?"     ask it one thing, as plain JSON
//   deno task demo record --topic pricing          a meeting is recorded; its signed webhook arrives
//   deno task demo search pricing                  search the transcripts
//   … --as lena@quillstone.test                    as somebody else

import { parseArgs } from "node:util";
import { showCopilot } from "./demo_copilot.ts";
import { type DemoSession, openSession } from "./demo_session.ts";
import { showNotetaker } from "./demo_notetaker.ts";
import { bringCalendar, recordMeeting } from "./demo_providers.ts";

const HELP = `deno task demo [notetaker] [--topic pricing|discovery|security] [--mib 160]
deno task demo worlds
deno task demo calendar
deno task demo copilot ["Prep me for my next meeting"] [--tour]
deno task demo ask "What meetings do I have today?"
deno task demo record [--topic pricing|discovery|security]
deno task demo search <words>
Add --as <email> to be somebody else, --data-dir <folder> for a stack that was started with it.`;
const DEFAULT_PERSON = "sarah@fernhollow.test";
const RIVALS = ["sarah@fernhollow.test", "ingrid@quillstone.test"];

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    args: Deno.args,
    allowPositionals: true,
    options: {
      "data-dir": { type: "string" },
      as: { type: "string", default: DEFAULT_PERSON },
      topic: { type: "string", default: "pricing" },
      mib: { type: "string", default: "160" },
      tour: { type: "boolean", default: false },
    },
  });
  const [verb = "notetaker", ...words] = positionals;
  if (verb === "worlds") return await showWorlds(values["data-dir"]);
  if (!["calendar", "copilot", "ask", "record", "search", "notetaker"].includes(verb)) {
    console.error(HELP);
    return 2;
  }
  const session = await openSession(values.as, values["data-dir"]);
  switch (verb) {
    case "calendar":
      await bringCalendar(session);
      return 0;
    case "copilot":
      await showCopilot(session, words.join(" "), values.tour);
      return 0;
    case "record":
      await recordMeeting(session, values.topic);
      return 0;
    case "notetaker":
      return await showNotetaker(session, { topic: values.topic, mib: Number(values.mib) });
    case "ask":
      return await ask(session, words.join(" ") || "What meetings do I have today?");
    default:
      return await search(session, words.join(" ") || "pricing");
  }
}

async function showWorlds(dataDir: string | undefined): Promise<number> {
  for (const email of RIVALS) {
    const session = await openSession(email, dataDir);
    console.log(`\n${email} sees`);
    for (const table of ["companies", "contacts", "deals", "meetings"]) {
      const names = await session.names(table);
      console.log(`  ${table.padEnd(10)} ${String(names.length).padStart(3)}  ${preview(names)}`);
    }
  }
  return 0;
}

async function ask(session: DemoSession, message: string): Promise<number> {
  const answer = await session.call("POST", "api-copilot/chat", { message });
  const text = Object(Object(answer)["data"])["text"];
  console.log(`\n${text ?? JSON.stringify(answer, null, 2)}`);
  return text ? 0 : 1;
}

async function search(session: DemoSession, words: string): Promise<number> {
  const found = await session.call("GET", `meeting-search?q=${encodeURIComponent(words)}`);
  console.log(JSON.stringify(found, null, 2));
  return 0;
}

function preview(names: readonly string[]): string {
  const shown = names.slice(0, 4).join(", ");
  return names.length > 4 ? `${shown}, …` : shown;
}

try {
  Deno.exit(await main());
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  Deno.exit(1);
}
