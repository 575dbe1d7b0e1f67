// Errors in the form that Google's APIs give them.

/** What an error says beside its code. */
export interface GoogleErrorDetails {
  readonly reason: string;
  readonly message: string;
  readonly domain?: string;
  readonly location?: string;
  readonly locationType?: string;
}

/** A refusal, thrown where it is found and rendered once. */
export class GoogleError extends Error {
  override name = "GoogleError";

  /**
   * @param status The HTTP status, which is also the code in the body.
   * @param details What the body says.
   */
  constructor(readonly status: number, readonly details: GoogleErrorDetails) {
    super(details.message);
  }
}

/** A parameter that makes no sense or may not stand beside another one. */
export function badParameter(location: string, message: string): GoogleError {
  return new GoogleError(400, {
    reason: "invalid",
    message,
    location,
    locationType: "parameter",
  });
}

/** Something that does not exist for this caller. */
export function notFound(): GoogleError {
  return new GoogleError(404, { reason: "notFound", message: "Not Found" });
}

/** A sync token, or a date, that is too old to be answered with changes. */
export function gone(reason = "fullSyncRequired"): GoogleError {
  const isDate = reason === "updatedMinTooLongAgo";
  return new GoogleError(410, {
    domain: "calendar",
    reason,
    message: isDate
      ? "The requested minimum modification time lies too far in the past."
      : "Sync token is no longer valid, a full sync is required.",
    location: isDate ? "updatedMin" : "syncToken",
    locationType: "parameter",
  });
}

/** A credential that is missing, unknown or expired. */
export function unauthenticated(): GoogleError {
  return new GoogleError(401, {
    reason: "authError",
    message: "Invalid Credentials",
    location: "Authorization",
    locationType: "header",
  });
}

/** A token whose consent does not cover the call. */
export function scopeMissing(): GoogleError {
  return new GoogleError(403, {
    reason: "insufficientPermissions",
    message: "Request had insufficient authentication scopes.",
  });
}

/** Too many calls: Google says it with 403 as often as with 429. */
export function tooManyCalls(status = 403, reason = "userRateLimitExceeded"): GoogleError {
  return new GoogleError(status, {
    domain: "usageLimits",
    reason,
    message: reason === "quotaExceeded" ? "Quota exceeded." : "Rate Limit Exceeded",
  });
}

/**
 * Makes an error out of a scripted failure.
 *
 * @param status The status.
 * @param reason Google's word; the usual one of the status without.
 */
export function scriptedError(status: number, reason?: string): GoogleError {
  if (status === 410) return gone(reason);
  if (status === 401) return unauthenticated();
  if (status === 429 || (status === 403 && reason !== "forbidden")) {
    return tooManyCalls(status, reason ?? "rateLimitExceeded");
  }
  return new GoogleError(status, {
    reason: reason ?? (status >= 500 ? "backendError" : "badRequest"),
    message: status >= 500 ? "Backend Error" : "Bad Request",
  });
}

/** Renders an error. */
export function renderGoogleError(error: GoogleError): Response {
  const { status, details } = error;
  return Response.json({
    error: {
      code: status,
      message: details.message,
      errors: [{ ...details, domain: details.domain ?? "global" }],
    },
  }, { status });
}
