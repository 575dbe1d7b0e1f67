// Reads one of the small files that the bot's provider made of a recording. Addresses live for hours:
// one that has passed is renewed by asking for the bot, and is no reason to give up (U60-116, R-11).
import { ArtifactError, readArtifactText } from "./fetch_artifact.ts";
import { storedSource, type TranscriptionClaim } from "./transcription_claim.ts";
import type { BotFiles, TranscriptionDeps } from "./transcription_deps.ts";

/** A transcript of two hours, word by word, is a tenth of this. */
const FILE_MAX_BYTES = 48 * 1024 * 1024;
const CONTENT_TYPES: readonly string[] = [
  "application/json",
  "application/x-ndjson",
  "application/jsonl",
  "application/json-lines",
  "application/octet-stream",
  "binary/octet-stream",
  "text/plain",
];
/** Long enough to be read. */
const ADDRESS_LEFT_SECONDS = 120;

/** A file's text, or what its provider says instead. */
export type BotFile =
  | { readonly text: string }
  | { readonly text: null; readonly files: BotFiles | null };

/**
 * Reads a file.
 *
 * @param deps The worker's handles.
 * @param claim Whose file.
 * @param kind Which.
 * @returns The text; without it what the provider says of the bot, null for a bot it does not know.
 * @throws {ArtifactError} When there is an address, and what is there can't be read.
 */
export async function readBotFile(
  deps: TranscriptionDeps,
  claim: TranscriptionClaim,
  kind: "transcription" | "diarization",
): Promise<BotFile> {
  const stored = storedSource(claim, kind, deps.ctx.clock.now(), ADDRESS_LEFT_SECONDS);
  if (stored !== null) {
    try {
      return { text: await download(deps, stored) };
    } catch (cause) {
      if (!(cause instanceof ArtifactError) || cause.failure !== "expired") throw cause;
    }
  }
  const files = claim.bot_id === null ? null : await deps.readBotFiles(claim.bot_id);
  const fresh = files?.[kind] ?? null;
  if (fresh === null) return { text: null, files };
  return { text: await download(deps, fresh) };
}

async function download({ ctx, fetchArtifact }: TranscriptionDeps, url: string): Promise<string> {
  const artifact = await fetchArtifact({
    url,
    maxBytes: FILE_MAX_BYTES,
    contentTypes: CONTENT_TYPES,
    signal: ctx.signal,
  });
  return await readArtifactText(artifact, FILE_MAX_BYTES);
}
