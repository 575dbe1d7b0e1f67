// Collects what SQL may know of a request through its settings.
import type { RequestFacts } from "./sql/settings_sql.ts";

function parseCookies(header: string | null): Record<string, string> {
  const cookies: Record<string, string> = {};
  for (const part of (header ?? "").split(";")) {
    const at = part.indexOf("=");
    if (at > 0) cookies[part.slice(0, at).trim()] = part.slice(at + 1).trim();
  }
  return cookies;
}

/** Method, path, headers and cookies of a request. */
export function requestFacts(request: Request, url: URL): RequestFacts {
  const headers: Record<string, string> = {};
  for (const [name, value] of request.headers) {
    if (name !== "cookie") headers[name] = value;
  }
  return {
    method: request.method,
    path: url.pathname,
    headers,
    cookies: parseCookies(request.headers.get("cookie")),
  };
}
