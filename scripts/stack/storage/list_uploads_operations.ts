// ListParts and ListMultipartUploads: what an interrupted upload left, for those who resume or sweep.
import { checksumElement } from "./checksums.ts";
import { encoder, prefixes, readLimit } from "./list_operations.ts";
import { compareUtf8 } from "./object_index.ts";
import type { Call } from "./operation.ts";
import { quoted, xmlResponse } from "./responses.ts";
import type { Part, Upload } from "./upload_store.ts";
import type { XmlFields } from "./xml.ts";

const SOMEONE = [["ID", "local"], ["DisplayName", "local"]] as const;

/** Lists the parts that arrived. */
export function listParts(call: Call): Promise<Response> {
  const { request, store } = call;
  const bucket = request.requiredBucket;
  store.index.bucket(bucket);
  const upload = store.uploads.get(bucket, request.requiredKey, request.param("uploadId") ?? "");
  const marker = Number(request.param("part-number-marker") ?? "0");
  const limit = readLimit(request, "max-parts");
  const rest = [...upload.parts.values()]
    .filter((part) => part.number > marker)
    .sort((a, b) => a.number - b.number);
  const page = rest.slice(0, limit);
  const isTruncated = rest.length > page.length;
  return Promise.resolve(xmlResponse("ListPartsResult", [
    ["Bucket", bucket],
    ["Key", encoder(request)(upload.key)],
    ["UploadId", upload.id],
    ["Initiator", SOMEONE],
    ["Owner", SOMEONE],
    ["StorageClass", "STANDARD"],
    ["PartNumberMarker", marker],
    ["NextPartNumberMarker", page.at(-1)?.number ?? marker],
    ["MaxParts", limit],
    ["IsTruncated", isTruncated],
    ["ChecksumAlgorithm", upload.checksumAlgorithm],
    ["ChecksumType", upload.checksumType],
    ...page.map((part) => ["Part", partFields(part)] as const),
  ]));
}

function partFields(part: Part): XmlFields {
  return [
    ["PartNumber", part.number],
    ["LastModified", part.lastModified],
    ["ETag", quoted(part.etag)],
    ["Size", part.size],
    ...(part.checksum
      ? [[checksumElement(part.checksum.algorithm), part.checksum.value] as const]
      : []),
  ];
}

/** Lists the uploads under way, by key, then by age. */
export function listMultipartUploads(call: Call): Promise<Response> {
  const { request, store } = call;
  const bucket = request.requiredBucket;
  store.index.bucket(bucket);
  const prefix = request.param("prefix") ?? "";
  const delimiter = request.param("delimiter") ?? "";
  const keyMarker = request.param("key-marker") ?? "";
  const idMarker = keyMarker === "" ? "" : request.param("upload-id-marker") ?? "";
  const limit = readLimit(request, "max-uploads");
  const candidates = store.uploads.ofBucket(bucket)
    .filter(({ key }) => key.startsWith(prefix))
    .sort(compareUploads);
  const page = takeUploads(afterMarkers(candidates, keyMarker, idMarker), {
    prefix,
    delimiter,
    keyMarker,
    limit,
  });
  const encode = encoder(request);
  return Promise.resolve(xmlResponse("ListMultipartUploadsResult", [
    ["Bucket", bucket],
    ["KeyMarker", encode(keyMarker)],
    ["UploadIdMarker", idMarker],
    ["NextKeyMarker", page.next === undefined ? undefined : encode(page.next.key)],
    ["NextUploadIdMarker", page.next?.id],
    ["Prefix", encode(prefix)],
    ["Delimiter", delimiter === "" ? undefined : encode(delimiter)],
    ["MaxUploads", limit],
    ["EncodingType", request.param("encoding-type")],
    ["IsTruncated", page.next !== undefined],
    ...page.uploads.map((upload) => ["Upload", uploadFields(upload, encode)] as const),
    ...prefixes(page.commonPrefixes, encode),
  ]));
}

function uploadFields(upload: Upload, encode: (text: string) => string): XmlFields {
  return [
    ["Key", encode(upload.key)],
    ["UploadId", upload.id],
    ["Initiator", SOMEONE],
    ["Owner", SOMEONE],
    ["StorageClass", "STANDARD"],
    ["Initiated", upload.initiatedAt],
    ["ChecksumAlgorithm", upload.checksumAlgorithm],
    ["ChecksumType", upload.checksumType],
  ];
}

function compareUploads(a: Upload, b: Upload): number {
  return compareUtf8(a.key, b.key) || compareUtf8(a.initiatedAt, b.initiatedAt) ||
    compareUtf8(a.id, b.id);
}

function afterMarkers(uploads: readonly Upload[], keyMarker: string, idMarker: string): Upload[] {
  if (keyMarker === "") return [...uploads];
  const marked = uploads.find((upload) => upload.id === idMarker && upload.key === keyMarker);
  return uploads.filter((upload) => {
    if (marked !== undefined) return compareUploads(upload, marked) > 0;
    return compareUtf8(upload.key, keyMarker) > 0;
  });
}

interface UploadPage {
  readonly uploads: readonly Upload[];
  readonly commonPrefixes: readonly string[];
  readonly next: { readonly key: string; readonly id: string } | undefined;
}

function takeUploads(
  candidates: readonly Upload[],
  query: { prefix: string; delimiter: string; keyMarker: string; limit: number },
): UploadPage {
  const uploads: Upload[] = [];
  const commonPrefixes: string[] = [];
  let last = { key: "", id: "" };
  for (const upload of candidates) {
    const at = query.delimiter === ""
      ? -1
      : upload.key.indexOf(query.delimiter, query.prefix.length);
    const group = at === -1 ? undefined : upload.key.slice(0, at + query.delimiter.length);
    const isKnown = group !== undefined &&
      (commonPrefixes.includes(group) || group === query.keyMarker);
    if (isKnown) continue;
    if (uploads.length + commonPrefixes.length >= query.limit) {
      return { uploads, commonPrefixes, next: query.limit === 0 ? undefined : last };
    }
    if (group === undefined) uploads.push(upload);
    else commonPrefixes.push(group);
    last = group === undefined ? { key: upload.key, id: upload.id } : { key: group, id: "" };
  }
  return { uploads, commonPrefixes, next: undefined };
}
