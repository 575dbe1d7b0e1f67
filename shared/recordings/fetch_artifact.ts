// How a provider's files are read: as a port, so that whoever reads them can only do so by the guarded
// way that the edge implements.

/** Where a file is continued, and which version of it was read before. */
export interface ArtifactRange {
  readonly offset: number;
  /** Tag of the version that was read before; null when it had none. */
  readonly etag: string | null;
}

/** One file to read. */
export interface ArtifactRequest {
  readonly url: string;
  /** A larger file is refused. */
  readonly maxBytes: number;
  /** Media types that are accepted, such as `video/mp4`; `audio/*` stands for all of a kind. */
  readonly contentTypes: readonly string[];
  readonly signal: AbortSignal;
  /** Absent: from the first byte. */
  readonly range?: ArtifactRange;
}

/** An answer whose body has not been read. */
export interface Artifact {
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Position of the body's first byte; 0 when the range was not honoured or the file has changed. */
  readonly offset: number;
  /** Size of the whole file; null when the answer does not say. */
  readonly totalBytes: number | null;
  readonly etag: string | null;
  readonly contentType: string;
}

/** Opens a file. @throws {ArtifactError} */
export type FetchArtifact = (request: ArtifactRequest) => Promise<Artifact>;

/**
 * Why a file could not be read.
 *
 * - `refused`: the address, or where it leads, is not one that we open.
 * - `expired`: the address has stopped to work; a new one may be had.
 * - `unavailable`: later.
 * - `too_large`, `unexpected_type`, `malformed_answer`: not what a recording looks like.
 */
export type ArtifactFailure =
  | "refused"
  | "expired"
  | "unavailable"
  | "too_large"
  | "unexpected_type"
  | "malformed_answer";

/** A file that could not be read. */
export class ArtifactError extends Error {
  override readonly name = "ArtifactError";

  /**
   * @param failure What it means for us.
   * @param status The HTTP status, if there was an answer.
   * @param options The cause, if something was thrown.
   */
  constructor(
    readonly failure: ArtifactFailure,
    readonly status: number | null = null,
    options?: ErrorOptions,
  ) {
    super(failure, options);
  }

  /** The same, under the name that the log reads. */
  get code(): string {
    return `source_${this.failure}`;
  }
}

/**
 * Reads a small file as text.
 *
 * @param artifact The opened file.
 * @param maxBytes More than that is refused, whatever the answer announced.
 * @returns The text, which must be UTF-8.
 * @throws {ArtifactError} `too_large`, `malformed_answer` or `unavailable`.
 */
export async function readArtifactText(artifact: Artifact, maxBytes: number): Promise<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let bytes = 0;
  try {
    for await (const chunk of artifact.body) {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) throw new ArtifactError("too_large");
      text += decoder.decode(chunk, { stream: true });
    }
    return text + decoder.decode();
  } catch (cause) {
    if (cause instanceof ArtifactError) throw cause;
    // A fatal decoder says TypeError too, but only a network failure leaves bytes unread
    const isCut = artifact.totalBytes !== null && bytes < artifact.totalBytes - artifact.offset;
    throw new ArtifactError(isCut ? "unavailable" : "malformed_answer", null, { cause });
  }
}
