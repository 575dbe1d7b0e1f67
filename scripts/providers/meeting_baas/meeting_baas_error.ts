// Refusals in the shape that the provider's v2 API gives them.

/** An answer that is no success. */
export class MeetingBaasError extends Error {
  override name = "MeetingBaasError";

  /**
   * @param status HTTP status.
   * @param code Without its prefix.
   * @param message What a person reads.
   * @param retryAfterSeconds When it may be tried again, where the provider says so.
   */
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly retryAfterSeconds?: number,
  ) {
    super(message);
  }
}

const TITLES: Readonly<Record<number, string>> = {
  400: "Bad Request",
  402: "Payment Required",
  403: "Forbidden",
  404: "Not Found",
  409: "Conflict",
  429: "Rate Limited",
  500: "Internal Server Error",
};

/** Renders a refusal. */
export function renderError(error: MeetingBaasError): Response {
  const { status, code, message, retryAfterSeconds } = error;
  return Response.json({
    success: false,
    error: TITLES[status] ?? "Error",
    code: `FST_ERR_${code}`,
    statusCode: status,
    message,
    details: null,
    ...(retryAfterSeconds !== undefined && { retryAfter: retryAfterSeconds }),
  }, {
    status,
    headers: retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) },
  });
}

/** No bot has that id. */
export function botNotFound(id: string): MeetingBaasError {
  return new MeetingBaasError(404, "BOT_NOT_FOUND_BY_ID", `Bot with id ${id} not found`);
}
