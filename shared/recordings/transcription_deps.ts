// What a worker that transcribes works with.
import type { ServiceContext } from "../platform/request_context.ts";
import type { FetchArtifact } from "./fetch_artifact.ts";
import type { TranscriptionProvider } from "./transcription_provider.ts";

/** What the bot's provider says of a recording now; addresses are fresh. */
export interface BotFiles {
  readonly audio: string | null;
  readonly video: string | null;
  readonly transcription: string | null;
  readonly diarization: string | null;
  /** Its retention is over, or somebody had it deleted. */
  readonly isDeleted: boolean;
  /** Why there won't be a transcript; null while there may be one. */
  readonly transcriptionFailure:
    | "provider_transcription_failed"
    | "provider_not_transcribed"
    | null;
}

/** Signs an address of our own copy of a file. */
export interface StoredFiles {
  readonly bucket: string;
  presignGet(key: string, seconds: number): Promise<string>;
}

/** Handles of one worker. */
export interface TranscriptionDeps {
  readonly ctx: ServiceContext;
  /** Null where no transcriber is configured: the bot's provider transcribes. */
  readonly transcriber: TranscriptionProvider | null;
  /** Asks the bot's provider. Null: it does not know the bot. Throws when it can't be asked now. */
  readonly readBotFiles: (botId: string) => Promise<BotFiles | null>;
  readonly fetchArtifact: FetchArtifact;
  /** Null where nothing is stored. */
  readonly storage: StoredFiles | null;
  /** The address that a transcriber tells the end of a job to. */
  readonly callbackUrl: (token: string) => string;
  /** The transcriber keeps nothing: what it posts is all there is. */
  readonly isZeroRetention: boolean;
  /** Names the holder of a lease; unique to one run. */
  readonly workerId: string;
}
