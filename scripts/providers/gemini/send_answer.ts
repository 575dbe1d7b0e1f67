// Bytes of an answer: whole or in pieces that end in the middle of characters and lines, whole or cut.
import type { PlannedAnswer } from "./planned_answer.ts";

/** How bytes travel. */
export interface WireManner {
  readonly splitBytes: number | undefined;
  readonly pieceDelayMs: number;
}

/** The answer of `generateContent`; a cut one ends in the middle of its document. */
export function sendWhole(
  document: unknown,
  plan: PlannedAnswer,
  manner: WireManner,
): Response {
  if (plan.failure !== undefined) {
    return Response.json(plan.failure.error.toDocument(), { status: plan.failure.error.status });
  }
  const bytes = new TextEncoder().encode(JSON.stringify(document));
  const sent = plan.cut === undefined ? bytes : bytes.subarray(0, Math.floor(bytes.length / 2));
  return new Response(pieces(sent, manner, plan.cut?.how === "reset"), {
    headers: { "content-type": "application/json; charset=UTF-8" },
  });
}

/** The answer of `streamGenerateContent?alt=sse`. */
export function sendStream(
  chunks: readonly unknown[],
  plan: PlannedAnswer,
  manner: WireManner,
): Response {
  const kept = chunks.slice(0, plan.cut?.afterChunks ?? plan.failure?.afterChunks);
  const events = kept.map((chunk) => `data: ${JSON.stringify(chunk)}\r\n\r\n`);
  if (plan.failure !== undefined) {
    const text = JSON.stringify(plan.failure.error.toDocument());
    events.push(plan.failure.isEvent ? `data: ${text}\r\n\r\n` : text);
  }
  if (plan.cut?.how === "reset") events.push('data: {"candidates": [{"content": {"par');
  const bytes = new TextEncoder().encode(events.join(""));
  return new Response(pieces(bytes, manner, plan.cut?.how === "reset"), {
    headers: { "content-type": "text/event-stream" },
  });
}

function pieces(
  bytes: Uint8Array,
  { splitBytes, pieceDelayMs }: WireManner,
  isReset: boolean,
): ReadableStream<Uint8Array> {
  const size = splitBytes ?? Math.max(1, bytes.length);
  let offset = 0;
  return new ReadableStream({
    async pull(controller) {
      if (offset > 0 && pieceDelayMs > 0) {
        await new Promise<void>((resolve) => setTimeout(resolve, pieceDelayMs));
      }
      if (offset < bytes.length) {
        controller.enqueue(bytes.slice(offset, offset + size));
        offset += size;
        return;
      }
      if (isReset) {
        // What was written must reach the client before the connection breaks
        await new Promise<void>((resolve) => setTimeout(resolve, 20));
        controller.error(new Error("The simulated connection breaks here"));
      } else {
        controller.close();
      }
    },
  });
}
