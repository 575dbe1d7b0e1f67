// Turns answers and errors into HTTP responses.
import type { RestError } from "../errors/rest_error.ts";
import type { Answer } from "./render_answer.ts";

const NULL_BODY = new Set([204, 205, 304]);

function appendHeaders(
  headers: Headers,
  pairs: ReadonlyArray<readonly [string, string]>,
): void {
  for (const [name, value] of pairs) {
    // Header values travel as bytes: text beyond ASCII goes as UTF-8.
    const bytes = new TextEncoder().encode(value);
    headers.append(name, String.fromCharCode(...bytes));
  }
}

/** The response of an answer. */
export function answerResponse({ status, headers: pairs, body }: Answer): Response {
  const headers = new Headers();
  appendHeaders(headers, pairs);
  if (body === null || NULL_BODY.has(status)) {
    return new Response(null, { status, headers });
  }
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  headers.set("Content-Length", String(bytes.length));
  return new Response(bytes, { status, headers });
}

function reasonPhrase(text: string | undefined): { statusText?: string } {
  return text !== undefined && /^[\x20-\x7e]*$/.test(text) ? { statusText: text } : {};
}

/** The response of an error. */
export function errorResponse(error: RestError, method: string): Response {
  const bytes = new TextEncoder().encode(error.payload());
  const headers = new Headers({
    "Content-Type": "application/json; charset=utf-8",
    "Content-Length": String(bytes.length),
    "Proxy-Status": `PostgREST; error=${error.body.code}`,
  });
  appendHeaders(headers, error.headers);
  const status = error.status >= 200 && error.status <= 599 ? error.status : 500;
  const body = method === "HEAD" || NULL_BODY.has(status) ? null : bytes;
  return new Response(body, { status, headers, ...reasonPhrase(error.statusText) });
}
