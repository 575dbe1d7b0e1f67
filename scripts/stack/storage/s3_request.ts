// One request as S3 reads it: bucket and key out of the path as sent, query in order, headers.
import { S3Error } from "./s3_error.ts";

/** A parsed request; its body has not been touched. */
export class S3Request {
  readonly method: string;
  /** The path as it stands on the wire, which is what error documents repeat. */
  readonly rawPath: string;
  readonly host: string;
  readonly bucket: string | undefined;
  readonly key: string | undefined;
  /** The decoded path, from which the signature's canonical form is made. */
  readonly decodedPath: string;
  readonly query: ReadonlyArray<readonly [name: string, value: string]>;
  readonly headers: Headers;
  readonly body: ReadableStream<Uint8Array> | null;

  /**
   * @param request The request of the HTTP server, whose URL is not normalised.
   * @throws {S3Error} `InvalidURI` when an escape sequence is broken.
   */
  constructor(request: Request) {
    this.method = request.method;
    this.headers = request.headers;
    this.body = request.body;
    this.host = request.headers.get("host") ?? "";
    const target = pathAndQuery(request.url);
    const mark = target.indexOf("?");
    this.rawPath = mark === -1 ? target : target.slice(0, mark);
    this.decodedPath = decode(this.rawPath);
    this.query = mark === -1 ? [] : parseQuery(target.slice(mark + 1));
    const { bucket, key } = splitPath(this.host, this.decodedPath);
    this.bucket = bucket;
    this.key = key;
  }

  /** Gives the first value of a query parameter. */
  param(name: string): string | undefined {
    return this.query.find(([candidate]) => candidate === name)?.[1];
  }

  /** Gives a header, or undefined. */
  header(name: string): string | undefined {
    return this.headers.get(name) ?? undefined;
  }

  /** Gives an `x-amz-…` setting, which a presigned URL carries in its query. */
  amz(name: string): string | undefined {
    const header = this.headers.get(name);
    if (header !== null) return header;
    return this.query.find(([candidate]) => candidate.toLowerCase() === name)?.[1];
  }

  /** The bucket of a request that must have one. */
  get requiredBucket(): string {
    if (this.bucket === undefined) throw new S3Error("InvalidBucketName");
    return this.bucket;
  }

  /** The key of a request that must have one. */
  get requiredKey(): string {
    if (this.key === undefined) throw new S3Error("InvalidRequest", "A key must be specified");
    return this.key;
  }
}

function pathAndQuery(url: string): string {
  const authority = url.indexOf("//") + 2;
  const start = url.slice(authority).search(/[/?]/);
  if (start === -1) return "/";
  const target = url.slice(authority + start);
  return target.startsWith("/") ? target : `/${target}`;
}

function parseQuery(query: string): Array<readonly [string, string]> {
  const pairs: Array<readonly [string, string]> = [];
  for (const piece of query.split("&")) {
    if (piece === "") continue;
    const equals = piece.indexOf("=");
    const name = equals === -1 ? piece : piece.slice(0, equals);
    const value = equals === -1 ? "" : piece.slice(equals + 1);
    pairs.push([decode(name.replaceAll("+", " ")), decode(value.replaceAll("+", " "))]);
  }
  return pairs;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    if (cause instanceof URIError) throw new S3Error("InvalidURI");
    throw cause;
  }
}

/** Both address forms: `host/bucket/key`, and `bucket.localhost/key` as SDKs prefer by default. */
function splitPath(host: string, path: string): { bucket?: string; key?: string } {
  const virtual = /^(.+)\.localhost(?::\d+)?$/.exec(host);
  const whole = virtual === null ? path.slice(1) : `${virtual[1]}/${path.slice(1)}`;
  const slash = whole.indexOf("/");
  const bucket = slash === -1 ? whole : whole.slice(0, slash);
  const key = slash === -1 ? "" : whole.slice(slash + 1);
  return { ...(bucket === "" ? {} : { bucket }), ...(key === "" ? {} : { key }) };
}
