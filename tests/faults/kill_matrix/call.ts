// What a worker says of its calls, and what it is told.

/** Before a call is made, or after its answer has come and nobody has read it. */
export type CallPhase = "before" | "after";

/** A call to the outside. */
export interface Call {
  /** Counted from 1 in each process. */
  readonly call: number;
  readonly phase: CallPhase;
  readonly method: string;
  readonly url: string;
  /** Of the answer; 0 when the call broke by itself. */
  readonly status?: number;
  /** Whether the database answered with nothing: there was no work to take. */
  readonly isEmpty?: boolean;
}

/** What becomes of it: it goes on, or breaks as a connection does. */
export interface Order {
  readonly do: "go" | "fail";
  /** The process's clock jumps by so much. */
  readonly skewMs?: number;
}

/** Nothing happens. */
export const GO: Order = { do: "go" };
/** The connection breaks. */
export const FAIL: Order = { do: "fail" };
