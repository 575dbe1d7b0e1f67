// Multipart uploads under way: their settings and parts, in memory and mirrored on disk.
import { join } from "node:path";
import { type BlobStore, ignoreMissing, type Segment } from "./blob_store.ts";
import type { ChecksumAlgorithm, ChecksumType } from "./checksums.ts";
import { type ObjectIndex, readTextIfThere } from "./object_index.ts";
import { S3Error } from "./s3_error.ts";

/** What an upload was created with. */
export interface UploadSettings {
  readonly id: string;
  readonly key: string;
  readonly initiatedAt: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly metadata: Readonly<Record<string, string>>;
  readonly checksumAlgorithm?: ChecksumAlgorithm;
  readonly checksumType?: ChecksumType;
}

/** One part that arrived. */
export interface Part {
  readonly number: number;
  readonly size: number;
  readonly etag: string;
  readonly lastModified: string;
  readonly segment: Segment;
  readonly checksum?: { readonly algorithm: ChecksumAlgorithm; readonly value: string };
}

/** An upload under way. */
export interface Upload extends UploadSettings {
  readonly bucket: string;
  readonly parts: Map<number, Part>;
}

/** The uploads of one data folder. */
export class UploadStore {
  readonly #index: ObjectIndex;
  readonly #blobs: BlobStore;
  readonly #uploads = new Map<string, Upload>();

  private constructor(index: ObjectIndex, blobs: BlobStore) {
    this.#index = index;
    this.#blobs = blobs;
  }

  /**
   * Reads unfinished uploads back from disk; one whose object exists was finished.
   *
   * @param index The objects.
   * @param blobs Where the bytes are.
   */
  static async open(index: ObjectIndex, blobs: BlobStore): Promise<UploadStore> {
    const store = new UploadStore(index, blobs);
    for (const bucket of index.buckets()) {
      for await (const entry of Deno.readDir(join(index.bucketDir(bucket.name), "uploads"))) {
        await store.#load(bucket.name, entry.name);
      }
    }
    return store;
  }

  async #load(bucket: string, id: string): Promise<void> {
    const dir = this.#dir(bucket, id);
    const text = await readTextIfThere(join(dir, "upload.json"));
    const settings: UploadSettings | undefined = text === undefined ? undefined : JSON.parse(text);
    const object = settings && this.#index.bucket(bucket).objects.get(settings.key);
    if (settings === undefined || object?.uploadId === id) {
      await Deno.remove(dir, { recursive: true });
      return;
    }
    const parts = new Map<number, Part>();
    for await (const entry of Deno.readDir(dir)) {
      if (!entry.name.startsWith("part-")) continue;
      const part: Part = JSON.parse(await Deno.readTextFile(join(dir, entry.name)));
      parts.set(part.number, part);
    }
    this.#uploads.set(id, { ...settings, bucket, parts });
  }

  /** The files that parts own. */
  *ownedFiles(): Generator<string> {
    for (const upload of this.#uploads.values()) {
      for (const part of upload.parts.values()) yield part.segment.file;
    }
  }

  /** The uploads of a bucket. */
  ofBucket(bucket: string): Upload[] {
    return [...this.#uploads.values()].filter((upload) => upload.bucket === bucket);
  }

  /** Starts an upload. */
  async create(bucket: string, settings: UploadSettings): Promise<void> {
    const dir = this.#dir(bucket, settings.id);
    await Deno.mkdir(dir);
    await this.#blobs.replaceText(join(dir, "upload.json"), JSON.stringify(settings));
    this.#uploads.set(settings.id, { ...settings, bucket, parts: new Map() });
  }

  /** Finds an upload, or gives undefined. */
  find(bucket: string, key: string, id: string): Upload | undefined {
    const upload = this.#uploads.get(id);
    return upload?.bucket === bucket && upload.key === key ? upload : undefined;
  }

  /**
   * Finds an upload.
   *
   * @throws {S3Error} `NoSuchUpload`, also when it belongs to another key.
   */
  get(bucket: string, key: string, id: string): Upload {
    const upload = this.find(bucket, key, id);
    if (upload === undefined) throw new S3Error("NoSuchUpload", undefined, [["UploadId", id]]);
    return upload;
  }

  /** Keeps a part in place of any earlier one of its number. */
  async putPart(upload: Upload, part: Part): Promise<void> {
    const path = join(this.#dir(upload.bucket, upload.id), `part-${part.number}.json`);
    await this.#blobs.replaceText(path, JSON.stringify(part));
    const previous = upload.parts.get(part.number);
    upload.parts.set(part.number, part);
    if (previous !== undefined) await this.#blobs.remove([previous.segment]);
  }

  /**
   * Forgets an upload.
   *
   * @param upload The upload.
   * @param keep The files that an object took over.
   */
  async remove(upload: Upload, keep: ReadonlySet<string> = new Set()): Promise<void> {
    this.#uploads.delete(upload.id);
    await Deno.remove(this.#dir(upload.bucket, upload.id), { recursive: true })
      .catch(ignoreMissing);
    const segments = [...upload.parts.values()].map(({ segment }) => segment);
    await this.#blobs.remove(segments.filter(({ file }) => !keep.has(file)));
  }

  #dir(bucket: string, id: string): string {
    return join(this.#index.bucketDir(bucket), "uploads", id);
  }
}
