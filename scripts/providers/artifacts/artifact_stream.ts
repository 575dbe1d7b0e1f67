// The body of a download: computed as fast as the reader takes it, or broken off as a fault says.
import type { ArtifactContent } from "./artifact_store.ts";
import type { ByteRange } from "./byte_range.ts";
import type { ArtifactRead, ReadLedger } from "./read_ledger.ts";

/** What becomes of a body. */
export interface StreamPlan {
  readonly range: ByteRange;
  /** The connection breaks when so many bytes were sent. */
  readonly cutAfter: number;
  /** Nothing more comes when so many bytes were sent. */
  readonly stallAfter: number;
  readonly isCorrupt: boolean;
  /** Infinity without a throttle. */
  readonly bytesPerSecond: number;
}

const CHUNK_BYTES = 262_144;

/**
 * Opens a body.
 *
 * @param content The file.
 * @param plan Which part, and what goes wrong.
 * @param read Its entry in the ledger, which is kept up to date.
 * @param stop Ends stalled and throttled bodies.
 */
export function openStream(
  content: ArtifactContent,
  plan: StreamPlan,
  entry: { readonly ledger: ReadLedger; readonly read: ArtifactRead },
  stop: AbortSignal,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const { ledger, read } = entry;
  const total = plan.range.last - plan.range.first + 1;
  const limit = Math.min(total, plan.cutAfter, plan.stallAfter);
  let sent = 0;
  return new ReadableStream({
    async pull(controller) {
      if (sent < limit) {
        const length = Math.min(chunkOf(plan), limit - sent);
        const chunk = content.read(plan.range.first + sent, length);
        if (plan.isCorrupt && sent === 0) chunk[0] = (chunk[0] ?? 0) ^ 1;
        if (plan.bytesPerSecond !== Infinity) {
          await pause(1000 * length / plan.bytesPerSecond, stop);
        }
        sent += length;
        ledger.count(read, length);
        controller.enqueue(chunk);
        if (sent < total) return;
      }
      if (sent === total && plan.cutAfter >= total && plan.stallAfter >= total) {
        read.outcome = "complete";
        return controller.close();
      }
      if (plan.stallAfter < plan.cutAfter) {
        read.outcome = "stalled";
        await pause(Infinity, stop);
        return controller.error(new Error("the simulators end"));
      }
      read.outcome = "cut";
      controller.error(new Error("the connection is cut"));
    },
    cancel() {
      if (read.outcome === "open") read.outcome = "aborted";
    },
  }, { highWaterMark: 0 });
}

/** A throttled body comes in pieces of a tenth of a second. */
function chunkOf(plan: StreamPlan): number {
  return Math.max(1, Math.min(CHUNK_BYTES, Math.floor(plan.bytesPerSecond / 10)));
}

/** Waits, at most until it is told to stop. */
async function pause(ms: number, stop: AbortSignal): Promise<void> {
  if (stop.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = Number.isFinite(ms) ? setTimeout(resolve, ms) : undefined;
  const end = (): void => resolve();
  stop.addEventListener("abort", end, { once: true });
  await promise;
  clearTimeout(timer);
  stop.removeEventListener("abort", end);
}
