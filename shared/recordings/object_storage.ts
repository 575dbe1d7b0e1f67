// What the store of recordings must be able to do, and how it may fail. The edge implements it on S3.

/** An upload in parts, as it begins. */
export interface NewMultipart {
  readonly key: string;
  /** What the object will be served as. */
  readonly contentType: string;
  /** Kept with the object, so that it can be told later which attempt made it. */
  readonly mark: string;
}

/** A small object, stored in one call. */
export interface NewObject extends NewMultipart {
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** One part of an upload. */
export interface PartUpload {
  readonly key: string;
  readonly uploadId: string;
  /** From 1 to 10,000. */
  readonly number: number;
  /** Not changed by the call, and free again once it has ended. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A part that the store has, as completing the upload must name it. */
export interface StoredPart {
  readonly number: number;
  readonly bytes: number;
  readonly etag: string;
  /** CRC-32, in base64, as the store verified it. */
  readonly checksum: string;
}

/** An object. */
export interface StoredObject {
  readonly bytes: number;
  readonly etag: string;
  /** The mark it was made with; null for another's object. */
  readonly mark: string | null;
}

/** An upload that was begun and neither completed nor aborted. */
export interface OpenMultipart {
  readonly key: string;
  readonly uploadId: string;
  readonly initiatedAt: Date;
}

/** Uploads that are open, and where the next page begins. */
export interface MultipartPage {
  readonly uploads: readonly OpenMultipart[];
  readonly next: string | null;
}

/** The store of one bucket. Every call may throw {@link ObjectStorageError}. */
export interface ObjectStorage {
  /** Name of the bucket, for the permanent places of objects. */
  readonly bucket: string;
  /** Begins an upload in parts; gives its id. */
  createMultipart(upload: NewMultipart): Promise<string>;
  /** Sends one part; the store checks its checksum. The same number again replaces it. */
  uploadPart(part: PartUpload): Promise<StoredPart>;
  /** The parts that the store has, from the number after `after` on, in order. */
  listParts(key: string, uploadId: string, after: number): Promise<readonly StoredPart[]>;
  /** Makes the object out of the parts, if they add up to `bytes`. Answers its tag. */
  completeMultipart(
    key: string,
    uploadId: string,
    parts: readonly StoredPart[],
    bytes: number,
  ): Promise<string>;
  /** Gives an upload up and frees its parts; one that is gone already is none the worse. */
  abortMultipart(key: string, uploadId: string): Promise<void>;
  /** Open uploads whose keys begin with `prefix`, a page at a time. */
  listMultiparts(prefix: string, from: string | null): Promise<MultipartPage>;
  /** Stores a small object in one call; gives its tag. */
  putObject(object: NewObject): Promise<string>;
  /** What is stored under a key, or null. */
  headObject(key: string): Promise<StoredObject | null>;
  /** Deletes every object and open upload under a prefix; gives how many objects there were. */
  deletePrefix(prefix: string): Promise<number>;
  /** Bytes of the objects under a prefix, and how many there are. */
  measurePrefix(prefix: string): Promise<{ readonly objects: number; readonly bytes: number }>;
  /** An address that reads one object for so many seconds, for whoever holds it. */
  presignGet(key: string, seconds: number): Promise<string>;
}

/**
 * Why a call failed, as far as it decides what to do next.
 *
 * - `no_such_upload`: completed or aborted already, or expired.
 * - `corrupted`: what arrived is not what was sent; sending it again helps.
 * - `invalid_parts`: the parts that were named are not those that the store has.
 * - `throttled`, `unavailable`: later.
 * - `denied`: our credentials or their rights; only an operator can mend it.
 * - `rejected`: a defect, ours or theirs.
 */
export type StorageFailure =
  | "no_such_upload"
  | "corrupted"
  | "invalid_parts"
  | "throttled"
  | "unavailable"
  | "denied"
  | "rejected";

/** A call of the store that did not work. */
export class ObjectStorageError extends Error {
  override readonly name = "ObjectStorageError";

  /**
   * @param failure What it means for us.
   * @param status The HTTP status, if there was an answer.
   * @param options The cause, if something was thrown.
   */
  constructor(
    readonly failure: StorageFailure,
    readonly status: number | null = null,
    options?: ErrorOptions,
  ) {
    super(failure, options);
  }

  /** The same, under the name that the log reads. */
  get code(): string {
    return `storage_${this.failure}`;
  }

  /** Whether the same call may well work in a moment. */
  get isTransient(): boolean {
    return this.failure === "throttled" || this.failure === "unavailable" ||
      this.failure === "corrupted";
  }
}
