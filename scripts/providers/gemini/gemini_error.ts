// Errors in the form that the Gemini API gives them.

const STATUS_NAMES: Readonly<Record<number, string>> = {
  400: "INVALID_ARGUMENT",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
  408: "DEADLINE_EXCEEDED",
  429: "RESOURCE_EXHAUSTED",
  500: "INTERNAL",
  503: "UNAVAILABLE",
  504: "DEADLINE_EXCEEDED",
};

/** A refusal, thrown where it is found and rendered once. */
export class GeminiError extends Error {
  override name = "GeminiError";

  /**
   * @param status The HTTP status, which is also the code in the body.
   * @param message What the body says.
   * @param details Further documents, each with an `@type`.
   */
  constructor(
    readonly status: number,
    message: string,
    readonly details: readonly Readonly<Record<string, unknown>>[] = [],
  ) {
    super(message);
  }

  /** The document that the body, or a line of a stream, holds. */
  toDocument(): Record<string, unknown> {
    return {
      error: {
        code: this.status,
        message: this.message,
        status: STATUS_NAMES[this.status] ?? "UNKNOWN",
        ...(this.details.length > 0 && { details: this.details }),
      },
    };
  }
}

/** Something in the request that makes no sense. */
export function invalidArgument(message: string): GeminiError {
  return new GeminiError(400, message);
}

/** A quota that is used up: by the minute, or for the day. */
export interface ExhaustedQuota {
  readonly model: string;
  readonly period: "minute" | "day";
  /** As Google writes it, such as `22s` or `1.5s`; absent more often than one would like. */
  readonly retryDelay?: string | undefined;
}

/** 429 with the details that Google adds. */
export function quotaExhausted({ model, period, retryDelay }: ExhaustedQuota): GeminiError {
  const per = period === "day" ? "PerDay" : "PerMinute";
  return new GeminiError(429, "You exceeded your current quota, please check your plan.", [
    {
      "@type": "type.googleapis.com/google.rpc.QuotaFailure",
      violations: [{
        quotaMetric: "generativelanguage.googleapis.com/generate_content_requests",
        quotaId: `GenerateRequests${per}PerProjectPerModel`,
        quotaDimensions: { location: "global", model },
        quotaValue: "250",
      }],
    },
    {
      "@type": "type.googleapis.com/google.rpc.Help",
      links: [{
        description: "Learn more about Gemini API quotas",
        url: "https://ai.google.dev/gemini-api/docs/rate-limits",
      }],
    },
    ...(retryDelay === undefined
      ? []
      : [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay }]),
  ]);
}

/**
 * Makes an error out of a scripted status.
 *
 * @param status The HTTP status.
 */
export function scriptedGeminiError(status: number): GeminiError {
  if (status === 503) {
    return new GeminiError(503, "The model is overloaded. Please try again later.");
  }
  if (status >= 500) return new GeminiError(status, "An internal error has occurred.");
  if (status === 403) return new GeminiError(403, "The caller does not have permission.");
  if (status === 404) return new GeminiError(404, "The model is not found.");
  return new GeminiError(status, "Request contains an invalid argument.");
}
