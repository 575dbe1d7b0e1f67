// Unit tests of the signature: the specification's own example, and a library that signs the same.
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { AwsV4Signer } from "aws4fetch";
import fc from "fast-check";
import { encodeRfc3986, formatQuery, S3Signer, type SigningIdentity } from "./aws_signature.ts";

const AT = new Date("2013-05-24T00:00:00.123Z");
const KEYS = {
  region: "us-east-1",
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
};
const EXAMPLE: SigningIdentity = { ...KEYS, sessionToken: undefined };

Deno.test("an address is signed as in the specification's example", () => {
  const request = {
    method: "GET",
    host: "examplebucket.s3.amazonaws.com",
    path: "/test.txt",
    query: {},
  };
  strictEqual(
    new S3Signer(EXAMPLE).signQuery(request, 86_400, AT),
    "X-Amz-Algorithm=AWS4-HMAC-SHA256" +
      "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request" +
      "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host" +
      "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
  );
});

const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 });
/** A slash would end a segment, and one of a dot or two means something else in a path. */
const segment = text.filter((name) => !name.includes("/") && !/^\.{1,2}$/.test(name));
const value = fc.stringMatching(/^[!-~]( {0,3}[!-~]){0,8}$/);

Deno.test("headers and addresses are signed as an independent library signs them", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("GET", "PUT", "POST", "DELETE"),
      fc.array(segment, { minLength: 1, maxLength: 4 }),
      fc.dictionary(text, text, { maxKeys: 4, noNullPrototype: true }),
      fc.dictionary(fc.stringMatching(/^x-amz-[a-z]{1,8}$/), value, { noNullPrototype: true }),
      fc.option(value, { nil: undefined }),
      fc.date({ min: new Date("2000-01-01"), max: new Date("2099-12-31"), noInvalidDate: true }),
      async (method, segments, query, headers, sessionToken, at) => {
        const path = `/${segments.map(encodeRfc3986).join("/")}`;
        const request = { method, host: "localhost:54329", path, query };
        const url = `http://${request.host}${path}?${formatQuery(query)}`;
        const options = {
          ...KEYS,
          ...(sessionToken === undefined ? {} : { sessionToken }),
          method,
          url,
          service: "s3",
          allHeaders: true,
          datetime: at.toISOString().replaceAll(/[:-]|\.\d{3}/g, ""),
        };
        const signer = new S3Signer({ ...KEYS, sessionToken });
        const theirs = await new AwsV4Signer({ ...options, headers }).sign();
        deepStrictEqual(
          signer.signHeaders(request, headers, at),
          Object.fromEntries(theirs.headers),
        );

        const presigned = await new AwsV4Signer({
          ...options,
          url: `${url}&X-Amz-Expires=60`,
          signQuery: true,
        }).sign();
        strictEqual(
          new URLSearchParams(signer.signQuery(request, 60, at)).get("X-Amz-Signature"),
          presigned.url.searchParams.get("X-Amz-Signature"),
        );
      },
    ),
    { numRuns: 300 },
  );
});

Deno.test("the key of yesterday signs nothing of today", () => {
  const signer = new S3Signer(EXAMPLE);
  const request = { method: "HEAD", host: "b.test", path: "/k", query: {} };
  const tomorrow = new Date(AT.getTime() + 86_400_000);
  signer.signHeaders(request, {}, AT);
  deepStrictEqual(
    signer.signHeaders(request, {}, tomorrow),
    new S3Signer(EXAMPLE).signHeaders(request, {}, tomorrow),
  );
});
