// Answers a download as an object store behind presigned addresses does.
import type { ArtifactFault, ArtifactFaults } from "./artifact_faults.ts";
import { openStream } from "./artifact_stream.ts";
import type { Artifact, ArtifactStore, Refusal } from "./artifact_store.ts";
import { type ByteRange, readRange } from "./byte_range.ts";
import type { ReadLedger } from "./read_ledger.ts";

/** What a download is answered out of. */
export interface ArtifactHost {
  readonly store: ArtifactStore;
  readonly faults: ArtifactFaults;
  readonly reads: ReadLedger;
  /** Whether an address that was made for GET answers HEAD as well. */
  readonly answersHead: boolean;
  readonly now: () => Date;
  /** Ends what is under way. */
  readonly stop: AbortSignal;
}

const REFUSALS: Readonly<Record<Refusal, readonly [code: string, message: string]>> = {
  unsigned: ["AccessDenied", "Access Denied"],
  forged: ["SignatureDoesNotMatch", "The request signature does not match the one computed here."],
  expired: ["AccessDenied", "Request has expired"],
};

/**
 * Answers a download.
 *
 * @param request GET or HEAD.
 * @param id The artifact.
 * @param host What it is answered out of.
 */
export async function serveArtifact(
  request: Request,
  id: string,
  host: ArtifactHost,
): Promise<Response> {
  const { method } = request;
  if (method !== "GET" && method !== "HEAD") {
    return refuse(request, id, host, 405, "MethodNotAllowed");
  }
  const refusal = host.store.refuse(id, new URL(request.url).searchParams) ??
    (method === "HEAD" && !host.answersHead ? "forged" : undefined);
  if (refusal !== undefined) return refuse(request, id, host, 403, ...REFUSALS[refusal]);
  const artifact = host.store.get(id);
  if (artifact === undefined) return refuse(request, id, host, 404, "NoSuchKey");
  const faults = host.faults.strike({ id, kind: artifact.kind, method });
  const delay = find(faults, "delay");
  if (delay !== undefined) await new Promise<void>((resolve) => setTimeout(resolve, delay.ms));
  const error = find(faults, "error");
  if (error !== undefined) return refuse(request, id, host, error.status, "InternalError");
  const redirect = find(faults, "redirect");
  if (redirect !== undefined) {
    note(request, id, host, 302, "complete");
    const location = redirect.location ?? host.store.presign(id);
    return new Response(null, { status: 302, headers: { location } });
  }
  return answer(request, artifact, faults, host);
}

function answer(
  request: Request,
  artifact: Artifact,
  faults: readonly ArtifactFault[],
  host: ArtifactHost,
): Response {
  const { id, content, etag } = artifact;
  const ifMatch = request.headers.get("if-match");
  if (ifMatch !== null && ifMatch !== "*" && ifMatch !== etag) {
    return refuse(request, id, host, 412, "PreconditionFailed");
  }
  const headers = new Headers({
    "accept-ranges": "bytes",
    "content-type": find(faults, "content_type")?.value ?? artifact.contentType,
    etag: has(faults, "wrong_etag") ? `"${"0".repeat(32)}"` : etag,
    "last-modified": artifact.modifiedAt.toUTCString(),
  });
  if (request.headers.get("if-none-match") === etag) {
    note(request, id, host, 304, "complete");
    return new Response(null, { status: 304, headers });
  }
  const range = has(faults, "ignore_range") ? "whole" : askedRange(request, artifact);
  if (range === "unsatisfiable") {
    headers.set("content-range", `bytes */${content.bytes}`);
    return refuse(request, id, host, 416, "InvalidRange", undefined, headers);
  }
  const whole: ByteRange = { first: 0, last: content.bytes - 1 };
  const part = range === "whole" ? whole : range;
  const length = part.last - part.first + 1;
  const lie = has(faults, "wrong_length") ? 1 : 0;
  headers.set("content-length", String(range === "whole" ? length + lie : length));
  if (range !== "whole") {
    headers.set("content-range", `bytes ${part.first}-${part.last}/${content.bytes + lie}`);
  }
  const status = range === "whole" ? 200 : 206;
  if (request.method === "HEAD" || length === 0) {
    note(request, id, host, status, "complete", part.first);
    return new Response(null, { status, headers });
  }
  const read = note(request, id, host, status, "open", part.first);
  const body = openStream(
    content,
    {
      range: part,
      cutAfter: endOf(find(faults, "cut"), part),
      stallAfter: endOf(find(faults, "stall"), part),
      isCorrupt: has(faults, "corrupt"),
      bytesPerSecond: find(faults, "throttle")?.bytes_per_second ?? Infinity,
    },
    { ledger: host.reads, read },
    host.stop,
  );
  return new Response(body, { status, headers });
}

/** A range that is asked for of another version of the file is a question for the whole of this one. */
function askedRange(request: Request, { etag, content }: Artifact): ReturnType<typeof readRange> {
  const ifRange = request.headers.get("if-range");
  if (ifRange !== null && ifRange !== etag) return "whole";
  return readRange(request.headers.get("range"), content.bytes);
}

function endOf(
  fault:
    | { readonly after_bytes?: number | undefined; readonly at_byte?: number | undefined }
    | undefined,
  range: ByteRange,
): number {
  if (fault === undefined) return Infinity;
  if (fault.after_bytes !== undefined) return fault.after_bytes;
  if (fault.at_byte === undefined) return 0;
  // A download that begins after that byte never meets it.
  return fault.at_byte < range.first ? Infinity : fault.at_byte - range.first;
}

function find<D extends ArtifactFault["do"]>(
  faults: readonly ArtifactFault[],
  name: D,
): Extract<ArtifactFault, { do: D }> | undefined {
  return faults.find((fault): fault is Extract<ArtifactFault, { do: D }> => fault.do === name);
}

function has(faults: readonly ArtifactFault[], name: ArtifactFault["do"]): boolean {
  return find(faults, name) !== undefined;
}

function refuse(
  request: Request,
  id: string,
  host: ArtifactHost,
  status: number,
  code: string,
  message: string = code,
  headers = new Headers(),
): Response {
  note(request, id, host, status, "refused");
  headers.set("content-type", "application/xml");
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n` +
    `<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  return new Response(request.method === "HEAD" ? null : body, { status, headers });
}

function note(
  request: Request,
  id: string,
  host: ArtifactHost,
  status: number,
  outcome: "open" | "complete" | "refused",
  firstByte = 0,
): ReturnType<ReadLedger["open"]> {
  const { headers } = request;
  return host.reads.open({
    id,
    method: request.method,
    at: host.now().toISOString(),
    range: headers.get("range"),
    if_range: headers.get("if-range"),
    has_credentials: ["authorization", "x-meeting-baas-api-key", "cookie", "apikey"]
      .some((name) => headers.has(name)),
    status,
    first_byte: firstByte,
    bytes_sent: 0,
    outcome,
  });
}
