// ListBuckets, CreateBucket, HeadBucket, DeleteBucket, GetBucketLocation.
import type { Call } from "./operation.ts";
import { receiveDocument } from "./payload.ts";
import { xmlResponse } from "./responses.ts";
import { S3Error } from "./s3_error.ts";
import { childText, parseXml, XmlSyntaxError } from "./xml.ts";

const BUCKET_NAME = /^(?!xn--)(?!.*\.\.)(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/** Lists the buckets. */
export function listBuckets(call: Call): Promise<Response> {
  const buckets = call.store.index.buckets().map((bucket) =>
    [
      "Bucket",
      [["Name", bucket.name], ["CreationDate", bucket.createdAt]],
    ] as const
  );
  return Promise.resolve(xmlResponse("ListAllMyBucketsResult", [
    ["Owner", [["ID", "local"], ["DisplayName", "local"]]],
    ["Buckets", buckets],
  ]));
}

/** Makes a bucket; one's own may be made again in us-east-1, as on S3. */
export async function createBucket(call: Call): Promise<Response> {
  const name = call.request.requiredBucket;
  if (!BUCKET_NAME.test(name)) {
    throw new S3Error("InvalidBucketName", undefined, [["BucketName", name]]);
  }
  const document = await receiveDocument(call.request, call.auth);
  checkLocation(document, call.region);
  await call.store.locks.run(`bucket:${name}`, async () => {
    if (call.store.index.hasBucket(name)) return;
    await call.store.index.createBucket(name, call.now().toISOString());
  });
  return new Response(null, { headers: { location: `/${name}` } });
}

function checkLocation(document: string, region: string): void {
  if (document.trim() === "") return;
  try {
    const location = childText(parseXml(document), "LocationConstraint");
    if (location === undefined || location === region) return;
    throw new S3Error("IllegalLocationConstraintException");
  } catch (cause) {
    if (cause instanceof XmlSyntaxError) throw new S3Error("MalformedXML");
    throw cause;
  }
}

/** Says whether a bucket exists. */
export function headBucket(call: Call): Promise<Response> {
  call.store.index.bucket(call.request.requiredBucket);
  return Promise.resolve(
    new Response(null, { headers: { "x-amz-bucket-region": call.region } }),
  );
}

/** Removes an empty bucket and its unfinished uploads. */
export async function deleteBucket(call: Call): Promise<Response> {
  const name = call.request.requiredBucket;
  const { index, uploads, locks } = call.store;
  await locks.run(`bucket:${name}`, async () => {
    if (index.bucket(name).objects.size > 0) throw new S3Error("BucketNotEmpty");
    for (const upload of uploads.ofBucket(name)) await uploads.remove(upload);
    await index.deleteBucket(name);
  });
  return new Response(null, { status: 204 });
}

/** Names the region; us-east-1 is the empty one. */
export function getBucketLocation(call: Call): Promise<Response> {
  call.store.index.bucket(call.request.requiredBucket);
  const region = call.region === "us-east-1" ? "" : call.region;
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n` +
    `<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${region}</LocationConstraint>`;
  return Promise.resolve(new Response(body, { headers: { "content-type": "application/xml" } }));
}
