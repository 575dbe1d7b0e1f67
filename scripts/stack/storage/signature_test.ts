// The arithmetic of Signature Version 4 against the examples of its specification.
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { decodeAwsChunked } from "./aws_chunked.ts";
import { authenticate } from "./authenticate.ts";
import { S3Request } from "./s3_request.ts";
import { encodeRfc3986 } from "./signature.ts";

const SETTINGS = {
  credentials: {
    accessKeyId: "AKIAIOSFODNN7EXAMPLE",
    secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  },
  region: "us-east-1",
  now: () => new Date("2013-05-24T00:00:00Z"),
};
const CREDENTIAL = "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request";
const EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

function signed(
  method: string,
  target: string,
  headers: Readonly<Record<string, string>>,
  signature: string,
): S3Request {
  const names = ["host", ...Object.keys(headers)].sort().join(";");
  return new S3Request(
    new Request(`http://examplebucket.s3.amazonaws.com${target}`, {
      method,
      headers: {
        host: "examplebucket.s3.amazonaws.com",
        ...headers,
        authorization:
          `AWS4-HMAC-SHA256 Credential=${CREDENTIAL},SignedHeaders=${names},Signature=${signature}`,
      },
    }),
  );
}

const DATE = { "x-amz-date": "20130524T000000Z" };

Deno.test("authenticate() accepts the specification's signed requests", () => {
  const examples = [
    signed("GET", "/test.txt", {
      ...DATE,
      range: "bytes=0-9",
      "x-amz-content-sha256": EMPTY,
    }, "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"),
    signed("GET", "/?lifecycle", {
      ...DATE,
      "x-amz-content-sha256": EMPTY,
    }, "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
    signed("GET", "/?max-keys=2&prefix=J", {
      ...DATE,
      "x-amz-content-sha256": EMPTY,
    }, "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
    signed("PUT", "/test$file.text", {
      ...DATE,
      date: "Fri, 24 May 2013 00:00:00 GMT",
      "x-amz-content-sha256": "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
      "x-amz-storage-class": "REDUCED_REDUNDANCY",
    }, "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"),
  ];
  for (const request of examples) authenticate(request, SETTINGS);
});

Deno.test("authenticate() accepts the specification's presigned URL", () => {
  const query = new URLSearchParams({
    "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
    "X-Amz-Credential": CREDENTIAL,
    "X-Amz-Date": "20130524T000000Z",
    "X-Amz-Expires": "86400",
    "X-Amz-SignedHeaders": "host",
    "X-Amz-Signature": "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
  });
  const request = new Request(`http://examplebucket.s3.amazonaws.com/test.txt?${query}`, {
    headers: { host: "examplebucket.s3.amazonaws.com" },
  });
  authenticate(new S3Request(request), SETTINGS);
});

Deno.test("decodeAwsChunked() verifies the specification's chunks and no other", async () => {
  const signature = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9";
  const url = "http://s3.amazonaws.com/examplebucket/chunkObject.txt";
  const headers = {
    ...DATE,
    "content-encoding": "aws-chunked",
    "content-length": "66824",
    "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
    "x-amz-decoded-content-length": "66560",
    "x-amz-storage-class": "REDUCED_REDUNDANCY",
  };
  const names = ["host", ...Object.keys(headers)].sort().join(";");
  const request = new S3Request(
    new Request(url, {
      method: "PUT",
      headers: {
        ...headers,
        host: "s3.amazonaws.com",
        authorization:
          `AWS4-HMAC-SHA256 Credential=${CREDENTIAL},SignedHeaders=${names},Signature=${signature}`,
      },
    }),
  );
  const auth = authenticate(request, SETTINGS);
  const chunk = (size: number, sign: string) =>
    `${size.toString(16)};chunk-signature=${sign}\r\n${"a".repeat(size)}\r\n`;
  const body = chunk(65536, "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648") +
    chunk(1024, "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497") +
    chunk(0, "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9");
  assert.equal(body.length, 66824);
  const decode = async (text: string, step: number): Promise<number> => {
    let size = 0;
    for await (const piece of decodeAwsChunked(pieces(text, step), auth, new Map())) {
      size += piece.length;
    }
    return size;
  };
  for (const step of [7, 4096, 1_000_000]) assert.equal(await decode(body, step), 66560);
  await assert.rejects(decode(body.replace("aaa", "aab"), 4096), { code: "SignatureDoesNotMatch" });
});

async function* pieces(text: string, step: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text, "latin1");
  for (let at = 0; at < bytes.length; at += step) {
    yield await Promise.resolve(bytes.subarray(at, at + step));
  }
}

Deno.test("encodeRfc3986() encodes everything but the unreserved characters", () => {
  assert.equal(encodeRfc3986("azAZ09-._~"), "azAZ09-._~");
  assert.equal(encodeRfc3986("!'()* /+ä"), "%21%27%28%29%2A%20%2F%2B%C3%A4");
});
