// The one error class of the REST room: everything that an error answer consists of.

/** What an error answer says; every part but the code and message may be null. */
export interface RestErrorBody {
  readonly code: string;
  readonly message: string;
  readonly details: unknown;
  readonly hint: string | null;
}

/** An error that is answered with a status and a JSON body. */
export class RestError extends Error {
  override readonly name = "RestError";
  readonly status: number;
  readonly statusText: string | undefined;
  readonly body: RestErrorBody;
  readonly headers: ReadonlyArray<readonly [string, string]>;

  /**
   * @param status The HTTP status.
   * @param body Code and message, and details and hint where there are any.
   * @param extra Headers and a reason phrase of its own.
   */
  constructor(
    status: number,
    body: Pick<RestErrorBody, "code" | "message"> & Partial<RestErrorBody>,
    extra: {
      headers?: ReadonlyArray<readonly [string, string]>;
      statusText?: string | undefined;
    } = {},
  ) {
    super(body.message);
    this.status = status;
    this.statusText = extra.statusText;
    this.headers = extra.headers ?? [];
    this.body = {
      code: body.code,
      details: body.details ?? null,
      hint: body.hint ?? null,
      message: body.message,
    };
  }

  /** The body as it travels. */
  payload(): string {
    const { code, details, hint, message } = this.body;
    return JSON.stringify({ code, details, hint, message });
  }
}
