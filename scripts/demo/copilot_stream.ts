// An answer of the copilot as it is made: its events, over HTTP, as an app would read them.

import { EventSourceParserStream } from "eventsource-parser/stream";
import { ChatEvent } from "../../shared/copilot/contract.ts";
import type { DemoSession } from "./demo_session.ts";

/** What is asked. */
export interface Question {
  readonly message: string;
  readonly conversation_id: string;
  readonly selection?: { readonly clarification_id: string; readonly option_id: string };
}

/**
 * Asks, and reads the events until the last one.
 *
 * @param session Who asks.
 * @param question The question.
 * @throws {Error} With what the api says, when it refuses or stops on the way.
 */
export async function* askCopilot(
  session: DemoSession,
  question: Question,
): AsyncGenerator<ChatEvent, void> {
  const response = await session.request("POST", "api-copilot/chat", question, "text/event-stream");
  if (!response.ok || response.body === null) throw new Error(await response.text());
  const events = response.body
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream());
  for await (const { id, event, data } of events) {
    const document: unknown = JSON.parse(data);
    if (event === "error") throw new Error(String(Object(document)["detail"]));
    yield ChatEvent.parse({ id, event, data: document });
  }
}
