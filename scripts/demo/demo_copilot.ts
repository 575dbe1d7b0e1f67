// A conversation with the copilot in the terminal. With a terminal it is yours to lead; without one, or
// with --tour, it asks what a rep asks on an ordinary day, and shows what left the company.

import type { ChatAnswer } from "../../shared/copilot/contract.ts";
import { askCopilot } from "./copilot_stream.ts";
import { renderRest, renderStep } from "./copilot_view.ts";
import type { DemoSession } from "./demo_session.ts";

/** What the tour asks, each with why it is interesting. */
const TOUR: readonly (readonly [message: string, why: string])[] = [
  ["What meetings do I have today?", "Rules decide, the database answers, no model is asked."],
  ["Prep me for my next meeting", "A sequence runs; each of its steps is part of the story."],
  ["Create follow-ups for my last meeting", "What would happen is shown first. Nothing happens."],
  ["ok but do NOT send that", "That was no yes."],
  ["Confirm", "Now exactly those bytes are executed, once."],
  ["Confirm", "A second yes does nothing, and says so."],
  ["Which of my deals are at risk?", "Every reason names the row that it rests on."],
  ["How healthy is my pipeline?", "Numbers come from rows; there is nothing to make up."],
];

/** What ran before may have had a longer name. */
const ERASE_LINE = "\x1b[K";

/**
 * Talks with the copilot.
 *
 * @param session Who talks.
 * @param words A first message; empty for none.
 * @param isTour Whether the messages are those of the tour.
 */
export async function showCopilot(
  session: DemoSession,
  words: string,
  isTour: boolean,
): Promise<void> {
  const talk = new Conversation(session);
  if (words !== "") {
    console.log(`\nyou › ${words}`);
    await talk.say(words);
  }
  if (isTour || !Deno.stdin.isTerminal()) {
    if (words === "") await takeTour(talk, session);
    return;
  }
  console.log("Ask anything; an empty line ends it. Try: prep me for my next meeting");
  for (let line = prompt("\nyou ›"); line; line = prompt("\nyou ›")) await talk.say(line);
}

async function takeTour(talk: Conversation, session: DemoSession): Promise<void> {
  for (const [message, why] of TOUR) {
    console.log(`\n# ${why}\n\nyou › ${message}`);
    await talk.say(message);
  }
  const { data } = Object(
    await session.call("GET", "api-copilot/conversations?limit=1"),
  );
  console.log(`Kept for you alone: ${JSON.stringify(Object(data)["conversations"]?.[0] ?? data)}`);
}

class Conversation {
  readonly #session: DemoSession;
  readonly #id = crypto.randomUUID();
  #answer: ChatAnswer | null = null;

  constructor(session: DemoSession) {
    this.#session = session;
  }

  /** Says something and shows the answer while it is made. */
  async say(message: string): Promise<void> {
    const selection = this.#choose(message);
    const question = { message, conversation_id: this.#id, ...(selection && { selection }) };
    let isSpeaking = false;
    for await (const event of askCopilot(this.#session, question)) {
      if (event.event === "step_finished") console.log(renderStep(event.data));
      if (event.event === "step_started" && Deno.stdout.isTerminal()) {
        Deno.stdout.writeSync(new TextEncoder().encode(`${ERASE_LINE}${renderStep(event.data)}\r`));
      }
      if (event.event === "text") {
        const start = isSpeaking ? "" : "\n";
        Deno.stdout.writeSync(new TextEncoder().encode(start + event.data.text));
        isSpeaking = true;
      }
      if (event.event === "done") this.#answer = event.data;
    }
    if (this.#answer !== null) console.log(`\n\n${renderRest(this.#answer)}`);
  }

  /** The number of an option chooses it, as a click would. */
  #choose(message: string): { clarification_id: string; option_id: string } | null {
    const panel = this.#answer?.structuredResponse;
    if (panel?.type !== "clarification") return null;
    const option = panel.options[Number(message.trim()) - 1];
    if (option === undefined) return null;
    return { clarification_id: panel.id, option_id: option.id };
  }
}
