// The errors that S3 answers with: code, status, wording, and how one is rendered.
import { renderXml, type XmlFields } from "./xml.ts";

const CATALOGUE = {
  AccessDenied: [403, "Access Denied"],
  AuthorizationHeaderMalformed: [400, "The authorization header is malformed."],
  AuthorizationQueryParametersError: [400, "The query string authentication is malformed."],
  BadDigest: [400, "The Content-MD5 you specified did not match what we received."],
  BucketNotEmpty: [409, "The bucket you tried to delete is not empty."],
  EntityTooLarge: [400, "Your proposed upload exceeds the maximum allowed size."],
  EntityTooSmall: [400, "Your proposed upload is smaller than the minimum allowed size."],
  IllegalLocationConstraintException: [
    400,
    "The specified location constraint is incompatible with the region this request was sent to.",
  ],
  IncompleteBody: [400, "The request body terminated unexpectedly."],
  InternalError: [500, "We encountered an internal error. Please try again."],
  InvalidAccessKeyId: [
    403,
    "The AWS Access Key Id you provided does not exist in our records.",
  ],
  InvalidArgument: [400, "Invalid Argument"],
  InvalidBucketName: [400, "The specified bucket is not valid."],
  InvalidChunkSizeError: [
    403,
    "Only the last chunk is allowed to have a size less than 8192 bytes",
  ],
  InvalidDigest: [400, "The Content-MD5 you specified is not valid."],
  InvalidPart: [
    400,
    "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
  ],
  InvalidPartNumber: [416, "The requested partnumber is not satisfiable"],
  InvalidPartOrder: [
    400,
    "The list of parts was not in ascending order. Parts must be ordered by part number.",
  ],
  InvalidRange: [416, "The requested range is not satisfiable"],
  InvalidRequest: [400, "Invalid Request"],
  InvalidToken: [400, "The provided token is malformed or otherwise invalid."],
  InvalidURI: [400, "Couldn't parse the specified URI."],
  KeyTooLongError: [400, "Your key is too long"],
  MalformedTrailerError: [
    400,
    "The request contained trailing data that was not well-formed or did not conform to our published schema.",
  ],
  MalformedXML: [
    400,
    "The XML you provided was not well-formed or did not validate against our published schema",
  ],
  MetadataTooLarge: [400, "Your metadata headers exceed the maximum allowed metadata size"],
  MethodNotAllowed: [405, "The specified method is not allowed against this resource."],
  MissingContentLength: [411, "You must provide the Content-Length HTTP header."],
  NoSuchBucket: [404, "The specified bucket does not exist"],
  NoSuchKey: [404, "The specified key does not exist."],
  NoSuchUpload: [
    404,
    "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
  ],
  NotImplemented: [501, "A header you provided implies functionality that is not implemented"],
  NotModified: [304, "Not Modified"],
  PreconditionFailed: [412, "At least one of the pre-conditions you specified did not hold"],
  RequestTimeTooSkewed: [
    403,
    "The difference between the request time and the current time is too large.",
  ],
  ServiceUnavailable: [503, "Service is unable to handle request."],
  SignatureDoesNotMatch: [
    403,
    "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
  ],
  SlowDown: [503, "Please reduce your request rate."],
  XAmzContentSHA256Mismatch: [
    400,
    "The provided 'x-amz-content-sha256' header does not match what was computed.",
  ],
} as const satisfies Record<string, readonly [status: number, message: string]>;

/** A code out of S3's own list. */
export type S3ErrorCode = keyof typeof CATALOGUE;

/** A refusal that reaches the client as S3's error document. */
export class S3Error extends Error {
  readonly code: S3ErrorCode;
  readonly details: XmlFields;

  /**
   * @param code What went wrong, in S3's vocabulary; it fixes the status.
   * @param message S3's wording, where a code has several.
   * @param details Further elements of the error document.
   */
  constructor(code: S3ErrorCode, message?: string, details: XmlFields = []) {
    super(message ?? CATALOGUE[code][1]);
    this.name = "S3Error";
    this.code = code;
    this.details = details;
  }

  /** The HTTP status of the code. */
  get status(): number {
    return CATALOGUE[this.code][0];
  }
}

/**
 * Says whether a text names an error of the catalogue.
 *
 * @param code The text, for instance out of a scripted fault.
 */
export function isS3ErrorCode(code: string): code is S3ErrorCode {
  return Object.hasOwn(CATALOGUE, code);
}

/**
 * Renders an error as S3 does: a document, or headers alone where a body is not allowed.
 *
 * @param error The refusal.
 * @param method The method of the request; HEAD gets no body.
 * @param resource The path asked for.
 * @param requestId Repeated in the document and by the caller in a header.
 */
export function renderS3Error(
  error: S3Error,
  method: string,
  resource: string,
  requestId: string,
): Response {
  if (error.status === 304) return new Response(null, { status: 304 });
  const headers = { "content-type": "application/xml" };
  if (method === "HEAD") return new Response(null, { status: error.status, headers });
  const body = renderXml("Error", [
    ["Code", error.code],
    ["Message", error.message],
    ...error.details,
    ["Resource", resource],
    ["RequestId", requestId],
    ["HostId", "local"],
  ]);
  return new Response(body, { status: error.status, headers });
}
