// Unit tests of server-sent events.
import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { AppError } from "@shared/errors/app_error.ts";
import {
  readLastEventId,
  type ServerSentEvent,
  streamEvents,
  wantsEventStream,
} from "./stream_events.ts";

const CTX = {
  requestId: "request-1",
  log: { info: () => {}, warn: () => {}, error: () => {} },
};

async function* events(failure?: unknown): AsyncGenerator<ServerSentEvent, void, void> {
  yield await Promise.resolve({
    id: "a:1",
    event: "text",
    data: { text: "one\ntwo\n\ndata: three" },
  });
  if (failure) throw failure;
}

Deno.test("streamEvents() sends each event as one block, whatever its text holds", async () => {
  const response = streamEvents(CTX, events());
  match(response.headers.get("content-type") ?? "", /^text\/event-stream/);
  const text = await response.text();
  strictEqual(text, 'id: a:1\nevent: text\ndata: {"text":"one\\ntwo\\n\\ndata: three"}\n\n');
});

Deno.test("streamEvents() ends with a problem when the work fails, and tells no detail", async () => {
  const known = await streamEvents(CTX, events(new AppError("not_found"))).text();
  match(known, /event: error\ndata: .*"code":"not_found".*"request_id":"request-1"/);
  const unknown = await streamEvents(CTX, events(new Error("password is hunter2"))).text();
  match(unknown, /"code":"internal_error"/);
  strictEqual(unknown.includes("hunter2"), false);
});

Deno.test("streamEvents() tells the work to stop when the caller goes away", async () => {
  let isStopped = false;
  async function* endless(): AsyncGenerator<ServerSentEvent, void, void> {
    try {
      for (let n = 1;; n++) yield await Promise.resolve({ id: `a:${n}`, event: "text", data: n });
    } finally {
      isStopped = true;
    }
  }
  const reader = streamEvents(CTX, endless()).body?.getReader();
  await reader?.read();
  await reader?.cancel();
  strictEqual(isStopped, true);
});

Deno.test("wantsEventStream() is true for those who name it", () => {
  const wants = (accept: string | null): boolean =>
    wantsEventStream(new Request("http://x.test", accept === null ? {} : { headers: { accept } }));
  deepStrictEqual(
    ["text/event-stream", "application/json, text/event-stream;q=0.5", "Text/Event-Stream"].map(
      wants,
    ),
    [true, true, true],
  );
  deepStrictEqual(
    [null, "*/*", "application/json", "text/event-stream;q=0", "text/*"].map(wants),
    [false, false, false, false, false],
  );
});

Deno.test("streamEvents() sends comments while nothing comes, and loses no event by it", async () => {
  async function* slow(): AsyncGenerator<ServerSentEvent, void, void> {
    yield { id: "a:1", event: "text", data: 1 };
    await new Promise((resolve) => setTimeout(resolve, 60));
    yield { id: "a:2", event: "text", data: 2 };
  }
  const text = await streamEvents(CTX, slow(), { keepAliveMs: 15 }).text();
  const blocks = text.trim().split("\n\n");
  deepStrictEqual(blocks.filter((block) => !block.startsWith(":")), [
    "id: a:1\nevent: text\ndata: 1",
    "id: a:2\nevent: text\ndata: 2",
  ]);
  strictEqual(blocks.some((block) => block.startsWith(": ")), true);
});

Deno.test("streamEvents() lets go of who went away while nothing came", async () => {
  const wake = Promise.withResolvers<void>();
  let isStopped = false;
  async function* waiting(): AsyncGenerator<ServerSentEvent, void, void> {
    try {
      yield { id: "a:1", event: "text", data: 1 };
      await wake.promise;
      yield { id: "a:2", event: "text", data: 2 };
    } finally {
      isStopped = true;
    }
  }
  const reader = streamEvents(CTX, waiting()).body?.getReader();
  await reader?.read();
  const pending = reader?.read();
  await reader?.cancel();
  strictEqual((await pending)?.done, true, "nobody waits for the work");
  wake.resolve();
  await new Promise((resolve) => setTimeout(resolve, 5));
  strictEqual(isStopped, true);
});

Deno.test("readLastEventId() reads the number of this stream's last event, and of no other's", () => {
  const read = (id: string | null): number =>
    readLastEventId(
      new Request("http://x.test", id === null ? {} : { headers: { "last-event-id": id } }),
      "turn-1",
    );
  deepStrictEqual(["turn-1:7", "turn-1:0", "turn-1:123456789"].map(read), [7, 0, 123456789]);
  deepStrictEqual(
    [null, "turn-2:7", "turn-1:", "turn-1:-1", "turn-1:7x", "turn-1:1234567890", "7"].map(read),
    [0, 0, 0, 0, 0, 0, 0],
  );
});
