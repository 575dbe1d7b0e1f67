// Opens the provider's file where an upload goes on: with an address that is still good or a new one,
// and only if the file is still the one whose parts were sent before.
import { fromPostgrestError } from "../errors/app_error.ts";
import { type BotProvider, BotProviderError } from "./bot_provider.ts";
import { type Artifact, ArtifactError } from "./fetch_artifact.ts";
import { type UploadClaim, type UploadDeps, UploadError } from "./upload_contract.ts";

/** An address that ends sooner is not worth opening. */
const MARGIN_MS = 60_000;

/** What each file may be called by its server; stores that were not told call all bytes the same. */
const UNTYPED: readonly string[] = ["application/octet-stream", "binary/octet-stream"];
const CONTENT_TYPES: Readonly<Record<UploadClaim["kind"], readonly string[]>> = {
  video: ["video/mp4", ...UNTYPED],
  audio: ["audio/*", ...UNTYPED],
};

/** The file, and its size, which is known. */
export interface OpenSource {
  readonly artifact: Artifact;
  readonly totalBytes: number;
  /** The address that worked, for going on after the connection broke. */
  readonly url: string;
}

/**
 * Opens the file, renewing the address when it is over.
 *
 * @param deps The run.
 * @param claim The file.
 * @param offset Bytes that were sent before; 0 for a new upload.
 * @param etag The version that they are of.
 * @returns The opened file. Its offset is 0 when the range was not honoured or the file has changed.
 * @throws {ArtifactError} When it can't be opened.
 * @throws {UploadError} `provider_data_deleted` when nothing is left, `source_missing` when there is
 * no such file yet, `source_empty` when it holds nothing, `provider_…` when it can't be asked.
 */
export async function openSource(
  deps: UploadDeps,
  claim: UploadClaim,
  offset: number,
  etag: string | null,
): Promise<OpenSource> {
  const deadline = deps.ctx.clock.now().getTime() + MARGIN_MS;
  const isGood = claim.url !== null && Date.parse(claim.url_expires_at ?? "") > deadline;
  let url = isGood && claim.url !== null ? claim.url : await renew(deps, claim);
  let artifact: Artifact;
  try {
    artifact = await open(deps, claim, url, offset, etag);
  } catch (error) {
    // A fresh address that is refused is not over; something else is wrong
    const isOver = error instanceof ArtifactError && error.failure === "expired" && isGood;
    if (!isOver) throw error;
    url = await renew(deps, claim);
    artifact = await open(deps, claim, url, offset, etag);
  }
  const { totalBytes } = artifact;
  if (totalBytes === null || totalBytes === 0) {
    await artifact.body.cancel();
    if (totalBytes === 0) throw new UploadError("source_empty");
    throw new ArtifactError("malformed_answer");
  }
  return { artifact, totalBytes, url };
}

function open(
  deps: UploadDeps,
  claim: UploadClaim,
  url: string,
  offset: number,
  etag: string | null,
): Promise<Artifact> {
  return deps.fetchArtifact({
    url,
    maxBytes: deps.limits.maxBytes,
    contentTypes: CONTENT_TYPES[claim.kind],
    signal: deps.ctx.signal,
    range: { offset, etag },
  });
}

/** Asks the provider for new addresses and stores all that it gives. */
async function renew(deps: UploadDeps, claim: UploadClaim): Promise<string> {
  if (claim.bot_id === null) throw new UploadError("source_missing", true);
  const askedAt = deps.ctx.clock.now().getTime();
  const bot = await askProvider(deps, claim.bot_id);
  if (bot === null) throw new UploadError("provider_bot_unknown", true);
  if (bot.is_data_deleted) throw new UploadError("provider_data_deleted", true);
  const { error } = await deps.ctx.db.rpc("renew_recording_sources", {
    p_org_id: claim.org_id,
    p_recording_id: claim.recording_id,
    p_sources: { ...bot.sources },
    p_expires_at: new Date(askedAt + bot.sources_live_seconds * 1_000).toISOString(),
  });
  if (error) throw fromPostgrestError(error);
  const url = bot.sources[claim.kind];
  if (url === undefined) throw new UploadError("source_missing");
  return url;
}

async function askProvider(
  { bots }: UploadDeps,
  botId: string,
): ReturnType<BotProvider["getBot"]> {
  try {
    return await bots.getBot(botId);
  } catch (cause) {
    if (!(cause instanceof BotProviderError)) throw cause;
    throw new UploadError(`provider_${cause.failure}`);
  }
}
