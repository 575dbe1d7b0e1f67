// Which web pages may read our answers: exactly the configured origins. Any other page gets no
// Access-Control-Allow-Origin, so its browser keeps the answer from it.

const ALLOWED_HEADERS = "authorization, apikey, content-type, x-client-info, x-request-id";
const EXPOSED_HEADERS = "x-request-id, server-timing, retry-after";
const MAX_AGE_SECONDS = "600";

/**
 * Adds the CORS headers to an answer.
 *
 * @param headers Headers of the answer.
 * @param request The request; its `Origin` is compared as a whole, letter by letter.
 * @param allowedOrigins The origins that may read.
 */
export function applyCors(
  headers: Headers,
  request: Request,
  allowedOrigins: ReadonlySet<string>,
): void {
  // Always, so that no cache hands one origin's answer to another
  headers.append("vary", "Origin");
  const origin = request.headers.get("origin");
  if (origin === null || !allowedOrigins.has(origin)) return;
  headers.set("access-control-allow-origin", origin);
  headers.set("access-control-expose-headers", EXPOSED_HEADERS);
}

/**
 * Answers a browser's preflight.
 *
 * @param request The request.
 * @param methods What the address answers to.
 * @param allowedOrigins The origins that may call.
 * @returns 204, with permission for an allowed origin only; null when it is no preflight.
 */
export function answerPreflight(
  request: Request,
  methods: readonly string[],
  allowedOrigins: ReadonlySet<string>,
): Response | null {
  if (request.method !== "OPTIONS") return null;
  if (!request.headers.has("access-control-request-method")) return null;
  const headers = new Headers();
  headers.append("vary", "Access-Control-Request-Method, Access-Control-Request-Headers");
  const origin = request.headers.get("origin");
  if (origin !== null && allowedOrigins.has(origin)) {
    headers.set("access-control-allow-methods", methods.join(", "));
    headers.set("access-control-allow-headers", ALLOWED_HEADERS);
    headers.set("access-control-max-age", MAX_AGE_SECONDS);
  }
  return new Response(null, { status: 204, headers });
}
