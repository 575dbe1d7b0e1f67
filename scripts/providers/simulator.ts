// What every simulated third party offers to the server that holds them.

/** A simulated third party. */
export interface Simulator {
  /** As control requests name it. */
  readonly name: string;
  /** The first segment of its paths. */
  readonly prefix: string;
  /**
   * Answers a request on the provider's own protocol.
   *
   * @param request The request.
   * @param path The path after the prefix.
   */
  answer(request: Request, path: string): Promise<Response>;
  /**
   * Carries out a control request.
   *
   * @param input The whole document, `action` among it.
   * @returns What the caller is told.
   * @throws {ControlError} When it makes no sense.
   */
  control(input: unknown): Promise<unknown>;
  /** What there is to see. */
  state(): unknown;
  /** Forgets everything and stops what is under way. */
  reset(): void;
  /** Waits until nothing runs any more. */
  close(): Promise<void>;
}

/** A control request that makes no sense; the message says why. */
export class ControlError extends Error {
  override name = "ControlError";
}
