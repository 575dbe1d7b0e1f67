// What every operation is given, and the names by which faults, tests and the router call them.
import type { Authentication } from "./authenticate.ts";
import type { S3Request } from "./s3_request.ts";
import type { Store } from "./store.ts";

/** The operations, named as in S3's own reference. */
export const OPERATION_NAMES = [
  "ListBuckets",
  "CreateBucket",
  "HeadBucket",
  "DeleteBucket",
  "GetBucketLocation",
  "ListObjects",
  "ListObjectsV2",
  "DeleteObjects",
  "PutObject",
  "CopyObject",
  "GetObject",
  "HeadObject",
  "DeleteObject",
  "CreateMultipartUpload",
  "UploadPart",
  "UploadPartCopy",
  "ListParts",
  "ListMultipartUploads",
  "CompleteMultipartUpload",
  "AbortMultipartUpload",
] as const;

/** One of them. */
export type OperationName = (typeof OPERATION_NAMES)[number];

/** One authenticated call. */
export interface Call {
  readonly request: S3Request;
  readonly auth: Authentication;
  readonly store: Store;
  readonly region: string;
  readonly now: () => Date;
  /** Sees the payload before it is stored; a scripted fault may throw here. */
  readonly tap: (chunk: Uint8Array) => void;
}

/** Answers a call. */
export type Operation = (call: Call) => Promise<Response>;
