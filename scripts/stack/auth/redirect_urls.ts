// Where people may be sent back to after clicking a mailed link.

import type { AuthRequest } from "./auth_request.ts";
import type { AuthSettings } from "./settings.ts";

/** The address that a request asks to be sent back to when it is allowed, else the site's own. */
export function chooseRedirect(request: AuthRequest, settings: AuthSettings): string {
  const asked = request.raw.headers.get("redirect_to") ?? request.query.get("redirect_to") ?? "";
  if (isRedirectAllowed(asked, settings)) return asked;
  const referer = request.raw.headers.get("referer") ?? "";
  return isRedirectAllowed(referer, settings) ? referer : settings.siteUrl;
}

/** Tells whether people may be sent to an address. */
export function isRedirectAllowed(address: string, settings: AuthSettings): boolean {
  if (!URL.canParse(address) || !URL.canParse(settings.siteUrl)) return false;
  const target = new URL(address);
  const site = new URL(settings.siteUrl);
  const isSameHost = target.hostname === site.hostname && target.protocol === site.protocol;
  if (isSameHost && (target.port === site.port || isLoopback(target.hostname))) return true;
  if (/^[0-9.]+$/.test(target.hostname)) return target.hostname.startsWith("127.");
  const [withoutFragment = ""] = address.split("#");
  return settings.redirectUrls.some((pattern) => toPattern(pattern).test(withoutFragment));
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || hostname.startsWith("127.");
}

// `*` stays within what dots and slashes separate, `**` does not.
function toPattern(glob: string): RegExp {
  const parts = glob.split(/(\*\*|\*|\?)/).map((part) => {
    if (part === "**") return ".*";
    if (part === "*") return "[^./]*";
    if (part === "?") return "[^./]";
    return part.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  });
  return new RegExp(`^${parts.join("")}$`);
}
