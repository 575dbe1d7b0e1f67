// Presigned URLs: they pass as signed, expire to the second, and no mutation of them is accepted.
import assert from "node:assert/strict";
import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { inUrl, type Mutation, send, type Sent } from "./mutate_request.ts";
import { presign } from "./sign_request.ts";
import { startStorage } from "./start_storage.ts";

const QUERY_MUTATIONS: readonly Mutation[] = [
  ["last digit of the signature", inUrl(/.$/, "g"), "SignatureDoesNotMatch"],
  ["no signature", inUrl(/&X-Amz-Signature=.*/, ""), "AuthorizationQueryParametersError"],
  [
    "empty signature",
    inUrl(/X-Amz-Signature=.*/, "X-Amz-Signature="),
    "AuthorizationQueryParametersError",
  ],
  [
    "two signatures",
    (s) => (s.url += `&X-Amz-Signature=${"0".repeat(64)}`),
    "AuthorizationQueryParametersError",
  ],
  ["a longer life", inUrl("X-Amz-Expires=60", "X-Amz-Expires=6000"), "SignatureDoesNotMatch"],
  [
    "a life beyond a week",
    inUrl("X-Amz-Expires=60", "X-Amz-Expires=604801"),
    "AuthorizationQueryParametersError",
  ],
  [
    "a negative life",
    inUrl("X-Amz-Expires=60", "X-Amz-Expires=-1"),
    "AuthorizationQueryParametersError",
  ],
  [
    "a life in words",
    inUrl("X-Amz-Expires=60", "X-Amz-Expires=long"),
    "AuthorizationQueryParametersError",
  ],
  ["no life", inUrl("X-Amz-Expires=60&", ""), "AuthorizationQueryParametersError"],
  ["two lives", (s) => (s.url += "&X-Amz-Expires=600"), "AuthorizationQueryParametersError"],
  [
    "another algorithm",
    inUrl("AWS4-HMAC-SHA256", "AWS4-HMAC-MD5"),
    "AuthorizationQueryParametersError",
  ],
  [
    "no algorithm",
    inUrl("X-Amz-Algorithm=AWS4-HMAC-SHA256&", ""),
    "AuthorizationQueryParametersError",
  ],
  ["unknown access key", inUrl("=AKIA", "=BKIA"), "InvalidAccessKeyId"],
  ["another region", inUrl("us-east-1", "eu-west-1"), "AuthorizationQueryParametersError"],
  ["another service", inUrl("%2Fs3%2F", "%2Fsqs%2F"), "AuthorizationQueryParametersError"],
  ["host not signed", inUrl("SignedHeaders=host", "SignedHeaders=accept"), "AccessDenied"],
  ["another key", inUrl("/target", "/other"), "SignatureDoesNotMatch"],
  ["another method", (s) => (s.method = "DELETE"), "SignatureDoesNotMatch"],
  [
    "a download name smuggled in",
    (s) => (s.url += "&response-content-disposition=inline"),
    "SignatureDoesNotMatch",
  ],
  ["an upload id smuggled in", (s) => (s.url += "&uploadId=1"), "SignatureDoesNotMatch"],
  [
    "a small-letter parameter",
    inUrl("X-Amz-Date", "x-amz-date"),
    "AuthorizationQueryParametersError",
  ],
  ["metadata not signed", (s) => (s.headers["x-amz-meta-a"] = "1"), "AccessDenied"],
  ["a session token", (s) => (s.url += "&X-Amz-Security-Token=t"), "InvalidToken"],
  ["a broken escape", inUrl("/target", "/%zz"), "InvalidURI"],
];

Deno.test("storage accepts a presigned URL and refuses every mutation of it", async () => {
  await using storage = await startStorage();
  const { client } = storage;
  await client.send(new PutObjectCommand({ Bucket: "media", Key: "target", Body: "secret" }));
  await client.send(new PutObjectCommand({ Bucket: "media", Key: "other", Body: "other" }));
  const url = presign({ method: "GET", url: `${storage.url}/media/target` });
  for (const [name, mutate, code] of QUERY_MUTATIONS) {
    const sent: Sent = { method: "GET", url, headers: {} };
    mutate(sent);
    const answer = await send(sent);
    assert.equal(answer.code, code, `${name}: ${answer.status} ${answer.text}`);
  }
  const control = await send({ method: "GET", url, headers: {} });
  assert.equal(control.status, 200, control.text);
  assert.equal(control.text, "secret");
});

Deno.test("storage lets presigned URLs expire to the second, and not begin too early", async () => {
  await using storage = await startStorage();
  await storage.client.send(new PutObjectCommand({ Bucket: "media", Key: "k", Body: "v" }));
  const base = { method: "GET", url: `${storage.url}/media/k` };
  const url = await getSignedUrl(
    storage.client,
    new GetObjectCommand({ Bucket: "media", Key: "k" }),
    { expiresIn: 900 },
  );
  const read = (target: string) => send({ method: "GET", url: target, headers: {} });
  assert.equal((await read(url)).text, "v");
  await storage.control({ action: "clock", offsetSeconds: 895 });
  assert.equal((await read(url)).text, "v");
  await storage.control({ action: "clock", offsetSeconds: 902 });
  const late = await read(url);
  assert.equal(late.status, 403);
  assert.match(late.text, /<Code>AccessDenied<\/Code><Message>Request has expired<\/Message>/);
  await storage.control({ action: "reset" });
  const early = presign({ ...base, date: new Date(Date.now() + 20 * 60_000) });
  assert.match((await read(early)).text, /Request is not yet valid/);
  const week = presign({ ...base, expiresIn: 604_800 });
  assert.equal((await read(week)).status, 200);
});

Deno.test("storage takes presigned uploads, ranges and HEADs", async () => {
  await using storage = await startStorage();
  const client = storage.connect({ requestChecksumCalculation: "WHEN_REQUIRED" });
  const target = { Bucket: "media", Key: "dir/pre signed.txt" };
  const upload = await getSignedUrl(
    client,
    new PutObjectCommand({ ...target, ContentType: "text/plain", Metadata: { a: "1" } }),
  );
  const stored = await fetch(upload, {
    method: "PUT",
    headers: { "content-type": "text/plain" },
    body: "0123456789",
  });
  assert.equal(stored.status, 200, await stored.text());
  const url = await getSignedUrl(client, new GetObjectCommand(target));
  const part = await fetch(url, { headers: { range: "bytes=2-4" } });
  assert.equal(part.status, 206);
  assert.equal(await part.text(), "234");
  assert.equal(part.headers.get("content-type"), "text/plain");
  assert.equal(part.headers.get("x-amz-meta-a"), "1");
  // A URL that was signed for GET is no permission for anything else.
  const head = await fetch(url, { method: "HEAD" });
  assert.equal(head.status, 403);
});

Deno.test("storage answers with overridden headers, and never with ones that break the answer", async () => {
  await using storage = await startStorage();
  const { client } = storage;
  const target = { Bucket: "media", Key: "k" };
  const upload = await getSignedUrl(
    storage.connect({ requestChecksumCalculation: "WHEN_REQUIRED" }),
    new PutObjectCommand({ ...target, Metadata: { note: "naïve – \u65e5\u672c" } }),
  );
  assert.equal((await send({ method: "PUT", url: upload, headers: {}, body: "v" })).status, 200);
  const read = async (disposition: string) => {
    const url = await getSignedUrl(
      client,
      new GetObjectCommand({ ...target, ResponseContentDisposition: disposition }),
    );
    const answer = await fetch(url);
    return { answer, text: await answer.text() };
  };
  const good = await read('attachment; filename="call.mp4"');
  assert.equal(good.answer.headers.get("content-disposition"), 'attachment; filename="call.mp4"');
  const note = /^=\?UTF-8\?B\?(.+)\?=$/.exec(good.answer.headers.get("x-amz-meta-note") ?? "");
  assert.equal(Buffer.from(note?.[1] ?? "", "base64").toString(), "naïve – \u65e5\u672c");
  for (const bad of ["inline\r\nset-cookie: a=b", "filename=\u65e5.mp4", "\u0000"]) {
    const { answer, text } = await read(bad);
    assert.equal(answer.status, 400);
    assert.match(text, /<Code>InvalidArgument<\/Code>/);
  }
});

Deno.test("storage springs the presigning trap: the checksum of an empty body", async () => {
  await using storage = await startStorage();
  const command = new PutObjectCommand({ Bucket: "media", Key: "trap" });
  const url = await getSignedUrl(storage.client, command);
  assert.match(url, /x-amz-checksum-crc32=AAAAAA/);
  const answer = await send({ method: "PUT", url, headers: {}, body: "not empty" });
  assert.equal(answer.code, "BadDigest");
});
