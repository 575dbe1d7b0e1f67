// What working on a turn needs beside the turn.
import type { ModelProvider } from "../../model/model_provider.ts";
import type { RequestFramer } from "./model_request.ts";
import type { TurnParts } from "./parts.ts";

/** Handles that are the same for all turns of an isolate. */
export interface EngineHandles {
  readonly parts: TurnParts;
  readonly framer: RequestFramer;
  /**
   * Opens the model; null where none is configured.
   *
   * @throws When its settings are malformed.
   */
  readonly openModel: () => ModelProvider | null;
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly random: () => number;
}

/** How long a turn may take; within what a function may live, with time left to end it. */
export const TURN_MS = 90_000;
