// What one operation of an api accepts and answers, as data: the frame checks requests by it and the
// OpenAPI document is made of it.
import type { z } from "zod";
import type { ErrorCode } from "@shared/errors/catalogue.ts";
import type { RequestContext, ServiceClient } from "@shared/platform/request_context.ts";
import type { ServiceReason } from "@shared/platform/service_reasons.ts";

/** Methods that an operation may have. */
export type OperationMethod = "get" | "post" | "put" | "patch" | "delete";

/**
 * A schema of what is answered, or how to load it. It is only looked at when an answer is checked or
 * documented, so one that is large need not be there when the function starts.
 */
export type AnswerSchema<S extends z.ZodType> = S | (() => Promise<S>);

/** The contract of one operation. Schemas of objects must be strict: unknown keys are refused. */
export interface OperationSpec<
  P extends z.ZodType,
  Q extends z.ZodType,
  B extends z.ZodType,
  R extends z.ZodType,
> {
  /** `<capability>.<verb>`, such as `meetings.cancel`; names the operation in logs and documents. */
  readonly operation: string;
  readonly method: OperationMethod;
  /** Below `/<function>`: `/` or `/meetings/:meetingId`. */
  readonly path: string;
  readonly summary: string;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  /** What stands under `data` in the answer. */
  readonly response: AnswerSchema<R>;
  /** The answer is the body itself, without `data` around it: for clients older than the envelope. */
  readonly isBare?: boolean;
  /** What an event stream sends, when the operation can answer with one. */
  readonly stream?: AnswerSchema<z.ZodType>;
  /** Codes beyond those that every operation may answer. */
  readonly errors?: readonly ErrorCode[];
  /** 262,144 unless said otherwise. */
  readonly maxBodyBytes?: number;
}

/** Checked input; a part without a schema is undefined. */
export interface OperationInput<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> {
  readonly params: z.output<P>;
  readonly query: z.output<Q>;
  readonly body: z.output<B>;
}

/** An answer: what was asked for and, for lists, where the next page begins. */
export interface Reply<T> {
  readonly data: T;
  readonly next_cursor?: string | null;
}

/** What a handler may need beyond the caller's context. */
export interface OperationCall {
  readonly request: Request;
  /**
   * Opens a client with the service role, and records it.
   *
   * @throws {TypeError} When this function is not registered for the reason.
   */
  service(reason: ServiceReason): Promise<ServiceClient>;
  /**
   * The caller's context for work that goes on when they have gone away; hand that work to
   * `runInBackground` too.
   */
  outlive(): RequestContext;
  /** Lets work go on after the answer; best effort, so never the only copy of it. */
  runInBackground(work: Promise<unknown>): void;
}

/** Parses nothing and decides nothing: calls one verb and answers. */
export type OperationHandler<
  P extends z.ZodType,
  Q extends z.ZodType,
  B extends z.ZodType,
  R extends z.ZodType,
> = (
  ctx: RequestContext,
  input: OperationInput<P, Q, B>,
  call: OperationCall,
) => Promise<Reply<z.input<R>> | Response>;

/** The contract of any operation. */
export type AnyOperationSpec = OperationSpec<z.ZodType, z.ZodType, z.ZodType, z.ZodType>;

/**
 * Gets a schema, wherever it is.
 *
 * @param schema The schema, or how to load it.
 */
export async function loadSchema<S extends z.ZodType>(schema: AnswerSchema<S>): Promise<S> {
  return typeof schema === "function" ? await schema() : schema;
}

/**
 * Insists that a request schema refuses unknown keys.
 *
 * @param spec The contract.
 * @throws {TypeError} At start, so that a loose contract is never served.
 */
export function requireStrictSchemas(spec: AnyOperationSpec): void {
  for (const part of ["params", "query", "body"] as const) {
    const schema = spec[part];
    if (schema !== undefined && !refusesUnknownKeys(schema)) {
      throw new TypeError(`${spec.operation}: the ${part} schema must be a z.strictObject`);
    }
  }
}

interface SchemaDef {
  readonly type: string;
  readonly catchall?: { readonly _zod: { readonly def: { readonly type: string } } };
  readonly options?: readonly z.ZodType[];
  readonly innerType?: z.ZodType;
  readonly in?: z.ZodType;
}

function refusesUnknownKeys(schema: z.ZodType): boolean {
  const def = schema._zod.def as SchemaDef;
  if (def.type === "object") return def.catchall?._zod.def.type === "never";
  if (def.type === "union") return def.options?.every(refusesUnknownKeys) ?? false;
  // Pipes, defaults and refinements: what they take in is what counts
  const inner = def.innerType ?? def.in;
  return inner !== undefined && refusesUnknownKeys(inner);
}
