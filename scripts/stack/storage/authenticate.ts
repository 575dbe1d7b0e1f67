// Decides whether a request is signed by the one key pair, by header or by query (presigned URL).
import { S3Error } from "./s3_error.ts";
import type { S3Request } from "./s3_request.ts";
import {
  canonicalRequest,
  deriveSigningKey,
  isSameSignature,
  sign,
  type SigningContext,
  stringToSign,
} from "./signature.ts";

/** The only credentials that the server knows. */
export interface StorageCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** What authentication needs to know. */
export interface AuthenticationSettings {
  readonly credentials: StorageCredentials;
  readonly region: string;
  readonly now: () => Date;
}

/** A verified request: what its payload must hash to, and the seed of chunk signatures. */
export interface Authentication extends SigningContext {
  readonly payloadHash: string;
  readonly signature: string;
}

interface Claim {
  readonly kind: "header" | "query";
  readonly credential: string;
  readonly signedHeaders: string;
  readonly signature: string;
  readonly timestamp: string;
}

const MAX_SKEW_MS = 15 * 60 * 1000;
const MAX_EXPIRY_SECONDS = 7 * 24 * 60 * 60;
const QUERY_PARAMETERS = [
  "X-Amz-Algorithm",
  "X-Amz-Credential",
  "X-Amz-Date",
  "X-Amz-Expires",
  "X-Amz-SignedHeaders",
  "X-Amz-Signature",
] as const;
const STREAMING_HASHES = new Set([
  "UNSIGNED-PAYLOAD",
  "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
  "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
  "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
]);

/**
 * Verifies who sent a request. The payload is checked later, while it streams.
 *
 * @param request The request.
 * @param settings Credentials, region and clock.
 * @throws {S3Error} With the code that S3 gives for each way of being wrong.
 */
export function authenticate(
  request: S3Request,
  settings: AuthenticationSettings,
): Authentication {
  const claim = readClaim(request);
  const scope = checkCredential(claim, settings);
  const signedAt = parseTimestamp(claim.timestamp);
  if (claim.kind === "header") checkSkew(signedAt, settings.now());
  else checkExpiry(request, signedAt, settings.now());
  const signedHeaders = checkSignedHeaders(request, claim);
  const payloadHash = readPayloadHash(request, claim.kind);
  const context: SigningContext = {
    timestamp: claim.timestamp,
    scope,
    signingKey: deriveSigningKey(settings.credentials.secretAccessKey, scope),
  };
  const canonical = canonicalRequest({
    method: request.method,
    decodedPath: request.decodedPath,
    query: request.query.filter(([name]) => claim.kind === "header" || name !== "X-Amz-Signature"),
    headers: signedHeaders.map((name) => [name, signedValue(request, name)] as const),
    payloadHash,
  });
  const text = stringToSign(context, canonical);
  if (!isSameSignature(sign(context, text), claim.signature)) {
    throw new S3Error("SignatureDoesNotMatch", undefined, [
      ["AWSAccessKeyId", settings.credentials.accessKeyId],
      ["StringToSign", text],
      ["SignatureProvided", claim.signature],
      ["CanonicalRequest", canonical],
    ]);
  }
  return { ...context, payloadHash, signature: claim.signature };
}

function readClaim(request: S3Request): Claim {
  const authorization = request.header("authorization");
  const isPresigned = request.query.some(([name]) => /^x-amz-(algorithm|signature)$/i.test(name));
  if (authorization !== undefined && isPresigned) {
    throw new S3Error(
      "InvalidArgument",
      "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified",
    );
  }
  if (isPresigned) return readQueryClaim(request);
  if (authorization === undefined) throw new S3Error("AccessDenied");
  return readHeaderClaim(request, authorization);
}

function readHeaderClaim(request: S3Request, authorization: string): Claim {
  if (!authorization.startsWith("AWS4-HMAC-SHA256 ")) {
    throw new S3Error(
      "InvalidRequest",
      "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
    );
  }
  const fields =
    /^AWS4-HMAC-SHA256 Credential=([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([^,\s]+)$/
      .exec(authorization);
  const [, credential, signedHeaders, signature] = fields ?? [];
  if (credential === undefined || signedHeaders === undefined || signature === undefined) {
    throw new S3Error("AuthorizationHeaderMalformed");
  }
  const timestamp = request.header("x-amz-date") ?? compactHttpDate(request.header("date"));
  if (timestamp === undefined) {
    throw new S3Error(
      "AccessDenied",
      "AWS authentication requires a valid Date or x-amz-date header",
    );
  }
  return { kind: "header", credential, signedHeaders, signature, timestamp };
}

function readQueryClaim(request: S3Request): Claim {
  const values = QUERY_PARAMETERS.map((name) => {
    const found = request.query.filter(([candidate]) => candidate === name);
    const value = found[0]?.[1];
    if (found.length !== 1 || value === undefined || value === "") {
      throw new S3Error(
        "AuthorizationQueryParametersError",
        "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.",
      );
    }
    return value;
  });
  const [algorithm, credential = "", timestamp = "", , signedHeaders = "", signature = ""] = values;
  if (algorithm !== "AWS4-HMAC-SHA256") {
    throw new S3Error(
      "AuthorizationQueryParametersError",
      'X-Amz-Algorithm only supports "AWS4-HMAC-SHA256"',
    );
  }
  return { kind: "query", credential, signedHeaders, signature, timestamp };
}

function checkCredential(claim: Claim, settings: AuthenticationSettings): string {
  const malformed = claim.kind === "header"
    ? "AuthorizationHeaderMalformed"
    : "AuthorizationQueryParametersError";
  const [accessKeyId, date, region, service, terminator, ...rest] = claim.credential.split("/");
  if (terminator === undefined || rest.length > 0) {
    throw new S3Error(
      malformed,
      'The Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".',
    );
  }
  if (date !== claim.timestamp.slice(0, 8)) {
    throw new S3Error(malformed, "Invalid credential date. It does not match the request's date.");
  }
  if (region !== settings.region) {
    throw new S3Error(
      malformed,
      `The region '${region}' is wrong; expecting '${settings.region}'`,
      [["Region", settings.region]],
    );
  }
  if (service !== "s3" || terminator !== "aws4_request") {
    throw new S3Error(malformed, 'The credential scope must end in "s3/aws4_request".');
  }
  if (accessKeyId !== settings.credentials.accessKeyId) throw new S3Error("InvalidAccessKeyId");
  return `${date}/${region}/s3/aws4_request`;
}

function checkSkew(signedAt: number, now: Date): void {
  if (Math.abs(now.getTime() - signedAt) <= MAX_SKEW_MS) return;
  throw new S3Error("RequestTimeTooSkewed", undefined, [
    ["RequestTime", new Date(signedAt).toISOString()],
    ["ServerTime", now.toISOString()],
    ["MaxAllowedSkewMilliseconds", MAX_SKEW_MS],
  ]);
}

function checkExpiry(request: S3Request, signedAt: number, now: Date): void {
  const text = request.param("X-Amz-Expires") ?? "";
  const seconds = Number(text);
  const complaint = !/^-?\d+$/.test(text)
    ? "X-Amz-Expires should be a number"
    : seconds < 0
    ? "X-Amz-Expires must be non-negative"
    : seconds > MAX_EXPIRY_SECONDS
    ? "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds"
    : undefined;
  if (complaint !== undefined) throw new S3Error("AuthorizationQueryParametersError", complaint);
  if (signedAt - now.getTime() > MAX_SKEW_MS) {
    throw new S3Error("AccessDenied", "Request is not yet valid");
  }
  const expiresAt = signedAt + seconds * 1000;
  if (now.getTime() <= expiresAt) return;
  throw new S3Error("AccessDenied", "Request has expired", [
    ["X-Amz-Expires", text],
    ["Expires", new Date(expiresAt).toISOString()],
    ["ServerTime", now.toISOString()],
  ]);
}

function checkSignedHeaders(request: S3Request, claim: Claim): string[] {
  const names = claim.signedHeaders.split(";");
  const sent = [...request.headers.keys()].filter((name) => name.startsWith("x-amz-"));
  const unsigned = ["host", ...sent].filter((name) => !names.includes(name));
  if (unsigned.length > 0) {
    throw new S3Error(
      "AccessDenied",
      "There were headers present in the request which were not signed",
      [["HeadersNotSigned", unsigned.join(", ")]],
    );
  }
  return names;
}

function signedValue(request: S3Request, name: string): string {
  if (name !== name.toLowerCase()) throw new S3Error("SignatureDoesNotMatch");
  return request.header(name) ?? "";
}

function readPayloadHash(request: S3Request, kind: Claim["kind"]): string {
  if (request.amz("x-amz-security-token") !== undefined) throw new S3Error("InvalidToken");
  const value = request.amz("x-amz-content-sha256");
  if (value === undefined) {
    if (kind === "query") return "UNSIGNED-PAYLOAD";
    throw new S3Error(
      "InvalidRequest",
      "Missing required header for this request: x-amz-content-sha256",
    );
  }
  if (STREAMING_HASHES.has(value) || /^[0-9a-f]{64}$/.test(value)) return value;
  throw new S3Error(
    "InvalidArgument",
    "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value.",
    [["ArgumentName", "x-amz-content-sha256"], ["ArgumentValue", value]],
  );
}

function parseTimestamp(timestamp: string): number {
  const fields = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(timestamp);
  const [, year, month, day, hour, minute, second] = fields ?? [];
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (fields !== null && !Number.isNaN(time)) return time;
  throw new S3Error(
    "AccessDenied",
    "AWS authentication requires a valid Date or x-amz-date header",
  );
}

function compactHttpDate(date: string | undefined): string | undefined {
  const time = date === undefined ? Number.NaN : Date.parse(date);
  if (Number.isNaN(time)) return undefined;
  return new Date(time).toISOString().replace(/[-:]|\.\d{3}/g, "");
}
