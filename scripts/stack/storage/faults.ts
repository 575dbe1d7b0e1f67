// Scripted misbehaviour: which calls go wrong, how, and how often. Armed through `POST /_control`.
import { isS3ErrorCode, S3Error, type S3ErrorCode } from "./s3_error.ts";
import { OPERATION_NAMES, type OperationName } from "./operation.ts";

/** What a fault does to a call. */
export type FaultEffect =
  /** Answer with an S3 error, for instance `SlowDown`; the call has no effect. */
  | { readonly kind: "error"; readonly code: S3ErrorCode }
  /** Wait, then go on. */
  | { readonly kind: "delay"; readonly ms: number }
  /** Break the connection after so many bytes of the payload (upload) or the answer (download). */
  | { readonly kind: "cut"; readonly afterBytes: number }
  /** Do the work and break the connection instead of answering. */
  | { readonly kind: "lose_answer" }
  /** Do the work and answer with an entity tag that is not the object's. */
  | { readonly kind: "wrong_etag" }
  /** Answer a read with one flipped bit. */
  | { readonly kind: "corrupt" };

/** A fault and the calls it is meant for. */
export interface Fault {
  readonly effect: FaultEffect;
  readonly operation?: OperationName;
  readonly bucket?: string;
  /** A key, or the beginning of one followed by `*`. */
  readonly key?: string;
  readonly partNumber?: number;
  /** The first matching call that is hit: 1 is the next one. */
  readonly nth: number;
  /** How many calls are hit from there on. */
  readonly count: number;
}

/** The features of a call that faults are chosen by. */
export interface FaultTarget {
  readonly operation: OperationName;
  readonly bucket: string | undefined;
  readonly key: string | undefined;
  readonly partNumber: number | undefined;
}

interface ArmedFault {
  readonly fault: Fault;
  seen: number;
}

/** A control request that makes no sense. */
export class FaultScriptError extends Error {
  override name = "FaultScriptError";
}

/** The faults of one server. */
export class FaultScript {
  #armed: ArmedFault[] = [];

  /** Adds a fault. */
  arm(fault: Fault): void {
    this.#armed.push({ fault, seen: 0 });
  }

  /** Forgets all. */
  reset(): void {
    this.#armed = [];
  }

  /** The faults that can still strike, and how many matching calls each has seen. */
  list(): ReadonlyArray<Fault & { readonly seen: number }> {
    return this.#armed.map(({ fault, seen }) => ({ ...fault, seen }));
  }

  /**
   * Counts a call and says what goes wrong with it.
   *
   * @param target The call.
   * @returns The effects, in the order in which they were armed.
   */
  strike(target: FaultTarget): FaultEffect[] {
    const effects: FaultEffect[] = [];
    for (const armed of this.#armed) {
      const { fault } = armed;
      if (!isMeant(fault, target)) continue;
      armed.seen += 1;
      if (armed.seen >= fault.nth && armed.seen < fault.nth + fault.count) {
        effects.push(fault.effect);
      }
    }
    this.#armed = this.#armed.filter(({ fault, seen }) => seen < fault.nth + fault.count - 1);
    return effects;
  }
}

function isMeant(fault: Fault, target: FaultTarget): boolean {
  if (fault.operation !== undefined && fault.operation !== target.operation) return false;
  if (fault.bucket !== undefined && fault.bucket !== target.bucket) return false;
  if (fault.partNumber !== undefined && fault.partNumber !== target.partNumber) return false;
  if (fault.key === undefined) return true;
  if (!fault.key.endsWith("*")) return fault.key === target.key;
  return target.key?.startsWith(fault.key.slice(0, -1)) ?? false;
}

/**
 * Reads a fault out of a control request.
 *
 * @param input `{ do, operation?, bucket?, key?, partNumber?, nth?, count?, code?, ms?, afterBytes? }`.
 * @throws {FaultScriptError} Saying what is wrong with it.
 */
export function parseFault(input: Readonly<Record<string, unknown>>): Fault {
  const operation = OPERATION_NAMES.find((name) => name === input.operation);
  if (input.operation !== undefined && operation === undefined) {
    throw new FaultScriptError(`Unknown operation: expected one of ${OPERATION_NAMES.join(", ")}`);
  }
  const bucket = readText(input, "bucket");
  const key = readText(input, "key");
  const partNumber = readNumber(input, "partNumber");
  return {
    effect: parseEffect(input),
    nth: readNumber(input, "nth") ?? 1,
    count: readNumber(input, "count") ?? 1,
    ...(operation && { operation }),
    ...(bucket !== undefined && { bucket }),
    ...(key !== undefined && { key }),
    ...(partNumber !== undefined && { partNumber }),
  };
}

function parseEffect(input: Readonly<Record<string, unknown>>): FaultEffect {
  switch (input.do) {
    case "error": {
      const code = readText(input, "code") ?? "InternalError";
      if (!isS3ErrorCode(code)) throw new FaultScriptError(`Unknown error code: ${code}`);
      return { kind: "error", code };
    }
    case "slow_down":
      return { kind: "error", code: "SlowDown" };
    case "delay":
      return { kind: "delay", ms: readNumber(input, "ms") ?? 1000 };
    case "cut":
      return { kind: "cut", afterBytes: readNumber(input, "afterBytes") ?? 0 };
    case "lose_answer":
    case "wrong_etag":
    case "corrupt":
      return { kind: input.do };
    default:
      throw new FaultScriptError(
        'Unknown "do": expected error, slow_down, delay, cut, lose_answer, wrong_etag or corrupt',
      );
  }
}

function readText(input: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = input[name];
  if (value === undefined || typeof value === "string") return value;
  throw new FaultScriptError(`"${name}" must be a text`);
}

function readNumber(input: Readonly<Record<string, unknown>>, name: string): number | undefined {
  const value = input[name];
  if (value === undefined) return undefined;
  if (typeof value === "number" && Number.isInteger(value) && value >= 0) return value;
  throw new FaultScriptError(`"${name}" must be a whole number`);
}

/** Thrown where a connection is to break; nothing catches it but the server's edge. */
export class CutConnection extends Error {
  override name = "CutConnection";
}

/** The effects of one call, ready to be applied around it. */
export class FaultedCall {
  readonly #effects: readonly FaultEffect[];
  #seenBytes = 0;

  /** @param effects What `FaultScript.strike` gave. */
  constructor(effects: readonly FaultEffect[]) {
    this.#effects = effects;
  }

  /** Waits and refuses, before the operation runs. */
  async before(): Promise<void> {
    for (const effect of this.#effects) {
      if (effect.kind === "delay") {
        await new Promise<void>((resolve) => setTimeout(resolve, effect.ms));
      }
      if (effect.kind === "error") throw new S3Error(effect.code);
    }
  }

  /** Watches the payload go by. */
  readonly tap = (chunk: Uint8Array): void => {
    this.#seenBytes += chunk.length;
    const cut = this.#effects.find((effect) => effect.kind === "cut");
    if (cut !== undefined && this.#seenBytes > cut.afterBytes) throw new CutConnection();
  };

  /** Spoils the answer, after the operation ran. */
  after(response: Response): Response {
    let result = response;
    for (const effect of this.#effects) {
      if (effect.kind === "lose_answer") throw new CutConnection();
      if (effect.kind === "wrong_etag") result.headers.set("etag", `"${"0".repeat(32)}"`);
      if (effect.kind === "corrupt") result = withBody(result, flipFirstBit());
      if (effect.kind === "cut") result = withBody(result, cutAfter(effect.afterBytes));
    }
    return result;
  }
}

function withBody(
  response: Response,
  transform: TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>,
): Response {
  if (response.body === null) return response;
  return new Response(response.body.pipeThrough(transform), response);
}

function flipFirstBit(): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  let isDone = false;
  return new TransformStream({
    transform(chunk, controller) {
      if (!isDone && chunk.length > 0) chunk[0] = (chunk[0] ?? 0) ^ 1;
      isDone = true;
      controller.enqueue(chunk);
    },
  });
}

function cutAfter(
  bytes: number,
): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  let sent = 0;
  return new TransformStream({
    transform(chunk, controller) {
      const rest = bytes - sent;
      sent += chunk.length;
      if (chunk.length <= rest) return controller.enqueue(chunk);
      if (rest > 0) controller.enqueue(chunk.subarray(0, rest));
      controller.error(new CutConnection());
    },
  });
}
