// Reads a provider's file from an address that came from outside. Trust boundary: the address is the
// provider's word, so only registered hosts are opened, over https, and only when every address that
// the name resolves to is on the public internet; each redirect is checked like the first address.
import {
  ArtifactAddressError,
  type ArtifactPolicy,
  checkArtifactAddress,
  isGlobalAddress,
} from "@shared/recordings/artifact_address.ts";
import {
  type Artifact,
  ArtifactError,
  type ArtifactRequest,
  type FetchArtifact,
} from "@shared/recordings/fetch_artifact.ts";

/** Gives every address of a host name; none when there is no such name. */
export type ResolveHost = (hostname: string) => Promise<readonly string[]>;

/** What the guard works with. */
export interface GuardedFetchDeps {
  readonly policy: ArtifactPolicy;
  readonly fetch: typeof globalThis.fetch;
  /** Replaced in tests. */
  readonly resolveHost?: ResolveHost;
}

const MAX_REDIRECTS = 2;
const ANSWER_TIMEOUT_MS = 20_000;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** What stores answer when a signed address is over, or its object is gone. */
const EXPIRED: ReadonlySet<number> = new Set([400, 401, 403, 404, 410]);

/**
 * Makes the one way in which files of a provider are read.
 *
 * @param deps The registered hosts, and the network.
 * @returns A fetch that opens nothing else, sends no credentials of ours and follows at most two
 * redirects.
 *
 * @example Reading a transcript
 * ```ts ignore
 * const fetchArtifact = createArtifactFetch({ policy, fetch });
 * const artifact = await fetchArtifact({ url, maxBytes: 5_000_000, contentTypes: ["application/json"], signal });
 * ```
 */
export function createArtifactFetch(deps: GuardedFetchDeps): FetchArtifact {
  return async (request) => {
    let address = request.url;
    for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
      const response = await open(await admit(address, deps), request, deps);
      if (!REDIRECTS.has(response.status)) return await readAnswer(response, request);
      await response.body?.cancel();
      address = target(response, address);
    }
    throw new ArtifactError("refused");
  };
}

/** The address, once it and every place that its name leads to have been found good. */
async function admit(address: string, deps: GuardedFetchDeps): Promise<URL> {
  try {
    const url = checkArtifactAddress(address, deps.policy);
    if (deps.policy.loopbackOrigins.includes(url.origin)) return url;
    const found = await (deps.resolveHost ?? resolveByDns)(url.hostname);
    if (found.length === 0) throw new ArtifactError("unavailable");
    if (!found.every(isGlobalAddress)) throw new ArtifactAddressError("address_not_global");
    return url;
  } catch (cause) {
    if (cause instanceof ArtifactError) throw cause;
    const isRefused = cause instanceof ArtifactAddressError;
    throw new ArtifactError(isRefused ? "refused" : "unavailable", null, { cause });
  }
}

async function resolveByDns(hostname: string): Promise<readonly string[]> {
  const answers = await Promise.allSettled([
    Deno.resolveDns(hostname, "A"),
    Deno.resolveDns(hostname, "AAAA"),
  ]);
  return answers.flatMap((answer) => answer.status === "fulfilled" ? answer.value : []);
}

async function open(
  url: URL,
  request: ArtifactRequest,
  deps: GuardedFetchDeps,
): Promise<Response> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), ANSWER_TIMEOUT_MS);
  try {
    return await deps.fetch(url, {
      headers: rangeHeaders(request),
      redirect: "manual",
      credentials: "omit",
      referrerPolicy: "no-referrer",
      signal: AbortSignal.any([request.signal, late.signal]),
    });
  } catch (cause) {
    throw new ArtifactError("unavailable", null, { cause });
  } finally {
    clearTimeout(timer);
  }
}

function rangeHeaders({ range }: ArtifactRequest): Record<string, string> {
  // A compressed answer would have another length than the file
  const headers: Record<string, string> = { accept: "*/*", "accept-encoding": "identity" };
  if (range === undefined || range.offset === 0) return headers;
  headers["range"] = `bytes=${range.offset}-`;
  // Only a strong tag promises the same bytes
  if (range.etag !== null && !range.etag.startsWith("W/")) headers["if-range"] = range.etag;
  return headers;
}

function target(response: Response, address: string): string {
  const location = response.headers.get("location") ?? "";
  if (!URL.canParse(location, address)) throw new ArtifactError("refused", response.status);
  // An absolute one is judged as it came, before a parser has tidied it
  return URL.canParse(location) ? location : new URL(location, address).href;
}

async function readAnswer(response: Response, request: ArtifactRequest): Promise<Artifact> {
  try {
    return describe(response, request);
  } catch (error) {
    await response.body?.cancel().catch(() => undefined);
    throw error;
  }
}

function describe(response: Response, request: ArtifactRequest): Artifact {
  const { status, headers, body } = response;
  if (status !== 200 && status !== 206) {
    const isOver = EXPIRED.has(status);
    const isBroken = status < 500 && status !== 408 && status !== 425 && status !== 429;
    throw new ArtifactError(
      isOver ? "expired" : isBroken ? "malformed_answer" : "unavailable",
      status,
    );
  }
  const encoding = headers.get("content-encoding") ?? "identity";
  if (body === null || encoding !== "identity") {
    throw new ArtifactError("malformed_answer", status);
  }
  const contentType = (headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  if (!isAccepted(contentType, request.contentTypes)) {
    throw new ArtifactError("unexpected_type", status);
  }
  const place = status === 206 ? partialPlace(headers, request) : wholePlace(headers);
  if (place.totalBytes !== null && place.totalBytes > request.maxBytes) {
    throw new ArtifactError("too_large", status);
  }
  return { body, ...place, etag: headers.get("etag"), contentType };
}

function isAccepted(contentType: string, accepted: readonly string[]): boolean {
  return accepted.some((type) =>
    type.endsWith("/*") ? contentType.startsWith(type.slice(0, -1)) : contentType === type
  );
}

type Place = Pick<Artifact, "offset" | "totalBytes">;

function wholePlace(headers: Headers): Place {
  const length = headers.get("content-length");
  return { offset: 0, totalBytes: length !== null && /^\d{1,15}$/.test(length) ? +length : null };
}

function partialPlace(headers: Headers, { range }: ArtifactRequest): Place {
  const [, first, last, total] =
    /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/.exec(headers.get("content-range") ?? "") ?? [];
  const isAsked = first !== undefined && range !== undefined && Number(first) === range.offset;
  // Anything but the whole rest would end too early
  if (!isAsked || total === undefined || Number(last) !== Number(total) - 1) {
    throw new ArtifactError("malformed_answer", 206);
  }
  return { offset: range.offset, totalBytes: Number(total) };
}
