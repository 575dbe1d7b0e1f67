// The host of artifacts: files that exist nowhere, of any size, behind addresses that die; and each
// of the ways in which a download breaks.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { z } from "zod";
import { type ProvidersUnderTest, startProviders } from "./start_providers.ts";

const Put = z.object({
  id: z.string(),
  url: z.url(),
  bytes: z.number(),
  etag: z.string().regex(/^"[0-9a-f]{32}"$/),
  sha256: z.string().optional(),
});
const Checksum = z.object({ bytes: z.number(), sha256: z.string(), etag: z.string() });
const Reads = z.array(z.looseObject({
  status: z.number(),
  range: z.string().nullable(),
  bytes_sent: z.number(),
  outcome: z.string(),
  has_credentials: z.boolean(),
}));

async function put(providers: ProvidersUnderTest, more: Readonly<Record<string, unknown>>) {
  const order = { provider: "artifacts", action: "put", ...more };
  return Put.parse(await providers.control(order));
}

function fault(providers: ProvidersUnderTest, more: Readonly<Record<string, unknown>>) {
  return providers.control({ provider: "artifacts", action: "fault", ...more });
}

async function bytesOf(response: Response): Promise<Uint8Array> {
  return new Uint8Array(await response.arrayBuffer());
}

function get(url: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, { headers, redirect: "manual" });
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

Deno.test("an artifact is the same bytes each time, with the checksum that the ledger names", async () => {
  await using providers = await startProviders();
  for (const kind of ["video", "audio", "file"]) {
    const { url, sha256: expected, bytes, id } = await put(providers, { kind, bytes: 3_000_001 });
    const whole = await bytesOf(await get(url));
    assert.equal(whole.length, bytes);
    assert.equal(sha256(whole), expected);
    assert.deepEqual(await bytesOf(await get(url)), whole);
    const start = new TextDecoder("latin1").decode(whole.subarray(0, 256));
    assert.ok(start.includes(`sixty-artifact:${id}\n`));
  }
});

Deno.test("a video is a sequence of boxes that ends with the file, a sound begins as FLAC does", async () => {
  await using providers = await startProviders();
  const video = await put(providers, { kind: "video", bytes: 1_000_000 });
  const response = await get(video.url);
  assert.equal(response.headers.get("content-type"), "video/mp4");
  const bytes = await bytesOf(response);
  const view = new DataView(bytes.buffer);
  const names: string[] = [];
  let at = 0;
  while (at < bytes.length) {
    names.push(new TextDecoder("latin1").decode(bytes.subarray(at + 4, at + 8)));
    const size = view.getUint32(at);
    at += size === 1 ? Number(view.getBigUint64(at + 8)) : size;
  }
  assert.deepEqual(names, ["ftyp", "free", "mdat"]);
  assert.equal(at, bytes.length);

  const audio = await put(providers, { kind: "audio", bytes: 10_000 });
  const sound = await get(audio.url);
  assert.equal(sound.headers.get("content-type"), "audio/flac");
  assert.equal(new TextDecoder("latin1").decode((await bytesOf(sound)).subarray(0, 4)), "fLaC");
});

Deno.test("any part of a file is what the whole has there, also across blocks", async () => {
  await using providers = await startProviders();
  const { url, bytes, etag } = await put(providers, { bytes: 400_003 });
  const whole = await bytesOf(await get(url));
  const parts: Array<readonly [number, number]> = [
    [0, 0],
    [0, 99],
    [65_530, 65_545],
    [65_536, 131_071],
    [65_537, 200_000],
    [131_075, 131_080],
    [399_999, 400_002],
  ];
  for (const [first, last] of parts) {
    const response = await get(url, { range: `bytes=${first}-${last}` });
    assert.equal(response.status, 206);
    assert.equal(response.headers.get("content-range"), `bytes ${first}-${last}/${bytes}`);
    assert.equal(response.headers.get("content-length"), String(last - first + 1));
    assert.equal(response.headers.get("etag"), etag);
    assert.deepEqual(await bytesOf(response), whole.slice(first, last + 1));
  }
  const open = await get(url, { range: "bytes=400000-" });
  assert.deepEqual(await bytesOf(open), whole.slice(400_000));
  const suffix = await get(url, { range: "bytes=-7" });
  assert.deepEqual(await bytesOf(suffix), whole.slice(-7));
  const beyond = await get(url, { range: "bytes=400003-" });
  assert.equal(beyond.status, 416);
  assert.equal(beyond.headers.get("content-range"), "bytes */400003");
  await beyond.body?.cancel();
  const several = await get(url, { range: "bytes=0-1,5-6" });
  assert.equal(several.status, 200);
  await several.body?.cancel();
});

Deno.test("a part of another version is not given: If-Range and If-Match are honoured", async () => {
  await using providers = await startProviders();
  const { url, id, etag, sha256: before } = await put(providers, { bytes: 100_000 });
  const same = await get(url, { range: "bytes=10-19", "if-range": etag });
  assert.equal(same.status, 206);
  await same.body?.cancel();
  const changed = Put.parse(
    await providers.control({ provider: "artifacts", action: "change", id }),
  );
  assert.notEqual(changed.etag, etag);
  assert.notEqual(changed.sha256, before);
  const other = await get(url, { range: "bytes=10-19", "if-range": etag });
  assert.equal(other.status, 200);
  assert.equal(other.headers.get("etag"), changed.etag);
  assert.equal(sha256(await bytesOf(other)), changed.sha256);
  const refused = await get(url, { "if-match": etag });
  assert.equal(refused.status, 412);
  await refused.body?.cancel();
  const unchanged = await get(url, { "if-none-match": changed.etag });
  assert.equal(unchanged.status, 304);
});

Deno.test("an address dies after four hours of the simulators' time, and a forged one never lives", async () => {
  await using providers = await startProviders();
  const { url, id } = await put(providers, { bytes: 1000 });
  await providers.control({ action: "advance", seconds: 4 * 3600 - 60 });
  const alive = await get(url);
  assert.equal(alive.status, 200);
  await alive.body?.cancel();
  await providers.control({ action: "advance", seconds: 120 });
  const dead = await get(url);
  assert.equal(dead.status, 403);
  assert.match(await dead.text(), /<Code>AccessDenied<\/Code><Message>Request has expired/);
  const fresh = z.object({ url: z.url() }).parse(
    await providers.control({ provider: "artifacts", action: "presign", id }),
  );
  const again = await get(fresh.url);
  assert.equal(again.status, 200);
  await again.body?.cancel();

  const stretched = new URL(fresh.url);
  stretched.searchParams.set("X-Amz-Expires", "999999");
  const forged = await get(stretched.href);
  assert.match(await forged.text(), /SignatureDoesNotMatch/);
  const bare = await get(`${providers.url}/artifacts/${id}`);
  assert.equal(bare.status, 403);
  await bare.body?.cancel();
});

Deno.test("HEAD tells what GET would, unless the host is told to refuse it as S3 does", async () => {
  await using providers = await startProviders();
  const { url, etag } = await put(providers, { bytes: 12_345 });
  const head = await fetch(url, { method: "HEAD" });
  assert.equal(head.status, 200);
  assert.equal(head.headers.get("content-length"), "12345");
  assert.equal(head.headers.get("etag"), etag);
  await providers.control({ provider: "artifacts", action: "configure", head: "refused" });
  assert.equal((await fetch(url, { method: "HEAD" })).status, 403);
});

Deno.test("faults strike the downloads that they are meant for, and only so often", async () => {
  await using providers = await startProviders();
  const { url, id, etag, sha256: expected } = await put(providers, { bytes: 2_000_000 });
  const other = await put(providers, { bytes: 10 });
  await fault(providers, { do: "error", status: 503, id, nth: 2 });
  const answers: number[] = [];
  for (const address of [url, other.url, url, url]) {
    const response = await get(address);
    await response.body?.cancel();
    answers.push(response.status);
  }
  assert.deepEqual(answers, [200, 200, 503, 200]);

  await fault(providers, { do: "cut", at_byte: 1_500_000 });
  const early = await get(url, { range: "bytes=0-999" });
  assert.equal((await bytesOf(early)).length, 1000);
  await fault(providers, { do: "cut", at_byte: 1_500_000 });
  await assert.rejects(async () => await bytesOf(await get(url, { range: "bytes=1000000-" })));

  await fault(providers, { do: "redirect" });
  const redirect = await get(url);
  assert.equal(redirect.status, 302);
  assert.equal(sha256(await bytesOf(await get(redirect.headers.get("location") ?? ""))), expected);

  await fault(providers, { do: "wrong_etag" });
  const tagged = await get(url, { range: "bytes=0-9" });
  assert.notEqual(tagged.headers.get("etag"), etag);
  await tagged.body?.cancel();

  await fault(providers, { do: "corrupt" });
  assert.notEqual(sha256(await bytesOf(await get(url))), expected);
  await fault(providers, { do: "ignore_range" });
  const whole = await get(url, { range: "bytes=5-9" });
  assert.equal(whole.status, 200);
  await whole.body?.cancel();
  await fault(providers, { do: "content_type", value: "text/html" });
  const page = await get(url, { range: "bytes=0-0" });
  assert.equal(page.headers.get("content-type"), "text/html");
  await page.body?.cancel();
  await fault(providers, { do: "wrong_length" });
  const longer = await get(url, { range: "bytes=0-0" });
  assert.equal(longer.headers.get("content-range"), "bytes 0-0/2000001");
  await longer.body?.cancel();
  assert.equal(sha256(await bytesOf(await get(url))), expected);
});

Deno.test("a stalled download stays open and gives nothing more until its reader goes", async () => {
  await using providers = await startProviders();
  const { url, id } = await put(providers, { bytes: 1_000_000 });
  await fault(providers, { do: "stall", after_bytes: 1000 });
  const stop = new AbortController();
  const response = await fetch(url, { signal: stop.signal });
  const reader = response.body?.getReader();
  assert.equal((await reader?.read())?.value?.length, 1000);
  const next = reader?.read();
  const winner = await Promise.race([
    Promise.allSettled([next]).then(() => "came"),
    new Promise((resolve) => setTimeout(resolve, 300, "silence")),
  ]);
  assert.equal(winner, "silence");
  stop.abort();
  await assert.rejects(async () => await next);
  const [read] = Reads.parse(
    await providers.control({ provider: "artifacts", action: "reads", id }),
  );
  assert.equal(read?.bytes_sent, 1000);
  assert.equal(read?.outcome, "stalled");
});

Deno.test("the ledger has each request with its range, its bytes and whether it carried a key", async () => {
  await using providers = await startProviders();
  const { url, id } = await put(providers, { bytes: 5000 });
  await bytesOf(await get(url, { range: "bytes=100-299" }));
  await bytesOf(await get(url, { authorization: "Bearer of-something" }));
  const reads = Reads.parse(
    await providers.control({ provider: "artifacts", action: "reads", id }),
  );
  assert.deepEqual(
    reads.map(({ range, bytes_sent, outcome, has_credentials }) => [
      range,
      bytes_sent,
      outcome,
      has_credentials,
    ]),
    [["bytes=100-299", 200, "complete", false], [null, 5000, "complete", true]],
  );
});

Deno.test("a file of a gibibyte is streamed and summed without being held", async () => {
  await using providers = await startProviders();
  const gibibyte = 1024 ** 3;
  const { url, id, sha256: small } = await put(providers, { bytes: gibibyte });
  assert.equal(small, undefined);
  const baseline = Deno.memoryUsage().rss;
  let received = 0;
  let chunks = 0;
  let highest = 0;
  const hash = createHash("sha256");
  const response = await get(url);
  assert.ok(response.body);
  for await (const chunk of response.body) {
    received += chunk.length;
    hash.update(chunk);
    chunks += 1;
    if (chunks % 64 === 0) highest = Math.max(highest, Deno.memoryUsage().rss);
  }
  assert.equal(received, gibibyte);
  const checksum = Checksum.parse(
    await providers.control({ provider: "artifacts", action: "checksum", id }),
  );
  assert.equal(checksum.sha256, hash.digest("hex"));
  assert.ok(highest - baseline < 300 * 1024 ** 2, `${(highest - baseline) / 1024 ** 2} MiB more`);
});
