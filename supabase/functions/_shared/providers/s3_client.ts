// One signed call of S3: Signature Version 4 over the headers, never over the bytes, whose integrity a
// CRC-32 proves instead. A call that failed for the moment is repeated here, a few times.
import type { AwsV4Signer } from "aws4fetch";
import { ObjectStorageError, type StorageFailure } from "@shared/recordings/object_storage.ts";
import { BodyMemory } from "../http/body_memory.ts";
import { elementText } from "./s3_xml.ts";

/** Where the bucket is, and who we are to it. */
export interface S3Settings {
  readonly region: string;
  readonly bucket: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary credentials. */
  readonly sessionToken: string | undefined;
  /** Of another store than AWS; the bucket is then the first part of the path. */
  readonly endpoint: string | undefined;
}

/** What the client needs from outside. */
export interface S3ClientDeps {
  readonly settings: S3Settings;
  readonly fetch: typeof globalThis.fetch;
  readonly now: () => Date;
  /** Ends every call. */
  readonly signal: AbortSignal;
  /** Replaced in tests. */
  readonly wait?: (ms: number) => Promise<void>;
}

/** One call. */
export interface S3Call {
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  /** Absent: the bucket itself. */
  readonly key?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer> | string;
  /** Whether a call without an answer may be sent again; true unless said otherwise. */
  readonly isRepeatable?: boolean;
}

/** Status, headers and text of a good answer. */
export interface S3Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

const TRIES = 3;
const BACKOFF_MS = 200;
/** A part of the largest size over a slow line; a call that hangs longer is dead. */
const TIMEOUT_MS = 90_000;

const FAILURE_BY_CODE: Readonly<Record<string, StorageFailure>> = {
  NoSuchUpload: "no_such_upload",
  BadDigest: "corrupted",
  IncompleteBody: "corrupted",
  InvalidDigest: "corrupted",
  XAmzContentSHA256Mismatch: "corrupted",
  InvalidPart: "invalid_parts",
  InvalidPartOrder: "invalid_parts",
  EntityTooSmall: "invalid_parts",
  SlowDown: "throttled",
  TooManyRequests: "throttled",
  RequestTimeout: "unavailable",
  OperationAborted: "unavailable",
  InternalError: "unavailable",
  ServiceUnavailable: "unavailable",
  AccessDenied: "denied",
  InvalidAccessKeyId: "denied",
  SignatureDoesNotMatch: "denied",
  ExpiredToken: "denied",
  InvalidToken: "denied",
  RequestTimeTooSkewed: "denied",
  NoSuchBucket: "denied",
};

/** What makes the calls. */
export type S3Sender = Pick<S3Client, "send">;

/** Calls S3 for one bucket. */
export class S3Client {
  readonly #deps: S3ClientDeps;
  /** Signing keys by day; derived once. */
  readonly #keys = new Map<string, ArrayBuffer>();
  readonly #memory = new BodyMemory();

  /** @param deps Settings, network and clock. */
  constructor(deps: S3ClientDeps) {
    this.#deps = deps;
  }

  /**
   * Makes a call and reads its answer.
   *
   * @param call The call.
   * @returns The answer, whose status is 2xx.
   * @throws {ObjectStorageError}
   */
  async send(call: S3Call): Promise<S3Answer> {
    for (let attempt = 1;; attempt++) {
      try {
        return await this.#sendOnce(call);
      } catch (error) {
        const isOver = !(error instanceof ObjectStorageError) || !error.isTransient ||
          this.#deps.signal.aborted || (error.status === null && call.isRepeatable === false);
        if (isOver || attempt >= TRIES) throw error;
        await (this.#deps.wait ?? sleep)(BACKOFF_MS * 2 ** (attempt - 1) * (0.5 + Math.random()));
      }
    }
  }

  /**
   * Signs an address that works by itself for a while.
   *
   * @param key The object.
   * @param seconds How long: a week at most.
   * @returns The address.
   */
  async presign(key: string, seconds: number): Promise<string> {
    const query = { "X-Amz-Expires": String(seconds) };
    const signer = await this.#signer({ method: "GET", key, query }, true);
    return (await signer.sign()).url.href;
  }

  #sendOnce(call: S3Call): Promise<S3Answer> {
    const { body } = call;
    if (!(body instanceof Uint8Array)) return this.#exchange(call, body);
    return this.#memory.lend(body, (lent) => this.#exchange(call, lent));
  }

  async #exchange(call: S3Call, body: S3Call["body"]): Promise<S3Answer> {
    const { method, url, headers } = await (await this.#signer(call, false)).sign();
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), TIMEOUT_MS);
    try {
      const response = await this.#deps.fetch(url, {
        method,
        headers,
        ...(body === undefined ? {} : { body }),
        redirect: "error",
        signal: AbortSignal.any([this.#deps.signal, late.signal]),
      });
      const text = call.method === "HEAD" ? "" : await response.text();
      return accept(response, text);
    } catch (cause) {
      if (cause instanceof ObjectStorageError) throw cause;
      throw new ObjectStorageError("unavailable", null, { cause });
    } finally {
      clearTimeout(timer);
    }
  }

  async #signer(call: S3Call, isQuery: boolean): Promise<AwsV4Signer> {
    const { AwsV4Signer } = await import("aws4fetch");
    const { settings, now } = this.#deps;
    return new AwsV4Signer({
      method: call.method,
      url: this.#url(call),
      headers: { ...call.headers },
      accessKeyId: settings.accessKeyId,
      secretAccessKey: settings.secretAccessKey,
      ...(settings.sessionToken === undefined ? {} : { sessionToken: settings.sessionToken }),
      service: "s3",
      region: settings.region,
      cache: this.#keys,
      datetime: now().toISOString().replace(/[:-]|\.\d{3}/g, ""),
      signQuery: isQuery,
    });
  }

  #url({ key, query }: S3Call): string {
    const { endpoint, bucket, region } = this.#deps.settings;
    const base = endpoint === undefined
      ? `https://${bucket}.s3.${region}.amazonaws.com`
      : `${endpoint.replace(/\/+$/, "")}/${bucket}`;
    const path = key === undefined ? "" : key.split("/").map(encodeURIComponent).join("/");
    const url = new URL(key === undefined && endpoint !== undefined ? base : `${base}/${path}`);
    for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, value);
    return url.href;
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function accept(response: Response, text: string): S3Answer {
  // Completing an upload may fail after a good status was sent
  const code = text.includes("<Error>") ? elementText(text, "Code") : null;
  if (response.ok && code === null) {
    return { status: response.status, headers: response.headers, text };
  }
  throw new ObjectStorageError(failureOf(response.status, code), response.status);
}

function failureOf(status: number, code: string | null): StorageFailure {
  const known = code === null ? undefined : FAILURE_BY_CODE[code];
  if (known !== undefined) return known;
  if (status === 429 || status === 503) return "throttled";
  if (status >= 500 || status === 408) return "unavailable";
  return status === 401 || status === 403 ? "denied" : "rejected";
}
