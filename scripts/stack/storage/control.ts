// The control door of the storage server: `POST /_control` scripts faults and moves the clock.
//
//   {"action":"fault","do":"slow_down","operation":"UploadPart","nth":2,"count":1}
//   {"action":"fault","do":"error","code":"InternalError","operation":"PutObject","key":"a/*"}
//   {"action":"fault","do":"cut","operation":"GetObject","afterBytes":1000}
//   {"action":"fault","do":"delay","ms":250}
//   {"action":"fault","do":"lose_answer","operation":"CompleteMultipartUpload"}
//   {"action":"fault","do":"wrong_etag","operation":"UploadPart","partNumber":3}
//   {"action":"fault","do":"corrupt","operation":"GetObject"}
//   {"action":"clock","offsetSeconds":3600}
//   {"action":"reset"}
//
// `GET /_control` answers with the armed faults, the clock and how often each operation was called.
import { type FaultScript, FaultScriptError, parseFault } from "./faults.ts";
import type { OperationName } from "./operation.ts";

/** What can be scripted. */
export interface ControlledState {
  readonly faults: FaultScript;
  readonly calls: Map<OperationName, number>;
  clockOffsetMs: number;
}

/**
 * Answers a control request.
 *
 * @param request `POST` with one of the documents above, or `GET`.
 * @param state What it reads and changes.
 */
export async function answerControl(request: Request, state: ControlledState): Promise<Response> {
  // A web page that is open on this machine must not script the server behind its user's back.
  if (request.headers.has("origin")) return new Response(null, { status: 403 });
  if (request.method === "GET") return Response.json(describe(state));
  if (request.method !== "POST") return new Response(null, { status: 405 });
  try {
    const input: unknown = JSON.parse(await request.text());
    if (!isRecord(input)) throw new FaultScriptError("The body must be an object");
    apply(input, state);
    return Response.json(describe(state));
  } catch (cause) {
    if (!(cause instanceof FaultScriptError) && !(cause instanceof SyntaxError)) throw cause;
    return Response.json({ error: cause.message }, { status: 400 });
  }
}

function apply(input: Readonly<Record<string, unknown>>, state: ControlledState): void {
  switch (input.action) {
    case "fault":
      state.faults.arm(parseFault(input));
      return;
    case "clock":
      if (typeof input.offsetSeconds !== "number") {
        throw new FaultScriptError('"offsetSeconds" must be a number');
      }
      state.clockOffsetMs = input.offsetSeconds * 1000;
      return;
    case "reset":
      state.faults.reset();
      state.calls.clear();
      state.clockOffsetMs = 0;
      return;
    default:
      throw new FaultScriptError('Unknown "action": expected fault, clock or reset');
  }
}

function describe(state: ControlledState): Record<string, unknown> {
  return {
    faults: state.faults.list(),
    clockOffsetSeconds: state.clockOffsetMs / 1000,
    calls: Object.fromEntries(state.calls),
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
