// Calls of Google's interfaces on behalf of a person, for what leaves: one try each, no retry of their
// own. Trust boundary: what they answer is a third party's; it is parsed before anything else sees it,
// and no answer's text reaches a caller or a log.
import { z } from "zod";
import { OutboundError, type OutboundFailure } from "@shared/outbound/outbound_error.ts";
import type { Clock } from "@shared/platform/clock.ts";
import { parseAnswer, readAnswerText } from "../http/read_answer.ts";

/** What a call needs from outside. */
export interface GoogleRestDeps {
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** 20,000 unless said otherwise. */
  readonly timeoutMs?: number;
}

/** One call. */
export interface GoogleCall {
  readonly url: URL;
  readonly accessToken: string;
  /** A document to post; the call only reads without one. */
  readonly body?: unknown;
}

/** A good answer, or one of the statuses that the caller asked for. */
export interface GoogleAnswer {
  readonly status: number;
  readonly body: unknown;
}

const TIMEOUT_MS = 20_000;
const ANSWER_MAX_BYTES = 1024 * 1024;
const RETRY_MAX_SECONDS = 3_600;

// The form of errors and these reasons are documented, the details' reason is not.
const ErrorBody = z.object({
  error: z.object({
    message: z.string().nullish(),
    errors: z.array(z.object({ domain: z.string().nullish(), reason: z.string().nullish() }))
      .nullish(),
    details: z.array(z.looseObject({ reason: z.string().nullish() })).nullish(),
  }),
});

const USAGE_REASONS: readonly string[] = [
  "rateLimitExceeded",
  "userRateLimitExceeded",
  "quotaExceeded",
  "dailyLimitExceeded",
  "calendarUsageLimitsExceeded",
];
const SCOPE_REASONS: readonly string[] = [
  "insufficientPermissions",
  "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
];
const PROJECT_REASONS: readonly string[] = ["accessNotConfigured", "SERVICE_DISABLED"];

/**
 * Makes one call.
 *
 * @param deps Network and time.
 * @param call Address, token, and what is posted.
 * @param expected Statuses beside the good ones that mean something to the caller.
 * @returns The answer.
 * @throws {OutboundError} `mayHaveHappened` where something was posted and no clear answer came.
 */
export async function callGoogle(
  deps: GoogleRestDeps,
  call: GoogleCall,
  expected: readonly number[] = [],
): Promise<GoogleAnswer> {
  const isWrite = call.body !== undefined;
  const response = await send(deps, call, isWrite);
  const { status } = response;
  let text: string | null;
  try {
    text = await readAnswerText(response, ANSWER_MAX_BYTES);
  } catch (cause) {
    throw new OutboundError("unavailable", { status, mayHaveHappened: isWrite, cause });
  }
  const body = parseAnswer(text ?? "");
  if (response.ok || expected.includes(status)) return { status, body };
  const error = ErrorBody.safeParse(body).data?.error;
  const reasons = new Set([...error?.errors ?? [], ...error?.details ?? []].flatMap(reasonsOf));
  throw new OutboundError(failureOf(status, reasons), {
    status,
    mayHaveHappened: isWrite && (status >= 500 || status === 408),
    retryAfterSeconds: readRetryAfter(response.headers, error?.message ?? "", deps.clock),
  });
}

/**
 * Parses a good answer.
 *
 * @param schema What is expected.
 * @param answer The answer.
 * @param isWrite Whether something was posted, which then was done.
 * @throws {OutboundError} When it is not as expected.
 */
export function parseGood<T extends z.ZodType>(
  schema: T,
  answer: GoogleAnswer,
  isWrite: boolean,
): z.output<T> {
  const parsed = schema.safeParse(answer.body);
  if (parsed.success) return parsed.data;
  throw new OutboundError("unavailable", { status: answer.status, mayHaveHappened: isWrite });
}

async function send(deps: GoogleRestDeps, call: GoogleCall, isWrite: boolean): Promise<Response> {
  try {
    return await deps.fetch(call.url, {
      method: isWrite ? "POST" : "GET",
      headers: {
        authorization: `Bearer ${call.accessToken}`,
        accept: "application/json",
        ...(isWrite && { "content-type": "application/json" }),
      },
      ...(isWrite && { body: JSON.stringify(call.body) }),
      redirect: "error",
      signal: AbortSignal.any([deps.signal, AbortSignal.timeout(deps.timeoutMs ?? TIMEOUT_MS)]),
    });
  } catch (cause) {
    throw new OutboundError("unavailable", { mayHaveHappened: isWrite, cause });
  }
}

function reasonsOf(
  error: { readonly domain?: unknown; readonly reason?: string | null | undefined },
): string[] {
  return [...(error.reason ? [error.reason] : []), ...(error.domain ? [String(error.domain)] : [])];
}

/** A 403 means "too fast" as often as "not allowed"; its reasons tell. */
function failureOf(status: number, reasons: ReadonlySet<string>): OutboundFailure {
  if (status === 401) return "access_rejected";
  if (status === 429) return "rate_limited";
  if (status >= 500 || status === 408) return "unavailable";
  if (status !== 403) return "rejected";
  const isOneOf = (known: readonly string[]): boolean => known.some((one) => reasons.has(one));
  // An interface that is switched off is filed under usage limits too
  if (isOneOf(PROJECT_REASONS)) return "not_configured";
  if (isOneOf([...USAGE_REASONS, "usageLimits"])) return "rate_limited";
  return isOneOf(SCOPE_REASONS) ? "scope_missing" : "rejected";
}

/** In the header, or, as Gmail writes it, as a time at the end of the message. */
function readRetryAfter(headers: Headers, message: string, clock: Clock): number | null {
  const until = Date.parse(/Retry after (\S+Z)/.exec(message)?.[1] ?? "");
  const header = headers.get("retry-after");
  const seconds = header === null
    ? Math.ceil((until - clock.now().getTime()) / 1_000)
    : Number(header);
  return Number.isFinite(seconds) ? Math.min(Math.max(seconds, 0), RETRY_MAX_SECONDS) : null;
}
