// Buckets and objects: what exists, in key order, kept in memory and mirrored in one file each.
import { join } from "node:path";
import { type BlobStore, ignoreMissing, type Segment } from "./blob_store.ts";
import type { StoredChecksum } from "./checksums.ts";
import { S3Error } from "./s3_error.ts";
import { sha256Hex } from "./signature.ts";

/** All that is known about an object but its bytes. */
export interface ObjectRecord {
  readonly key: string;
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  /** ISO 8601. */
  readonly lastModified: string;
  /** Headers that a read repeats: `content-type`, `cache-control` … */
  readonly headers: Readonly<Record<string, string>>;
  /** User metadata, without the `x-amz-meta-` prefix. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly segments: readonly Segment[];
  readonly checksum?: StoredChecksum;
  /** The multipart upload that made it: completing that again gives the same answer. */
  readonly uploadId?: string;
}

/** One bucket. */
export interface Bucket {
  readonly name: string;
  readonly createdAt: string;
  readonly objects: Map<string, ObjectRecord>;
  /** The keys in S3's order, that of their UTF-8 bytes. */
  readonly sortedKeys: string[];
}

/** The catalogue of one data folder. */
export class ObjectIndex {
  readonly #root: string;
  readonly #blobs: BlobStore;
  readonly #buckets = new Map<string, Bucket>();

  private constructor(dataDir: string, blobs: BlobStore) {
    this.#root = join(dataDir, "buckets");
    this.#blobs = blobs;
  }

  /**
   * Reads the catalogue back from disk.
   *
   * @param dataDir The server's folder.
   * @param blobs Where the bytes are.
   */
  static async open(dataDir: string, blobs: BlobStore): Promise<ObjectIndex> {
    const index = new ObjectIndex(dataDir, blobs);
    await Deno.mkdir(index.#root, { recursive: true });
    for await (const entry of Deno.readDir(index.#root)) {
      if (entry.isDirectory) await index.#load(entry.name);
    }
    return index;
  }

  async #load(name: string): Promise<void> {
    const source = await readTextIfThere(join(this.#root, name, "bucket.json"));
    if (source === undefined) return;
    const { createdAt }: { createdAt: string } = JSON.parse(source);
    const objects = new Map<string, ObjectRecord>();
    for await (const entry of Deno.readDir(join(this.#root, name, "objects"))) {
      const text = await Deno.readTextFile(join(this.#root, name, "objects", entry.name));
      const record: ObjectRecord = JSON.parse(text);
      objects.set(record.key, record);
    }
    const sortedKeys = [...objects.keys()].sort(compareUtf8);
    this.#buckets.set(name, { name, createdAt, objects, sortedKeys });
  }

  /** All buckets, by name. */
  buckets(): Bucket[] {
    return [...this.#buckets.values()].sort((a, b) => compareUtf8(a.name, b.name));
  }

  /** Whether a bucket exists. */
  hasBucket(name: string): boolean {
    return this.#buckets.has(name);
  }

  /**
   * Finds a bucket.
   *
   * @throws {S3Error} `NoSuchBucket`.
   */
  bucket(name: string): Bucket {
    const bucket = this.#buckets.get(name);
    if (bucket === undefined) {
      throw new S3Error("NoSuchBucket", undefined, [["BucketName", name]]);
    }
    return bucket;
  }

  /** The folder of a bucket, for those who keep more in it. */
  bucketDir(name: string): string {
    return join(this.#root, name);
  }

  /** Makes a bucket. */
  async createBucket(name: string, createdAt: string): Promise<void> {
    await Deno.mkdir(join(this.#root, name, "objects"), { recursive: true });
    await Deno.mkdir(join(this.#root, name, "uploads"), { recursive: true });
    await this.#blobs.replaceText(
      join(this.#root, name, "bucket.json"),
      JSON.stringify({ createdAt }),
    );
    this.#buckets.set(name, { name, createdAt, objects: new Map(), sortedKeys: [] });
  }

  /** Removes a bucket, which the caller found to be empty. */
  async deleteBucket(name: string): Promise<void> {
    this.#buckets.delete(name);
    await Deno.remove(join(this.#root, name), { recursive: true });
  }

  /** Stores an object under its key in place of any earlier one. */
  async put(bucketName: string, record: ObjectRecord): Promise<void> {
    const bucket = this.bucket(bucketName);
    await this.#blobs.replaceText(
      this.#recordPath(bucketName, record.key),
      JSON.stringify(record),
    );
    const previous = bucket.objects.get(record.key);
    bucket.objects.set(record.key, record);
    if (previous === undefined) {
      bucket.sortedKeys.splice(lowerBound(bucket.sortedKeys, record.key), 0, record.key);
    } else {
      await this.#blobs.remove(previous.segments);
    }
  }

  /** Removes an object; nothing happens when there is none. */
  async remove(bucketName: string, key: string): Promise<void> {
    const bucket = this.bucket(bucketName);
    const record = bucket.objects.get(key);
    if (record === undefined) return;
    await Deno.remove(this.#recordPath(bucketName, key)).catch(ignoreMissing);
    bucket.objects.delete(key);
    bucket.sortedKeys.splice(lowerBound(bucket.sortedKeys, key), 1);
    await this.#blobs.remove(record.segments);
  }

  /** A key may hold anything, so the file's name is its hash. */
  #recordPath(bucket: string, key: string): string {
    return join(this.#root, bucket, "objects", `${sha256Hex(key)}.json`);
  }
}

/**
 * Finds the place of the first key that is not before another one.
 *
 * @param keys Sorted by `compareUtf8`.
 * @param key The key to place.
 */
export function lowerBound(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareUtf8(keys[middle] ?? "", key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Orders texts as their UTF-8 bytes; plain comparison would put surrogate pairs too early.
 */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return codeRank(x) - codeRank(y);
  }
  return a.length - b.length;
}

function codeRank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

/** Reads a file, or gives undefined where there is none. */
export async function readTextIfThere(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (cause) {
    ignoreMissing(cause);
    return undefined;
  }
}
