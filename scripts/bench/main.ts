// Measures what the project promises about speed: `deno task bench`. Options: --only <group> (may be
// repeated), --json (one object a row), --quick (smaller sizes, where a group has them), --write (keeps
// the table in docs/benchmarks.md).
import { fileURLToPath } from "node:url";
import { type BenchDatabase, openBenchDatabase } from "./database.ts";
import type { BenchRow } from "./harness.ts";
import { describeMachine } from "./machine.ts";
import { toDocument, toJsonLine, toMarkdown } from "./report.ts";

const DOCUMENT = fileURLToPath(new URL("../../docs/benchmarks.md", import.meta.url));
/** Rows of the tables that nobody asks here; enough to be planned for as tables that have some. */
const OTHERS = 20_000;
const LARGE = { deals: 1_000_000, segments: 1_000_000, others: OTHERS };
/** Twelve organizations: the small ones are as large as the small ones of the large world. */
const SMALL = { deals: 10_000, segments: 20_000, others: 1_000, orgs: 12 };

/** The databases, each made when a group first needs it. */
interface Worlds {
  large(): Promise<BenchDatabase>;
  small(): Promise<BenchDatabase>;
}

type Group = (worlds: Worlds) => Promise<BenchRow[]>;

const GROUPS: Readonly<Record<string, Group>> = {
  boot: async () => await (await import("./boot.ts")).benchBoot(),
  copilot: async (worlds) =>
    await (await import("./copilot.ts")).benchCopilot(await worlds.small()),
  privacy: async () => await (await import("./privacy.ts")).benchPrivacy(),
  frame: async () => await (await import("./frame.ts")).benchFrame(),
  rls: async (worlds) => {
    const { benchRowSecurity } = await import("./row_security.ts");
    const { benchRowSecurityApi } = await import("./row_security_api.ts");
    const world = await worlds.large();
    return [
      ...await benchRowSecurityApi(world),
      ...await benchRowSecurity(world, await worlds.small()),
    ];
  },
  rest: async (worlds) => await (await import("./rest.ts")).benchRest(await worlds.large()),
  search: async (worlds) => {
    const { benchSearch } = await import("./search.ts");
    const { checkSearchPermissions } = await import("./search_permissions.ts");
    return [
      ...await benchSearch(await worlds.large()),
      await checkSearchPermissions(await worlds.small()),
    ];
  },
  queue: async () => await (await import("./queue.ts")).benchQueue(),
  scheduler: async () => await (await import("./scheduler.ts")).benchScheduler(),
  upload: async () =>
    await (await import("./upload.ts")).benchUpload(Deno.args.includes("--quick")),
  webhook: async (worlds) =>
    await (await import("./webhook.ts")).benchWebhook(await worlds.large()),
};

interface Options {
  readonly groups: readonly string[];
  readonly isJson: boolean;
  readonly writes: boolean;
}

/**
 * Runs the groups and prints what they measured; a missed goal is printed, not an error.
 *
 * @param options Which groups, and where the figures go.
 */
async function main({ groups, isJson, writes }: Options): Promise<void> {
  const machine = await describeMachine();
  const startedAt = performance.now();
  const loadBefore = Deno.loadavg()[0] ?? Number.NaN;
  const rows: BenchRow[] = [];
  await using cleanup = new AsyncDisposableStack();
  const worlds = prepareWorlds(cleanup);
  for (const name of groups) {
    console.error(`Measuring ${name} …`);
    const measured = await GROUPS[name]?.(worlds) ?? [];
    rows.push(...measured);
    if (isJson) { for (const row of measured) console.log(toJsonLine(row)); }
    else console.log(`${toMarkdown(measured)}\n`);
  }
  const run = {
    machine,
    date: new Date().toISOString().slice(0, 10),
    minutes: (performance.now() - startedAt) / 60_000,
    loadBefore,
    loadAfter: Deno.loadavg()[0] ?? Number.NaN,
  };
  if (writes) await writeDocument(toDocument(rows, run));
  const missed = rows.filter(({ holds }) => !holds);
  console.error(
    `${rows.length} rows, ${missed.length} goals missed, ${run.minutes.toFixed(1)} minutes`,
  );
  for (const { name, ratio, goal } of missed) {
    console.error(`  missed: ${name}: ${ratio.toFixed(2)} (goal ${goal})`);
  }
}

async function writeDocument(text: string): Promise<void> {
  await Deno.writeTextFile(DOCUMENT, text);
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--quiet", DOCUMENT],
  }).output();
  if (!success) throw new Error(`Cannot format ${DOCUMENT}`);
}

function prepareWorlds(cleanup: AsyncDisposableStack): Worlds {
  const once = (what: string, size: Parameters<typeof openBenchDatabase>[0]) => {
    let opened: Promise<BenchDatabase> | undefined;
    return (): Promise<BenchDatabase> => opened ??= open(what, size);
  };
  async function open(
    what: string,
    size: Parameters<typeof openBenchDatabase>[0],
  ): Promise<BenchDatabase> {
    console.error(`Filling a database with ${what} …`);
    return cleanup.use(await openBenchDatabase(size));
  }
  return {
    large: once("a million deals and a million segments", LARGE),
    small: once("ten thousand deals and twenty thousand segments", SMALL),
  };
}

function parseOptions(args: readonly string[]): Options {
  const groups: string[] = [];
  let isJson = false;
  let writes = false;
  for (let index = 0; index < args.length; index++) {
    const argument = args[index];
    if (argument === "--json") isJson = true;
    else if (argument === "--write") writes = true;
    // For groups that move much: sizes that fit CI
    else if (argument === "--quick") continue;
    else if (argument === "--only") groups.push(args[++index] ?? "");
    else throw new RangeError(`Unknown option "${argument}"`);
  }
  const unknown = groups.filter((name) => !(name in GROUPS));
  if (unknown.length > 0) {
    throw new RangeError(
      `Unknown group "${unknown.join()}"; there are: ${Object.keys(GROUPS).join(", ")}`,
    );
  }
  if (writes && groups.length > 0) throw new RangeError("--write takes all groups");
  return { groups: groups.length > 0 ? groups : Object.keys(GROUPS), isJson, writes };
}

if (import.meta.main) {
  let options: Options | undefined;
  try {
    options = parseOptions(Deno.args);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    console.error(error.message);
    Deno.exitCode = 2;
  }
  if (options !== undefined) await main(options);
}
