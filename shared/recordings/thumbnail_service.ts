// Who makes preview pictures: a function of ours outside the platform, since decoding a video takes
// more than an edge function has. It is handed a short-lived address of one video and nothing else.

/** A picture that was made and stored by its maker. */
export interface MadeThumbnail {
  /** Where people see it. */
  readonly httpUrl: string;
  /** Where it lies, as its maker names it. */
  readonly s3Location: string;
}

/**
 * Why there is no picture: `rejected` and `not_configured` stay so until somebody does something, the
 * others may pass.
 */
export type ThumbnailFailure = "rejected" | "unavailable" | "malformed_answer" | "not_configured";

/** Thrown by a thumbnail service. */
export class ThumbnailError extends Error {
  override readonly name = "ThumbnailError";

  /**
   * @param failure What kind of failure it is.
   * @param status What the service answered with; null when it did not answer.
   * @param options The cause.
   */
  constructor(
    readonly failure: ThumbnailFailure,
    readonly status: number | null,
    options?: ErrorOptions,
  ) {
    super(`thumbnail_${failure}`, options);
  }
}

/** Makes preview pictures of videos. */
export interface ThumbnailService {
  /**
   * Makes the picture of one video.
   *
   * @param signedVideoUrl Address of the video, good for minutes.
   * @returns Where the picture is.
   * @throws {ThumbnailError} When there is none.
   */
  makeThumbnail(signedVideoUrl: string): Promise<MadeThumbnail>;
}
