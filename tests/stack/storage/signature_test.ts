// Who may call: the SDK's own signatures pass, and every mutation of a signed request is refused.
import assert from "node:assert/strict";
import { inHeader, inUrl, type Mutation, send, type Sent } from "./mutate_request.ts";
import { type PlainRequest, sha256, signRequest } from "./sign_request.ts";
import { startStorage } from "./start_storage.ts";

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
