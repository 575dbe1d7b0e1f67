// Cross-origin headers for the rest and auth rooms, as the platform's gateway sends them. Functions
// answer for themselves.

const ALLOWED_METHODS = "GET,HEAD,PUT,PATCH,POST,DELETE,OPTIONS,TRACE,CONNECT";
const EXPOSED_HEADERS = [
  "Content-Encoding",
  "Content-Location",
  "Content-Range",
  "Content-Type",
  "Date",
  "Location",
  "Preference-Applied",
  "Range-Unit",
  "Server",
  "Transfer-Encoding",
  "X-Sb-Error-Code",
].join(", ");

/** Whether a browser asks what it may send. */
export function isPreflight(request: Request): boolean {
  return request.method === "OPTIONS" && request.headers.has("origin") &&
    request.headers.has("access-control-request-method");
}

/**
 * Answers a preflight: everything that was asked for is allowed, because the key and the token
 * decide, not the page that sends them.
 */
export function answerPreflight(request: Request): Response {
  const headers = new Headers({
    "access-control-allow-origin": "*",
    "access-control-allow-methods": ALLOWED_METHODS,
    "access-control-max-age": "3600",
    "content-length": "0",
    "vary": "Access-Control-Request-Headers",
  });
  const requested = request.headers.get("access-control-request-headers");
  if (requested) headers.set("access-control-allow-headers", requested);
  return new Response(null, { status: 200, headers });
}

/** Lets any page read the answer, with the headers that carry counts and error codes. */
export function withCors(response: Response): Response {
  const headers = new Headers(response.headers);
  headers.set("access-control-allow-origin", "*");
  headers.delete("access-control-allow-credentials");
  if (!headers.has("access-control-expose-headers")) {
    headers.set("access-control-expose-headers", EXPOSED_HEADERS);
  }
  return new Response(response.body, {
    status: response.status,
    statusText: response.statusText,
    headers,
  });
}
