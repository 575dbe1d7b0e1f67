// A storage server in a folder of its own, with an SDK client for it.
import { S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import { serveStorage, type StorageServer } from "../../../scripts/stack/storage/server.ts";

/** The key pair of every server under test. */
export const CREDENTIALS = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
};

/** A server under test. */
export interface StorageUnderTest extends AsyncDisposable {
  readonly url: string;
  readonly dataDir: string;
  readonly client: S3Client;
  /** Another client, for instance with other checksum settings. */
  connect(config?: S3ClientConfig): S3Client;
  /** Scripts a fault or moves the clock. */
  control(document: Readonly<Record<string, unknown>>): Promise<void>;
  /** Stops the server and starts it again on the same folder and port. */
  restart(): Promise<void>;
  /** Every file below the data folder, bucket descriptions excepted. */
  files(): Promise<string[]>;
}

/**
 * Starts a server with the bucket `media`.
 *
 * @returns It; disposing stops it and removes its folder.
 */
export async function startStorage(): Promise<StorageUnderTest> {
  const dataDir = await Deno.makeTempDir({ prefix: "storage-" });
  const options = { dataDir, credentials: CREDENTIALS, buckets: ["media"] };
  let server: StorageServer = await serveStorage({ ...options, port: 0 });
  const { url, port } = server;
  const clients: S3Client[] = [];
  const connect = (config: S3ClientConfig = {}): S3Client => {
    const client = new S3Client({
      region: "us-east-1",
      endpoint: url,
      forcePathStyle: true,
      credentials: CREDENTIALS,
      maxAttempts: 1,
      ...config,
    });
    clients.push(client);
    return client;
  };
  return {
    url,
    dataDir,
    client: connect(),
    connect,
    control: async (document) => {
      const answer = await fetch(`${url}/_control`, {
        method: "POST",
        body: JSON.stringify(document),
      });
      if (!answer.ok) throw new Error(`Cannot script storage: ${await answer.text()}`);
      await answer.body?.cancel();
    },
    restart: async () => {
      await server.close();
      server = await serveStorage({ ...options, port });
    },
    files: async () => await filesBelow(dataDir),
    [Symbol.asyncDispose]: async () => {
      for (const client of clients) client.destroy();
      await server.close();
      await Deno.remove(dataDir, { recursive: true });
    },
  };
}

async function filesBelow(dir: string): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of Deno.readDir(dir)) {
    const path = `${dir}/${entry.name}`;
    if (entry.isDirectory) found.push(...await filesBelow(path));
    else if (entry.name !== "bucket.json") found.push(path);
  }
  return found;
}

/** Bytes that differ everywhere, so that a misplaced piece shows. */
export function patternBytes(size: number, seed = 1): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  let state = seed;
  for (let i = 0; i < size; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}
