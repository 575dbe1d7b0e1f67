// What a bot's provider tells us, in our own words. Whatever version or spelling it came in, the rest
// of the product sees only this (C-07, R-09).

/** Files that the provider keeps of a recording. */
export const SOURCE_KINDS = [
  "video",
  "audio",
  "transcription",
  "raw_transcription",
  "diarization",
  "chat",
] as const;

/** One kind of file. */
export type SourceKind = (typeof SOURCE_KINDS)[number];

/**
 * One report about a bot. Passed to `apply_bot_event` as it is, hence the database's spelling.
 * Times are ISO 8601 in UTC.
 */
export interface BotEvent {
  /**
   * `status`: the bot has come to `code`. `completed`: it is done, and these are the files. `failed`:
   * it is done, and there is nothing. `transcript`: a transcript can be fetched. `other`: nothing
   * that moves a recording.
   */
  readonly kind: "status" | "completed" | "failed" | "transcript" | "other";
  /** The provider's name of the event; cut to 100 characters. */
  readonly event: string;
  /** Null where the event is about no bot, or names it unreadably. */
  readonly bot_id: string | null;
  /** Our own id, which the provider echoes; only ever used to find a row of ours that has no bot. */
  readonly recording_id: string | null;
  /** Where the bot stands: a code of the provider, known or not, as `[a-z0-9_.:-]`. */
  readonly code: string | null;
  /** When the provider says that this was so. */
  readonly at: string | null;
  /** When the recording began. */
  readonly started_at: string | null;
  readonly joined_at: string | null;
  readonly exited_at: string | null;
  readonly duration_seconds: number | null;
  /** The provider has already thrown the files away. */
  readonly is_data_deleted: boolean;
  /** Kind → signed address. */
  readonly sources: Readonly<Partial<Record<SourceKind, string>>>;
  /** How long the addresses work, counted from the event. */
  readonly sources_live_seconds: number;
  /** Names, as the meeting showed them. */
  readonly participants: readonly string[];
  /** Why it failed: a code of the provider in lower case with underscores. */
  readonly error_code: string | null;
  /** Asked of the provider by us, not told by it: there is nothing better to wait for. */
  readonly is_confirmed: boolean;
}
