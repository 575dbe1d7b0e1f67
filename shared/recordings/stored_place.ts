// How the permanent place of a stored file is written: `s3://<bucket>/<key>`. It says where, and opens
// nothing; whoever may watch gets a signed address of minutes (C-04).

/** A stored file. */
export interface StoredPlace {
  readonly bucket: string;
  readonly key: string;
}

const PLACE = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/(meeting-recordings\/[\w./-]+)$/;

/**
 * Writes a place.
 *
 * @param place Bucket and key.
 * @returns `s3://<bucket>/<key>`.
 */
export function formatStoredPlace(place: StoredPlace): string {
  return `s3://${place.bucket}/${place.key}`;
}

/**
 * Reads a place that a row holds.
 *
 * @param text As `formatStoredPlace` wrote it.
 * @returns Bucket and key, or null for anything that is not a recording of ours.
 */
export function parseStoredPlace(text: string): StoredPlace | null {
  const [, bucket, key] = PLACE.exec(text) ?? [];
  if (bucket === undefined || key === undefined || key.includes("..")) return null;
  return { bucket, key };
}
