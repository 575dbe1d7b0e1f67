// The only place that turns an error into an answer (RFC 9457). What is not an `AppError` becomes
// `internal_error` with a fixed text: whatever it says stays in the log.
import { AppError } from "@shared/errors/app_error.ts";
import type { RequestState } from "./request_state.ts";

/**
 * Makes the answer to a failed request, and notes the failure for the log line.
 *
 * @param error Whatever was thrown.
 * @param state The request.
 * @param headers Further headers, such as `Allow`.
 * @returns An `application/problem+json` answer.
 */
export function toProblem(
  error: unknown,
  state: RequestState,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const known = error instanceof AppError
    ? error
    : new AppError("internal_error", { cause: error });
  state.errorCode = known.code;
  state.cause = known.cause;
  const { status, title } = known.entry;
  const body = {
    type: `urn:sixty:error:${known.code}`,
    title,
    status,
    detail: known.detail,
    code: known.code,
    // The same text under the name that toasts read
    message: known.detail,
    request_id: state.requestId,
    ...(known.issues.length === 0 ? {} : { issues: known.issues }),
  };
  const response = new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/problem+json", ...headers },
  });
  if (status === 401) response.headers.set("www-authenticate", "Bearer");
  if (known.retryAfterSeconds !== undefined) {
    response.headers.set("retry-after", String(Math.ceil(known.retryAfterSeconds)));
  }
  return response;
}
