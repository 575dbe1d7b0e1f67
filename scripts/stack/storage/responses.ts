// The shapes of answers that several operations share.
import { Buffer } from "node:buffer";
import { checksumHeader, type StoredChecksum } from "./checksums.ts";
import type { ObjectRecord } from "./object_index.ts";
import { renderXml, S3_NAMESPACE, type XmlFields } from "./xml.ts";

/**
 * Answers with a document.
 *
 * @param root Its root element.
 * @param fields Its content.
 * @param headers Further headers.
 */
export function xmlResponse(
  root: string,
  fields: XmlFields,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(renderXml(root, fields, S3_NAMESPACE), {
    headers: { "content-type": "application/xml", ...headers },
  });
}

/** Puts an entity tag in quotes. */
export function quoted(etag: string): string {
  return `"${etag}"`;
}

/** The checksum of an object as headers. */
export function checksumHeaders(checksum: StoredChecksum | undefined): Record<string, string> {
  if (checksum === undefined) return {};
  return {
    [checksumHeader(checksum.algorithm)]: checksum.value,
    "x-amz-checksum-type": checksum.type,
  };
}

/** The headers that HEAD and GET give for an object, before ranges and overrides. */
export function objectHeaders(record: ObjectRecord): Record<string, string> {
  const headers: Record<string, string> = {
    "content-type": "binary/octet-stream",
    ...record.headers,
    "accept-ranges": "bytes",
    etag: quoted(record.etag),
    "last-modified": new Date(record.lastModified).toUTCString(),
    "x-amz-server-side-encryption": "AES256",
  };
  for (const [name, value] of Object.entries(record.metadata)) {
    headers[`x-amz-meta-${name}`] = encodeMetadata(value);
  }
  return headers;
}

/** Headers are ASCII, so that S3 gives other text as an RFC 2047 word. */
function encodeMetadata(value: string): string {
  if (/^[\x20-\x7e\t]*$/.test(value)) return value;
  return `=?UTF-8?B?${Buffer.from(value).toString("base64")}?=`;
}
