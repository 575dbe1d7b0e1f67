// The S3 server of the embedded stack: loopback only, one key pair, files on disk.
import { authenticate, type StorageCredentials } from "./authenticate.ts";
import { answerControl, type ControlledState } from "./control.ts";
import { CutConnection, FaultedCall, FaultScript } from "./faults.ts";
import type { OperationName } from "./operation.ts";
import { chooseOperation, OPERATIONS } from "./router.ts";
import { renderS3Error, S3Error } from "./s3_error.ts";
import { S3Request } from "./s3_request.ts";
import { openStore, type Store } from "./store.ts";

/** How a server is started. */
export interface StorageOptions {
  /** 0 takes a free one. */
  readonly port: number;
  /** Where everything is kept; made when missing. */
  readonly dataDir: string;
  readonly credentials: StorageCredentials;
  readonly region?: string;
  /** Buckets that must exist from the start. */
  readonly buckets?: readonly string[];
  readonly now?: () => Date;
}

/** A running server. */
export interface StorageServer {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

interface Context {
  readonly store: Store;
  readonly credentials: StorageCredentials;
  readonly region: string;
  readonly now: () => Date;
  readonly state: ControlledState;
}

/** A refused upload is read this far, so that its sender sees the answer and not a reset. */
const MAX_DRAINED_BYTES = 16 * 1024 * 1024;

/**
 * Starts the server.
 *
 * @param options Where, with which key pair.
 * @returns Its address, and how to stop it.
 */
export async function serveStorage(options: StorageOptions): Promise<StorageServer> {
  const systemNow = options.now ?? (() => new Date());
  const state: ControlledState = {
    faults: new FaultScript(),
    calls: new Map<OperationName, number>(),
    clockOffsetMs: 0,
  };
  const context: Context = {
    store: await openStore(options.dataDir),
    credentials: options.credentials,
    region: options.region ?? "us-east-1",
    now: () => new Date(systemNow().getTime() + state.clockOffsetMs),
    state,
  };
  for (const bucket of options.buckets ?? []) {
    if (context.store.index.hasBucket(bucket)) continue;
    await context.store.index.createBucket(bucket, context.now().toISOString());
  }
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: options.port,
    onListen: () => {},
    // A body that breaks off on purpose, or because the client left, is no news.
    onError: () => new Response(null, { status: 500 }),
  }, (request) => answer(request, context));
  const { port } = server.addr;
  return { url: `http://127.0.0.1:${port}`, port, close: () => server.shutdown() };
}

async function answer(request: Request, context: Context): Promise<Response> {
  const path = pathOf(request);
  if (path === "/_control") return await answerControl(request, context.state);
  if (path === "/_health") return Response.json({ status: "ok" });
  const requestId = crypto.randomUUID().replaceAll("-", "").slice(0, 16).toUpperCase();
  const response = await answerS3(request, context, requestId);
  response.headers.set("x-amz-request-id", requestId);
  response.headers.set("x-amz-id-2", "local");
  return response;
}

async function answerS3(
  request: Request,
  context: Context,
  requestId: string,
): Promise<Response> {
  try {
    return await perform(new S3Request(request), context);
  } catch (cause) {
    if (cause instanceof CutConnection) return brokenOff();
    await drain(request);
    const error = cause instanceof S3Error ? cause : new S3Error("InternalError");
    if (error !== cause) console.error("storage: unexpected failure", cause);
    return renderS3Error(error, request.method, pathOf(request), requestId);
  }
}

function pathOf(request: Request): string {
  return request.url.replace(/^https?:\/\/[^/?]*/, "").replace(/\?.*$/, "");
}

async function perform(request: S3Request, context: Context): Promise<Response> {
  const auth = authenticate(request, context);
  const operation = chooseOperation(request);
  context.state.calls.set(operation, (context.state.calls.get(operation) ?? 0) + 1);
  const partNumber = Number(request.param("partNumber") ?? Number.NaN);
  const faulted = new FaultedCall(context.state.faults.strike({
    operation,
    bucket: request.bucket,
    key: request.key,
    partNumber: Number.isNaN(partNumber) ? undefined : partNumber,
  }));
  await faulted.before();
  const response = await OPERATIONS[operation]({
    request,
    auth,
    store: context.store,
    region: context.region,
    now: context.now,
    tap: faulted.tap,
  });
  return faulted.after(response);
}

/** The nearest that this HTTP server comes to a cut: a failing status whose body never arrives. */
function brokenOff(): Response {
  const body = new ReadableStream({
    pull: (controller) => controller.error(new CutConnection()),
  }, { highWaterMark: 0 });
  return new Response(body, { status: 500, headers: { "content-length": "1" } });
}

async function drain(request: Request): Promise<void> {
  if (request.body === null || request.bodyUsed) return;
  let total = 0;
  try {
    for await (const chunk of request.body) {
      total += chunk.length;
      if (total > MAX_DRAINED_BYTES) return;
    }
  } catch {
    // The sender is gone, so there is nobody to be polite to.
  }
}
