// One upload in a process of its own, by our function's code or by the pipe; prints what it took as
// {"ms", "cpuMs", "peakBytes"}. Its orders come as JSON in its first argument.
import process from "node:process";
import { z } from "zod";
import { PostgrestClient } from "@supabase/postgrest-js";
import type { ApiDatabase } from "../../shared/database/api_database.ts";
import { systemClock } from "../../shared/platform/clock.ts";
import type { ServiceContext } from "../../shared/platform/request_context.ts";
import { MIN_PART_BYTES } from "../../shared/recordings/upload_contract.ts";
import { uploadDueRecordings } from "../../shared/recordings/upload_recording.ts";
import type { FunctionDeps } from "../../supabase/functions/_shared/http/function_deps.ts";
import { createUploadWorker } from "../../supabase/functions/_shared/providers/upload_worker.ts";
import { pipe } from "./upload_pipe.ts";

/** What the process is told. */
export const UploadOrders = z.object({
  mode: z.enum(["ours", "pipe"]),
  sourceUrl: z.url(),
  sinkUrl: z.url(),
  /** Certificate that the servers have made for themselves. */
  caCert: z.string().nullable(),
  restUrl: z.url(),
  restToken: z.string(),
});
export type UploadOrders = z.infer<typeof UploadOrders>;

/** What it answers. */
export const UploadFigures = z.object({
  ms: z.number(),
  cpuMs: z.number(),
  peakBytes: z.number(),
});
export type UploadFigures = z.infer<typeof UploadFigures>;

type InitWithClient = RequestInit & { readonly client: Deno.HttpClient };

/** S3 speaks HTTP/1.1, and so must this, whatever the servers offer. */
function network({ caCert }: UploadOrders): typeof globalThis.fetch {
  const caCerts = caCert === null ? [] : [caCert];
  const client = Deno.createHttpClient({ http2: false, caCerts });
  return (input, init) => fetch(input, { ...init, client } as InitWithClient);
}

function createContext(orders: UploadOrders, fetch: typeof globalThis.fetch): ServiceContext {
  const db = new PostgrestClient<ApiDatabase>(orders.restUrl, {
    headers: { apikey: orders.restToken, authorization: `Bearer ${orders.restToken}` },
    retry: false,
  });
  return {
    db: Object.assign(db, { isService: true as const }),
    requestId: "bench",
    log: { info: () => {}, warn: console.error, error: console.error },
    clock: systemClock,
    signal: new AbortController().signal,
    fetch,
  };
}

async function upload(orders: UploadOrders, fetch: typeof globalThis.fetch): Promise<void> {
  const { origin } = new URL(orders.sourceUrl);
  const variables: Readonly<Record<string, string>> = {
    SUPABASE_URL: orders.restUrl,
    MEETINGBAAS_API_KEY: "bench",
    MEETINGBAAS_ARTIFACT_HOSTS: origin,
    AWS_REGION: "us-east-1",
    AWS_S3_BUCKET: "bench",
    AWS_ACCESS_KEY_ID: "bench",
    AWS_SECRET_ACCESS_KEY: "bench",
    AWS_S3_ENDPOINT: orders.sinkUrl,
    RECORDING_UPLOAD_CPU_MS: "1000000",
    RECORDING_UPLOAD_WALL_MS: "1000000",
  };
  const deps = {
    env: { environment: "development" },
    readVariable: (name: string) => variables[name],
  } as FunctionDeps;
  const run = await uploadDueRecordings(createUploadWorker(deps, createContext(orders, fetch)));
  if (run.completed !== 1) throw new Error(`Not uploaded: ${JSON.stringify(run)}`);
}

/** The most memory that the process ever had; what it has now where the system doesn't say. */
function peakBytes(): number {
  try {
    const status = Deno.readTextFileSync("/proc/self/status");
    return Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1]) * 1024;
  } catch {
    return Deno.memoryUsage().rss;
  }
}

if (import.meta.main) {
  const orders = UploadOrders.parse(JSON.parse(Deno.args[0] ?? ""));
  const fetch = network(orders);
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  if (orders.mode === "ours") await upload(orders, fetch);
  else {
    await pipe({
      sourceUrl: orders.sourceUrl,
      targetUrl: `${orders.sinkUrl}/bench/video.mp4`,
      partBytes: MIN_PART_BYTES,
      fetch,
    });
  }
  const ms = performance.now() - startedAt;
  const spent = process.cpuUsage(cpu);
  const cpuMs = (spent.user + spent.system) / 1_000;
  console.log(JSON.stringify({ ms, cpuMs, peakBytes: peakBytes() } satisfies UploadFigures));
  Deno.exit(0);
}
