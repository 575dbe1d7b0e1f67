// What outlives a restart or a kill, what readers see while writers write, and how little memory it takes.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { z } from "zod";
import { CREDENTIALS, patternBytes, startStorage } from "./start_storage.ts";
import { presign } from "./sign_request.ts";

const MIB = 1024 * 1024;
const MAIN = new URL("../../../scripts/stack/storage/main.ts", import.meta.url);

Deno.test("storage keeps everything over a restart and clears away what a crash left", async () => {
  await using storage = await startStorage();
  const { client } = storage;
  for (const key of ["b", "a/ü", "c"]) {
    await client.send(new PutObjectCommand({ Bucket: "media", Key: key, Body: `body of ${key}` }));
  }
  await client.send(new DeleteObjectCommand({ Bucket: "media", Key: "b" }));
  const before = await storage.files();
  await Deno.writeTextFile(`${storage.dataDir}/blobs/orphan`, "left by a crash");
  await Deno.writeTextFile(`${storage.dataDir}/tmp/half`, "written by hal");
  await storage.restart();
  assert.deepEqual((await storage.files()).sort(), before.sort());
  const list = await client.send(new ListObjectsV2Command({ Bucket: "media" }));
  assert.deepEqual(list.Contents?.map(({ Key }) => Key), ["a/ü", "c"]);
  const read = await client.send(new GetObjectCommand({ Bucket: "media", Key: "a/ü" }));
  assert.equal(await read.Body?.transformToString(), "body of a/ü");
});

Deno.test("storage shows readers one version whole while it is replaced and deleted", async () => {
  await using storage = await startStorage();
  const { client } = storage;
  const target = { Bucket: "media", Key: "hot" };
  const versions = [1, 2, 3].map((seed) => patternBytes(3 * MIB, seed));
  const known = new Set(versions.map((body) => createHash("md5").update(body).digest("hex")));
  await client.send(new PutObjectCommand({ ...target, Body: versions[0] ?? "" }));
  const read = async () => {
    const got = await client.send(new GetObjectCommand(target));
    const digest = createHash("md5").update(await got.Body?.transformToByteArray() ?? "").digest(
      "hex",
    );
    assert.ok(known.has(digest));
    assert.equal(got.ETag, `"${digest}"`);
  };
  const slow = await fetch(presign({ method: "GET", url: `${storage.url}/media/hot` }));
  const writes = versions.map((Body) => client.send(new PutObjectCommand({ ...target, Body })));
  await Promise.all([...writes, read(), read(), read(), read()]);
  await client.send(new DeleteObjectCommand(target));
  const late = new Uint8Array(await slow.arrayBuffer());
  assert.deepEqual(late, versions[0]);
  assert.deepEqual(await storage.files(), []);
});

Deno.test("storage drops an upload whose client goes away", async () => {
  await using storage = await startStorage();
  const url = new URL(presign({ method: "PUT", url: `${storage.url}/media/half` }));
  const connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(url.port) });
  const head = `PUT ${url.pathname}${url.search} HTTP/1.1\r\nhost: ${url.host}\r\n` +
    `content-length: 1000000\r\n\r\n`;
  await connection.write(new TextEncoder().encode(head + "x".repeat(5000)));
  await new Promise((resolve) => setTimeout(resolve, 50));
  connection.close();
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.deepEqual(await storage.files(), []);
  const list = await storage.client.send(new ListObjectsV2Command({ Bucket: "media" }));
  assert.equal(list.KeyCount, 0);
});

Deno.test("storage streams 256 MiB in and out with flat memory, and ends with its input", async () => {
  const dataDir = await Deno.makeTempDir({ prefix: "storage-" });
  const command = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-lock",
      "-A",
      MAIN.pathname,
      "--port",
      "0",
      "--data-dir",
      dataDir,
      "--bucket",
      "media",
    ],
    env: {
      STORAGE_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
      STORAGE_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    },
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  });
  const process = command.spawn();
  const output = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const first = await output.read();
  const { url } = z.object({ url: z.url() }).parse(JSON.parse(first.value ?? ""));
  const chunk = patternBytes(MIB);
  const size = 256 * MIB;
  await fetch(presign({ method: "PUT", url: `${url}/media/warm` }), { method: "PUT", body: chunk });
  const before = await residentBytes(process.pid);
  const status = await upload(presign({ method: "PUT", url: `${url}/media/big` }), chunk, 256);
  assert.match(status, /^HTTP\/1.1 200 /);
  let received = 0;
  const read = await fetch(presign({ method: "GET", url: `${url}/media/big` }));
  for await (const piece of read.body ?? []) received += piece.length;
  assert.equal(received, size);
  const peak = await peakBytes(process.pid);
  assert.ok(peak - before < 96 * MIB, `Grew by ${Math.round((peak - before) / MIB)} MiB`);
  await process.stdin.close();
  assert.equal((await process.status).code, 0);
  await output.cancel();
  await Deno.remove(dataDir, { recursive: true });
});

/** Sends a body of repeated chunks over a bare connection, since `fetch` cannot say its length. */
async function upload(target: string, chunk: Uint8Array, times: number): Promise<string> {
  const url = new URL(target);
  using connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(url.port) });
  const head = `PUT ${url.pathname}${url.search} HTTP/1.1\r\nhost: ${url.host}\r\n` +
    `content-length: ${chunk.length * times}\r\n\r\n`;
  await connection.write(new TextEncoder().encode(head));
  for (let i = 0; i < times; i++) {
    for (let at = 0; at < chunk.length;) at += await connection.write(chunk.subarray(at));
  }
  const answer = new Uint8Array(4096);
  const count = await connection.read(answer);
  return new TextDecoder().decode(answer.subarray(0, count ?? 0));
}

async function residentBytes(pid: number): Promise<number> {
  return await readStatus(pid, "VmRSS");
}

async function peakBytes(pid: number): Promise<number> {
  return await readStatus(pid, "VmHWM");
}

async function readStatus(pid: number, field: string): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  const kib = new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(status)?.[1];
  return Number(kib) * 1024;
}
