// A stack that keeps its data over several lives, for tests that kill it.
import { join } from "node:path";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { withConnection } from "../../scripts/stack/postgres/connection.ts";
import { readDescription, type StackDescription } from "../../scripts/stack/stack_description.ts";

/** One life of the stack. */
export interface StackLife {
  readonly description: StackDescription;
  readonly url: string;
  service(): SupabaseClient;
  sql<T extends Record<string, unknown>>(
    text: string,
    parameters?: readonly unknown[],
  ): Promise<T[]>;
  /** Moves the clock of the cron worker. */
  advanceClock(duration: string): Promise<void>;
  /** kill -9, with or without the database's own processes, and waits until it is gone. */
  kill(alsoDatabase: boolean): Promise<void>;
  /** Ends it as Ctrl-C does. */
  stop(): Promise<void>;
}

const START_LIMIT_MS = 90_000;

/**
 * Starts a stack on a folder's data.
 *
 * @param dataDir The folder; made when missing, kept at the end.
 */
export async function startLife(dataDir: string): Promise<StackLife> {
  await Deno.mkdir(dataDir, { recursive: true });
  await Deno.chmod(dataDir, 0o755);
  const descriptionFile = join(dataDir, "description.json");
  await Deno.remove(descriptionFile).catch(() => undefined);
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", "-A", new URL("../../scripts/stack/cli.ts", import.meta.url).href],
      ...["start", "--quiet", "--free-ports", "--no-watch", `--data-dir=${join(dataDir, "data")}`],
      `--describe-to=${descriptionFile}`,
    ],
    stdin: "null",
    stdout: "null",
    stderr: "inherit",
  }).spawn();
  const description = await waitFor(descriptionFile, child);
  const { url, secretKey, databaseUrls, cronUrl } = description;
  return {
    description,
    url,
    service: () => createClient(url, secretKey, { auth: { persistSession: false } }),
    sql: (text, parameters = []) =>
      withConnection(databaseUrls.supabase_admin, async (client) => {
        return (await client.query(text, [...parameters])).rows;
      }),
    async advanceClock(duration) {
      const response = await fetch(`${cronUrl}/_control`, {
        method: "POST",
        body: JSON.stringify({ advance: duration }),
      });
      await response.body?.cancel();
      if (!response.ok) throw new Error(`The clock answered ${response.status}`);
    },
    async kill(alsoDatabase) {
      const postmaster = alsoDatabase ? await readPostmaster(join(dataDir, "data")) : null;
      child.kill("SIGKILL");
      if (postmaster !== null) Deno.kill(postmaster, "SIGKILL");
      await child.status;
    },
    async stop() {
      child.kill("SIGINT");
      await child.status;
    },
  };
}

async function waitFor(file: string, child: Deno.ChildProcess): Promise<StackDescription> {
  const deadline = Date.now() + START_LIMIT_MS;
  let hasEnded = false;
  child.status.finally(() => hasEnded = true);
  while (Date.now() < deadline && !hasEnded) {
    try {
      return await readDescription(file);
    } catch {
      // Not there yet, or half written
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  throw new Error("The stack did not come up");
}

async function readPostmaster(dataDir: string): Promise<number> {
  const file = await Deno.readTextFile(join(dataDir, "database", "cluster", "postmaster.pid"));
  return Number(file.split("\n")[0]);
}
