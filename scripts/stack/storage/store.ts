// Everything that one storage server remembers, opened from its folder.
import { BlobStore } from "./blob_store.ts";
import { KeyedLock } from "./keyed_lock.ts";
import { ObjectIndex } from "./object_index.ts";
import { UploadStore } from "./upload_store.ts";

/** The parts of the store, and the lock under which each name changes. */
export interface Store {
  readonly blobs: BlobStore;
  readonly index: ObjectIndex;
  readonly uploads: UploadStore;
  readonly locks: KeyedLock;
}

/**
 * Opens the store and clears away what a crash left behind.
 *
 * @param dataDir Its folder; made when missing.
 */
export async function openStore(dataDir: string): Promise<Store> {
  await Deno.mkdir(dataDir, { recursive: true });
  const blobs = await BlobStore.open(dataDir);
  const index = await ObjectIndex.open(dataDir, blobs);
  const uploads = await UploadStore.open(index, blobs);
  const owned = new Set(uploads.ownedFiles());
  for (const bucket of index.buckets()) {
    for (const record of bucket.objects.values()) {
      for (const segment of record.segments) owned.add(segment.file);
    }
  }
  await blobs.sweep(owned);
  return { blobs, index, uploads, locks: new KeyedLock() };
}
