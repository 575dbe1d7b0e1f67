// Which operation a request asks for, by method, path and query.
import { createBucket, deleteBucket, getBucketLocation, headBucket } from "./bucket_operations.ts";
import { listBuckets } from "./bucket_operations.ts";
import { completeMultipartUpload } from "./complete_operation.ts";
import { listObjects, listObjectsV2 } from "./list_operations.ts";
import { listMultipartUploads, listParts } from "./list_uploads_operations.ts";
import {
  abortMultipartUpload,
  createMultipartUpload,
  uploadPart,
  uploadPartCopy,
} from "./multipart_operations.ts";
import type { Operation, OperationName } from "./operation.ts";
import { getObject, headObject } from "./read_operations.ts";
import { S3Error } from "./s3_error.ts";
import type { S3Request } from "./s3_request.ts";
import { copyObject, deleteObject, deleteObjects, putObject } from "./write_operations.ts";

/** The code behind each operation. */
export const OPERATIONS: Readonly<Record<OperationName, Operation>> = {
  ListBuckets: listBuckets,
  CreateBucket: createBucket,
  HeadBucket: headBucket,
  DeleteBucket: deleteBucket,
  GetBucketLocation: getBucketLocation,
  ListObjects: listObjects,
  ListObjectsV2: listObjectsV2,
  DeleteObjects: deleteObjects,
  PutObject: putObject,
  CopyObject: copyObject,
  GetObject: getObject,
  HeadObject: headObject,
  DeleteObject: deleteObject,
  CreateMultipartUpload: createMultipartUpload,
  UploadPart: uploadPart,
  UploadPartCopy: uploadPartCopy,
  ListParts: listParts,
  ListMultipartUploads: listMultipartUploads,
  CompleteMultipartUpload: completeMultipartUpload,
  AbortMultipartUpload: abortMultipartUpload,
};

/** Subresources that S3 has and this server doesn't: refused, never mistaken for the object. */
const UNSUPPORTED = new Set([
  "accelerate",
  "acl",
  "analytics",
  "attributes",
  "cors",
  "encryption",
  "intelligent-tiering",
  "inventory",
  "legal-hold",
  "lifecycle",
  "logging",
  "metrics",
  "notification",
  "object-lock",
  "ownershipControls",
  "policy",
  "policyStatus",
  "publicAccessBlock",
  "replication",
  "requestPayment",
  "restore",
  "retention",
  "select",
  "tagging",
  "torrent",
  "versionId",
  "versioning",
  "versions",
  "website",
]);

/**
 * Finds the operation of a request.
 *
 * @param request The request.
 * @throws {S3Error} `NotImplemented` or `MethodNotAllowed`.
 */
export function chooseOperation(request: S3Request): OperationName {
  for (const [name] of request.query) {
    if (UNSUPPORTED.has(name)) {
      throw new S3Error("NotImplemented", undefined, [["Resource", name]]);
    }
  }
  const operation = request.bucket === undefined
    ? ofService(request)
    : request.key === undefined
    ? ofBucket(request)
    : ofObject(request);
  if (operation === undefined) {
    throw new S3Error("MethodNotAllowed", undefined, [["Method", request.method]]);
  }
  return operation;
}

function ofService(request: S3Request): OperationName | undefined {
  return request.method === "GET" ? "ListBuckets" : undefined;
}

function ofBucket(request: S3Request): OperationName | undefined {
  const has = (name: string): boolean => request.param(name) !== undefined;
  switch (request.method) {
    case "PUT":
      return "CreateBucket";
    case "HEAD":
      return "HeadBucket";
    case "DELETE":
      return "DeleteBucket";
    case "POST":
      return has("delete") ? "DeleteObjects" : undefined;
    case "GET":
      if (has("location")) return "GetBucketLocation";
      if (has("uploads")) return "ListMultipartUploads";
      return request.param("list-type") === "2" ? "ListObjectsV2" : "ListObjects";
    default:
      return undefined;
  }
}

function ofObject(request: S3Request): OperationName | undefined {
  const hasUpload = request.param("uploadId") !== undefined;
  const isCopy = request.amz("x-amz-copy-source") !== undefined;
  switch (request.method) {
    case "PUT":
      if (hasUpload) return isCopy ? "UploadPartCopy" : "UploadPart";
      return isCopy ? "CopyObject" : "PutObject";
    case "GET":
      return hasUpload ? "ListParts" : "GetObject";
    case "HEAD":
      return "HeadObject";
    case "DELETE":
      return hasUpload ? "AbortMultipartUpload" : "DeleteObject";
    case "POST":
      if (request.param("uploads") !== undefined) return "CreateMultipartUpload";
      return hasUpload ? "CompleteMultipartUpload" : undefined;
    default:
      return undefined;
  }
}
