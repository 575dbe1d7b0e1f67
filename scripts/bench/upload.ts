// Uploads of recordings: throughput, CPU and memory of the function's own code against a pipe written
// by hand, over HTTP and over TLS; and what that leaves for one invocation of two seconds of CPU.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type pg from "pg";
import { serveDataApi } from "./data_api.ts";
import { type BenchDatabase, idSql, openBenchDatabase } from "./database.ts";
import { type BenchRow, describeGoal, type Goal, holds, quantile, toRow } from "./harness.ts";
import { UploadFigures, type UploadOrders } from "./upload_process.ts";

const MEBIBYTE = 1024 ** 2;
const CPU_BUDGET_MS = 2_000;
/** The platform's 256 MB less what it takes for itself, rounded down. */
const MEMORY_GOAL_MB = 190;

/** How much is moved. */
interface Sizes {
  readonly compared: number;
  readonly rounds: number;
  readonly small: number;
  readonly large: number;
}

const FULL: Sizes = { compared: 1024, rounds: 5, small: 256, large: 4096 };
const QUICK: Sizes = { compared: 256, rounds: 3, small: 256, large: 1024 };

/**
 * Measures uploads.
 *
 * @param isQuick Moves a few hundred MiB instead of tens of GiB.
 * @returns The rows of the table.
 */
export async function benchUpload(isQuick = false): Promise<BenchRow[]> {
  const sizes = isQuick ? QUICK : FULL;
  const world = { deals: 100, segments: 0, others: 10, orgs: 12 };
  await using database = await openBenchDatabase(world);
  await using stage = await openStage(database);
  const rows = [...await compareWith(stage, sizes, null), ...await compareMemory(stage, sizes)];
  const tlsDir = await makeCertificate();
  if (tlsDir === null) return rows;
  try {
    return [...rows, ...await compareWith(stage, sizes, tlsDir)];
  } finally {
    await Deno.remove(tlsDir, { recursive: true });
  }
}

type Stage = Awaited<ReturnType<typeof openStage>>;

async function openStage(database: BenchDatabase) {
  await using cleanup = new AsyncDisposableStack();
  const api = cleanup.use(await serveDataApi(database));
  const admin = await database.connect("supabase_admin");
  cleanup.defer(() => admin.end());
  // Nobody else is woken by what is measured
  await admin.query(
    "create or replace function private.call_function(p_function text, p_body jsonb default '{}') returns bigint language sql as 'select 0::bigint'",
  );
  const owned = cleanup.move();
  return { api, admin, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

async function compareWith(
  stage: Stage,
  { compared, rounds }: Sizes,
  tlsDir: string | null,
): Promise<BenchRow[]> {
  await using servers = await startServers(tlsDir);
  const ours: UploadFigures[] = [];
  const theirs: UploadFigures[] = [];
  for (let round = -1; round < rounds; round++) {
    const modes = round % 2 === 0 ? ["ours", "pipe"] as const : ["pipe", "ours"] as const;
    for (const mode of modes) {
      const figures = await measure(stage, servers, mode, compared, tlsDir);
      if (round >= 0) (mode === "ours" ? ours : theirs).push(figures);
    }
  }
  const over = tlsDir === null ? "http" : "TLS";
  const perGib = (list: readonly UploadFigures[]): number[] =>
    list.map(({ cpuMs }) => cpuMs / compared * 1024 / 1_000);
  const against = "a pipe written by hand, same servers and parts";
  const speed = toRow(
    {
      name: `upload: ${compared} MiB over ${over}`,
      against,
      goal: { atLeast: 0.9 },
      ratioOf: "rate",
    },
    ours.map(({ ms }) => ms),
    theirs.map(({ ms }) => ms),
  );
  const cpu = toRow(
    { name: `upload: CPU over ${over}`, against, goal: { atMost: 1.1 } },
    perGib(ours),
    perGib(theirs),
  );
  const budget = CPU_BUDGET_MS / 1_000 * 1024 / quantile(perGib(ours), 0.5);
  return [
    speed,
    { ...cpu, unit: "CPU s/GiB" },
    plainRow(
      `upload: moved over ${over} within ${CPU_BUDGET_MS} ms of CPU`,
      "–",
      "MiB",
      budget,
      NaN,
      "stated",
    ),
  ];
}

async function compareMemory(stage: Stage, { small, large }: Sizes): Promise<BenchRow[]> {
  await using servers = await startServers(null);
  const peak = async (mebibytes: number): Promise<number> => {
    const peaks: number[] = [];
    for (let round = 0; round < 3; round++) {
      peaks.push((await measure(stage, servers, "ours", mebibytes, null)).peakBytes / 1e6);
    }
    return quantile(peaks, 0.5);
  };
  const [least, most] = [await peak(small), await peak(large)];
  return [
    plainRow(`upload: peak memory for ${large} MiB`, `for ${small} MiB`, "MB", most, least, {
      atMost: 1.1,
    }),
    plainRow(
      `upload: peak memory for ${large} MiB`,
      `${MEMORY_GOAL_MB} MB`,
      "MB",
      most,
      MEMORY_GOAL_MB,
      { atMost: 1 },
    ),
  ];
}

function plainRow(
  name: string,
  against: string,
  unit: NonNullable<BenchRow["unit"]>,
  ours: number,
  theirs: number,
  goal: Goal,
): BenchRow {
  const ratio = Number.isNaN(theirs) ? 1 : ours / theirs;
  return {
    name,
    against,
    unit,
    oursMs: ours,
    theirsMs: theirs,
    oursP99Ms: NaN,
    theirsP99Ms: NaN,
    ratio,
    goal: describeGoal(goal),
    holds: holds(goal, ratio),
  };
}

async function measure(
  { api, admin }: Stage,
  servers: Servers,
  mode: UploadOrders["mode"],
  mebibytes: number,
  tlsDir: string | null,
): Promise<UploadFigures> {
  const sourceUrl = `${servers.source}/video.mp4?bytes=${mebibytes * MEBIBYTE}`;
  if (mode === "ours") await enqueue(admin, sourceUrl);
  const orders: UploadOrders = {
    mode,
    sourceUrl,
    sinkUrl: servers.sink,
    caCert: tlsDir === null ? null : await Deno.readTextFile(join(tlsDir, "cert.pem")),
    restUrl: `${api.url}/rest/v1`,
    restToken: api.keys.secretKeys.default,
  };
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", script("upload_process.ts"), JSON.stringify(orders)],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return UploadFigures.parse(JSON.parse(new TextDecoder().decode(stdout)));
}

/** One recording with one file that waits for its upload. */
async function enqueue(admin: pg.Client, sourceUrl: string): Promise<void> {
  await admin.query(
    `with r as (
       insert into public.recordings (
         org_id, owner_user_id, storage_user_id, meeting_key, title, meeting_url, platform,
         scheduled_start_at, status, bot_id
       )
       values (
         ${idSql("org", 1)}, ${idSql("person", 1)}, ${idSql("person", 1)}, $1, 'Bench',
         'https://meet.google.com/abc-defg-hij', 'meet', now(), 'completed', $1
       )
       returning org_id, id
     ),
     s as (
       insert into private.recording_sources (org_id, recording_id, kind, url, expires_at)
       select org_id, id, 'video', $2, now() + interval '4 hours' from r
     )
     insert into private.recording_uploads (org_id, recording_id, kind, object_key)
     select org_id, id, 'video', 'meeting-recordings/' || id || '/video.mp4' from r`,
    [crypto.randomUUID(), sourceUrl],
  );
}

interface Servers extends AsyncDisposable {
  readonly source: string;
  readonly sink: string;
}

async function startServers(tlsDir: string | null): Promise<Servers> {
  const start = async (role: string): Promise<{ url: string; process: Deno.ChildProcess }> => {
    const process = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "-A",
        script("upload_servers.ts"),
        role,
        ...(tlsDir ? [tlsDir] : []),
      ],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const reader = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const { url } = JSON.parse((await reader.read()).value ?? "{}");
    return { url, process };
  };
  const [source, sink] = [await start("source"), await start("sink")];
  return {
    source: source.url,
    sink: sink.url,
    [Symbol.asyncDispose]: async () => {
      for (const { process } of [source, sink]) {
        process.kill("SIGKILL");
        await process.stdin.close().catch(() => undefined);
        await process.status;
      }
    },
  };
}

/** A certificate for loopback, in a folder of its own; null where there is no openssl. */
async function makeCertificate(): Promise<string | null> {
  const dir = await Deno.makeTempDir({ prefix: "sixty-bench-tls-" });
  try {
    const { success } = await new Deno.Command("openssl", {
      args: [
        ..."req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1".split(" "),
        ..."-addext subjectAltName=IP:127.0.0.1 -addext basicConstraints=critical,CA:FALSE".split(
          " ",
        ),
        ...["-keyout", join(dir, "key.pem"), "-out", join(dir, "cert.pem")],
      ],
      stdout: "null",
      stderr: "null",
    }).output();
    if (success) return dir;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  console.error("Not measured over TLS: openssl is missing");
  await Deno.remove(dir, { recursive: true });
  return null;
}

function script(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}
