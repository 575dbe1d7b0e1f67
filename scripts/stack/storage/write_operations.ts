// PutObject, CopyObject, DeleteObject, DeleteObjects.
import { type ChecksumAlgorithm, parseChecksumAlgorithm } from "./checksums.ts";
import { checkWriteConditions, readConditions } from "./conditions.ts";
import { copyBytes, openCopySource } from "./copy_source.ts";
import type { ObjectRecord } from "./object_index.ts";
import type { Call } from "./operation.ts";
import { receiveDocument, receivePayload } from "./payload.ts";
import { checksumHeaders, quoted, xmlResponse } from "./responses.ts";
import { S3Error } from "./s3_error.ts";
import { checkKey, readStoredHeaders } from "./stored_headers.ts";
import { checksumElement } from "./checksums.ts";
import { childText, parseXml, type XmlElement, type XmlFields, XmlSyntaxError } from "./xml.ts";

const MAX_DELETED_KEYS = 1000;

/** Stores a body under a key, whole or not at all. */
export async function putObject(call: Call): Promise<Response> {
  const { request, store } = call;
  const bucket = request.requiredBucket;
  const key = request.requiredKey;
  checkKey(key);
  store.index.bucket(bucket);
  const kept = readStoredHeaders(request);
  const writer = await store.blobs.create();
  try {
    const payload = await receivePayload(request, call.auth, async (chunk) => {
      call.tap(chunk);
      await writer.write(chunk);
    });
    const record: ObjectRecord = {
      key,
      size: payload.size,
      etag: payload.md5,
      lastModified: call.now().toISOString(),
      ...kept,
      segments: [await writer.commit()],
      ...(payload.checksum && { checksum: { ...payload.checksum, type: "FULL_OBJECT" } }),
    };
    await storeRecord(call, bucket, record);
    return new Response(null, {
      headers: {
        etag: quoted(record.etag),
        "x-amz-server-side-encryption": "AES256",
        ...checksumHeaders(record.checksum),
      },
    });
  } finally {
    await writer.discard();
  }
}

/** Makes a finished object visible if its preconditions hold; otherwise its bytes go. */
async function storeRecord(call: Call, bucket: string, record: ObjectRecord): Promise<void> {
  const { index, blobs, locks } = call.store;
  try {
    await locks.run(`object:${bucket}/${record.key}`, async () => {
      const existing = index.bucket(bucket).objects.get(record.key);
      checkWriteConditions(existing, readConditions((name) => call.request.header(name)));
      await index.put(bucket, record);
    });
  } catch (cause) {
    await blobs.remove(record.segments);
    throw cause;
  }
}

/** Copies an object within the server. */
export async function copyObject(call: Call): Promise<Response> {
  const { request, store } = call;
  const bucket = request.requiredBucket;
  const key = request.requiredKey;
  checkKey(key);
  store.index.bucket(bucket);
  const source = openCopySource(call);
  const directive = request.amz("x-amz-metadata-directive") ?? "COPY";
  if (directive !== "COPY" && directive !== "REPLACE") {
    throw new S3Error("InvalidArgument", "Unknown metadata directive.");
  }
  const isItself = source.bucket === bucket && source.record.key === key;
  if (isItself && directive === "COPY") {
    throw new S3Error(
      "InvalidRequest",
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    );
  }
  const kept = directive === "REPLACE"
    ? readStoredHeaders(request)
    : { headers: source.record.headers, metadata: source.record.metadata };
  const copied = await copyBytes(call, source, undefined, copyAlgorithm(call, source.record));
  const record: ObjectRecord = {
    key,
    size: copied.segment.size,
    etag: copied.md5,
    lastModified: call.now().toISOString(),
    ...kept,
    segments: [copied.segment],
    ...(copied.checksum && { checksum: { ...copied.checksum, type: "FULL_OBJECT" } }),
  };
  await storeRecord(call, bucket, record);
  return xmlResponse("CopyObjectResult", [
    ["LastModified", record.lastModified],
    ["ETag", quoted(record.etag)],
    ...checksumFields(record),
  ]);
}

function copyAlgorithm(call: Call, source: ObjectRecord): ChecksumAlgorithm | undefined {
  const asked = call.request.amz("x-amz-checksum-algorithm");
  return asked === undefined ? source.checksum?.algorithm : parseChecksumAlgorithm(asked);
}

function checksumFields(record: ObjectRecord): XmlFields {
  if (record.checksum === undefined) return [];
  return [
    [checksumElement(record.checksum.algorithm), record.checksum.value],
    ["ChecksumType", record.checksum.type],
  ];
}

/** Deletes an object; deleting what isn't there is no error. */
export async function deleteObject(call: Call): Promise<Response> {
  const { request } = call;
  await deleteOne(
    call,
    request.requiredBucket,
    request.requiredKey,
    request.header("if-match"),
  );
  return new Response(null, { status: 204 });
}

async function deleteOne(
  call: Call,
  bucket: string,
  key: string,
  ifMatch: string | undefined,
): Promise<void> {
  const { index, locks } = call.store;
  await locks.run(`object:${bucket}/${key}`, async () => {
    const existing = index.bucket(bucket).objects.get(key);
    checkWriteConditions(existing, {
      ifMatch,
      ifNoneMatch: undefined,
      ifModifiedSince: undefined,
      ifUnmodifiedSince: undefined,
    });
    await index.remove(bucket, key);
  });
}

/** Deletes up to a thousand objects, each with an answer of its own. */
export async function deleteObjects(call: Call): Promise<Response> {
  const { request, store } = call;
  const bucket = request.requiredBucket;
  store.index.bucket(bucket);
  const isProtected = request.header("content-md5") !== undefined ||
    [...request.headers.keys()].some((name) => /^x-amz-checksum-/.test(name)) ||
    request.header("x-amz-trailer") !== undefined;
  if (!isProtected) {
    throw new S3Error(
      "InvalidRequest",
      "Missing required header for this request: Content-MD5 OR x-amz-checksum-*",
    );
  }
  const { objects, isQuiet } = parseDelete(await receiveDocument(request, call.auth));
  const outcomes: Array<XmlFields[number]> = [];
  for (const { key, etag } of objects) {
    try {
      await deleteOne(call, bucket, key, etag);
      if (!isQuiet) outcomes.push(["Deleted", [["Key", key]]]);
    } catch (cause) {
      if (!(cause instanceof S3Error)) throw cause;
      outcomes.push(["Error", [
        ["Key", key],
        ["Code", cause.code],
        ["Message", cause.message],
      ]]);
    }
  }
  return xmlResponse("DeleteResult", outcomes);
}

interface DeleteOrder {
  readonly objects: ReadonlyArray<{ readonly key: string; readonly etag: string | undefined }>;
  readonly isQuiet: boolean;
}

function parseDelete(document: string): DeleteOrder {
  let root: XmlElement;
  try {
    root = parseXml(document);
  } catch (cause) {
    if (cause instanceof XmlSyntaxError) throw new S3Error("MalformedXML");
    throw cause;
  }
  const elements = root.children.filter(({ name }) => name === "Object");
  if (root.name !== "Delete" || elements.length === 0 || elements.length > MAX_DELETED_KEYS) {
    throw new S3Error("MalformedXML");
  }
  const objects = elements.map((element) => {
    const key = childText(element, "Key");
    if (key === undefined || key === "") throw new S3Error("MalformedXML");
    return { key, etag: childText(element, "ETag") };
  });
  return { objects, isQuiet: childText(root, "Quiet") === "true" };
}
