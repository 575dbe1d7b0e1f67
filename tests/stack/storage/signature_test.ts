// Who may call: the SDK's own signatures pass, and every mutation of a signed request is refused.
import assert from "node:assert/strict";
import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { CREDENTIALS, startStorage } from "./start_storage.ts";
import { type PlainRequest, presign, sha256, signRequest } from "./sign_request.ts";

interface Sent {
  method: string;
  url: string;
  headers: Record<string, string>;
  body?: string;
}

type Mutation = readonly [name: string, mutate: (sent: Sent) => void, code: string];

async function send(sent: Sent): Promise<{ status: number; code: string; text: string }> {
  const answer = await fetch(sent.url, {
    method: sent.method,
    headers: sent.headers,
    body: sent.body ?? null,
  });
  const text = await answer.text();
  return { status: answer.status, code: /<Code>(\w+)<\/Code>/.exec(text)?.[1] ?? "", text };
}

/** Replaces a piece of one header. */
function inHeader(name: string, from: string | RegExp, to: string): (sent: Sent) => void {
  return (sent) => {
    const before = sent.headers[name] ?? "";
    sent.headers[name] = before.replace(from, to);
    assert.notEqual(sent.headers[name], before, `The mutation of ${name} changed nothing`);
  };
}

/** Replaces a piece of the URL. */
function inUrl(from: string | RegExp, to: string): (sent: Sent) => void {
  return (sent) => {
    const before = sent.url;
    sent.url = before.replace(from, to);
    assert.notEqual(sent.url, before, "The mutation of the URL changed nothing");
  };
}

const BODY = "signed body";

const HEADER_MUTATIONS: readonly Mutation[] = [
  ["no Authorization", (s) => delete s.headers.authorization, "AccessDenied"],
  ["empty Authorization", (s) => (s.headers.authorization = ""), "InvalidRequest"],
  [
    "another algorithm",
    inHeader("authorization", "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1"),
    "InvalidRequest",
  ],
  ["version 2", (s) => (s.headers.authorization = "AWS a:b"), "InvalidRequest"],
  ["basic auth", (s) => (s.headers.authorization = "Basic YTpi"), "InvalidRequest"],
  ["last digit of the signature", inHeader("authorization", /.$/, "g"), "SignatureDoesNotMatch"],
  [
    "empty signature",
    inHeader("authorization", /Signature=.*/, "Signature="),
    "AuthorizationHeaderMalformed",
  ],
  ["cut signature", inHeader("authorization", /.{8}$/, ""), "SignatureDoesNotMatch"],
  ["longer signature", inHeader("authorization", /$/, "00"), "SignatureDoesNotMatch"],
  ["signature in capitals", (s) => {
    s.headers.authorization = (s.headers.authorization ?? "")
      .replace(/Signature=.*/, (text) => `Signature=${text.slice(10).toUpperCase()}`);
  }, "SignatureDoesNotMatch"],
  [
    "zero signature",
    inHeader("authorization", /Signature=.*/, `Signature=${"0".repeat(64)}`),
    "SignatureDoesNotMatch",
  ],
  ["unknown access key", inHeader("authorization", "AKIA", "BKIA"), "InvalidAccessKeyId"],
  [
    "another region",
    inHeader("authorization", "us-east-1", "eu-west-1"),
    "AuthorizationHeaderMalformed",
  ],
  ["another service", inHeader("authorization", "/s3/", "/sqs/"), "AuthorizationHeaderMalformed"],
  [
    "another terminator",
    inHeader("authorization", "aws4_request", "aws5_request"),
    "AuthorizationHeaderMalformed",
  ],
  [
    "scope of another day",
    inHeader("authorization", /\/\d{8}\//, "/20200101/"),
    "AuthorizationHeaderMalformed",
  ],
  [
    "a scope too short",
    inHeader("authorization", "/aws4_request", ""),
    "AuthorizationHeaderMalformed",
  ],
  ["host not signed", inHeader("authorization", ";host;", ";"), "AccessDenied"],
  ["date not signed", inHeader("authorization", ";x-amz-date", ""), "AccessDenied"],
  [
    "signed headers in another order",
    inHeader("authorization", "content-type;host", "host;content-type"),
    "SignatureDoesNotMatch",
  ],
  [
    "a signed header that is missing",
    (s) => delete s.headers["content-type"],
    "SignatureDoesNotMatch",
  ],
  [
    "a header more in the list",
    inHeader("authorization", "SignedHeaders=", "SignedHeaders=accept;"),
    "SignatureDoesNotMatch",
  ],
  ["value of a signed header", inHeader("content-type", "plain", "html"), "SignatureDoesNotMatch"],
  ["value of metadata", inHeader("x-amz-meta-owner", "alice", "mallory"), "SignatureDoesNotMatch"],
  ["further metadata", (s) => (s.headers["x-amz-meta-more"] = "1"), "AccessDenied"],
  [
    "a copy source smuggled in",
    (s) => (s.headers["x-amz-copy-source"] = "media/secret"),
    "AccessDenied",
  ],
  ["another second", (s) => {
    const date = s.headers["x-amz-date"] ?? "";
    s.headers["x-amz-date"] = date.replace(/\d\dZ$/, date.endsWith("00Z") ? "01Z" : "00Z");
  }, "SignatureDoesNotMatch"],
  ["no date", (s) => delete s.headers["x-amz-date"], "AccessDenied"],
  [
    "a date that is none",
    (s) => (s.headers["x-amz-date"] = "yesterday"),
    "AuthorizationHeaderMalformed",
  ],
  ["another method", (s) => (s.method = "POST"), "SignatureDoesNotMatch"],
  ["DELETE for PUT", (s) => {
    s.method = "DELETE";
    delete s.body;
  }, "SignatureDoesNotMatch"],
  ["another key", inUrl("/target", "/other"), "SignatureDoesNotMatch"],
  ["another bucket", inUrl("/media/", "/medium/"), "SignatureDoesNotMatch"],
  ["a key in capitals", inUrl("/target", "/TARGET"), "SignatureDoesNotMatch"],
  ["a slash more", inUrl("/target", "//target"), "SignatureDoesNotMatch"],
  ["a query parameter more", inUrl("target?", "target?tagging&"), "SignatureDoesNotMatch"],
  ["value of a query parameter", inUrl("x-id=Put", "x-id=Get"), "SignatureDoesNotMatch"],
  ["no query", inUrl(/\?.*/, ""), "SignatureDoesNotMatch"],
  ["another body", (s) => (s.body = "forged body"), "XAmzContentSHA256Mismatch"],
  ["a longer body", (s) => (s.body = `${BODY}!`), "XAmzContentSHA256Mismatch"],
  ["an empty body", (s) => (s.body = ""), "XAmzContentSHA256Mismatch"],
  ["the hash of another body", (s) => {
    s.body = "forged body";
    s.headers["x-amz-content-sha256"] = sha256(s.body);
  }, "SignatureDoesNotMatch"],
  [
    "payload declared unsigned",
    (s) => (s.headers["x-amz-content-sha256"] = "UNSIGNED-PAYLOAD"),
    "SignatureDoesNotMatch",
  ],
  [
    "payload declared chunked",
    (s) => (s.headers["x-amz-content-sha256"] = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
    "SignatureDoesNotMatch",
  ],
  ["a hash that is none", (s) => (s.headers["x-amz-content-sha256"] = "abc"), "InvalidArgument"],
  ["no payload hash", (s) => delete s.headers["x-amz-content-sha256"], "InvalidRequest"],
  ["a session token", (s) => (s.headers["x-amz-security-token"] = "t"), "AccessDenied"],
  [
    "header and query at once",
    inUrl("target?", "target?X-Amz-Algorithm=AWS4-HMAC-SHA256&"),
    "InvalidArgument",
  ],
];

Deno.test("storage accepts a signed request and refuses every mutation of it", async () => {
  await using storage = await startStorage();
  const plain: PlainRequest = {
    method: "PUT",
    url: `${storage.url}/media/target?x-id=PutObject`,
    headers: { "content-type": "text/plain", "x-amz-meta-owner": "alice" },
    payloadHash: sha256(BODY),
  };
  const original = (): Sent => {
    const { method, url, headers } = signRequest(plain);
    return { method, url, headers: { ...headers }, body: BODY };
  };
  let accepted = 0;
  for (const [name, mutate, code] of HEADER_MUTATIONS) {
    const sent = original();
    mutate(sent);
    const answer = await send(sent);
    if (answer.status < 300) accepted += 1;
    assert.equal(answer.code, code, `${name}: ${answer.status} ${answer.text}`);
  }
  assert.equal(accepted, 0);
  assert.ok(HEADER_MUTATIONS.length >= 40);
  assert.deepEqual(await storage.files(), []);
  const control = await send(original());
  assert.equal(control.status, 200, control.text);
  const harmless = original();
  harmless.headers["accept-language"] = "de";
  assert.equal((await send(harmless)).status, 200);
});

Deno.test("storage refuses wrong secrets and clocks that are too far off", async () => {
  await using storage = await startStorage();
  const url = `${storage.url}/media`;
  const get = (more: Partial<PlainRequest>) =>
    send({ ...signRequest({ method: "GET", url, ...more }) });
  const minutes = (count: number): Date => new Date(Date.now() + count * 60_000);
  assert.equal((await get({ secret: "guess" })).code, "SignatureDoesNotMatch");
  assert.equal((await get({ secret: "" })).code, "SignatureDoesNotMatch");
  assert.equal((await get({ date: minutes(-16) })).code, "RequestTimeTooSkewed");
  assert.equal((await get({ date: minutes(16) })).code, "RequestTimeTooSkewed");
  assert.equal((await get({ date: minutes(-14) })).status, 200);
  assert.equal((await get({ date: minutes(14) })).status, 200);
});

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

Deno.test("storage springs the presigning trap: the checksum of an empty body", async () => {
  await using storage = await startStorage();
  const command = new PutObjectCommand({ Bucket: "media", Key: "trap" });
  const url = await getSignedUrl(storage.client, command);
  assert.match(url, /x-amz-checksum-crc32=AAAAAA/);
  const answer = await send({ method: "PUT", url, headers: {}, body: "not empty" });
  assert.equal(answer.code, "BadDigest");
  assert.equal(CREDENTIALS.accessKeyId.length, 20);
});
