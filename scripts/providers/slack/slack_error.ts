// Slack's refusals: HTTP 200 with ok: false, whatever it is, except for calls that come too fast.

/** A refusal, thrown where it is found and rendered once. */
export class SlackError extends Error {
  override name = "SlackError";

  /**
   * @param code Slack's word.
   * @param extra Further fields, such as what a scope would have to be.
   */
  constructor(readonly code: string, readonly extra: Readonly<Record<string, unknown>> = {}) {
    super(code);
  }
}

/** Renders a refusal. */
export function renderSlackError({ code, extra }: SlackError): Response {
  return Response.json({ ok: false, error: code, ...extra });
}

/** Renders the answer to a call that came too fast. */
export function tooFast(retryAfterSeconds: number): Response {
  return Response.json({ ok: false, error: "ratelimited" }, {
    status: 429,
    headers: { "retry-after": String(retryAfterSeconds) },
  });
}
