// Waits for the end of the story: the same answer as one document instead of a stream.
import { AppError } from "../errors/app_error.ts";
import type { ChatAnswer, ChatEvent } from "./contract.ts";

/**
 * Reads the events of an answer to their end.
 *
 * @param events The events.
 * @returns The whole answer.
 * @throws {AppError} What stopped the work.
 */
export async function collectAnswer(events: AsyncIterable<ChatEvent>): Promise<ChatAnswer> {
  for await (const event of events) {
    if (event.event === "done") return event.data;
  }
  throw new AppError("internal_error");
}
