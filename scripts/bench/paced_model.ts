// A model that says twenty sentences, the first after fifty milliseconds; for a thread of its own.
import { serveHandler } from "./serve_handler.ts";

/** As fast as a model answers that is fast. */
const FIRST_WORDS_MS = 50;
const SENTENCES = 20;

const chunk = (text: string, finishReason?: string): string =>
  `data: ${
    JSON.stringify({
      candidates: [{
        content: { role: "model", parts: [{ text }] },
        ...(finishReason && { finishReason }),
      }],
      usageMetadata: { promptTokenCount: 2_000, candidatesTokenCount: 100 },
      modelVersion: "paced",
    })
  }\r\n\r\n`;
const { url } = serveHandler(async (request) => {
  await request.text();
  const encoder = new TextEncoder();
  let said = 0;
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, said === 0 ? FIRST_WORDS_MS : 2));
      // A sentence ends where the next one begins: each piece carries the first word of the next
      const text = said === 0 ? "All is well with it. And" : " it stays so. And";
      said += 1;
      if (said < SENTENCES) return controller.enqueue(encoder.encode(chunk(text)));
      controller.enqueue(encoder.encode(chunk(" that is all.", "STOP")));
      controller.close();
    },
  });
  return new Response(stream, { headers: { "content-type": "text/event-stream" } });
});

(self as { postMessage?: (url: string) => void }).postMessage?.(url);
