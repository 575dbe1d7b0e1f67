// A recording's timeline as text: a line for each event, and a line at the bottom that shows where
// each part stands, with the upload as a bar.

import { z } from "zod";

const Upload = z.object({
  file: z.string(),
  state: z.string(),
  bytes_done: z.number(),
  bytes: z.number().nullable(),
  parts_done: z.number(),
  invocations: z.number(),
});

/** What `get_recording_timeline` answers, as far as it is shown. */
export const Timeline = z.object({
  recording_id: z.string(),
  meeting_id: z.string().nullable(),
  status: z.string(),
  s3_upload_status: z.string().nullable(),
  transcript_status: z.string().nullable(),
  analysis_status: z.string().nullable(),
  thumbnail_status: z.string().nullable(),
  outcome: z.string().nullable(),
  outcome_reason: z.string().nullable(),
  uploads: z.array(Upload),
  events: z.array(z.object({
    id: z.string(),
    at: z.string(),
    kind: z.string(),
    code: z.string(),
    detail: z.record(z.string(), z.unknown()),
  })),
});
export type Timeline = z.infer<typeof Timeline>;
type TimelineEvent = Timeline["events"][number];

const MIB = 1024 * 1024;
const BAR_CELLS = 20;
const BYTE_NAMES: ReadonlySet<string> = new Set(["bytes", "of", "part_size"]);
/** Where a person reads when something happened already. */
const UNSHOWN: ReadonlySet<string> = new Set(["at", "expires_at"]);

/**
 * Writes one event.
 *
 * @param event The event.
 * @param startedAt When the watching began, in milliseconds.
 */
export function renderEvent(event: TimelineEvent, startedAt: number): string {
  const seconds = (Date.parse(event.at) - startedAt) / 1000;
  const when = `${seconds >= 0 ? "+" : ""}${seconds.toFixed(1)} s`;
  const what = `${event.kind.padEnd(10)} ${event.code.padEnd(22)} ${renderDetail(event.detail)}`;
  return `${when.padStart(9)}  ${what}`.trimEnd();
}

function renderDetail(detail: Readonly<Record<string, unknown>>): string {
  return Object.entries(detail)
    .filter(([name, value]) => value !== null && value !== "" && !UNSHOWN.has(name))
    .map(([name, value]) =>
      BYTE_NAMES.has(name) && typeof value === "number"
        ? `${name}=${toMib(value)} MiB`
        : `${name}=${typeof value === "object" ? JSON.stringify(value) : value}`
    )
    .join(" ");
}

/** Writes where each part of a recording stands. */
export function renderState(timeline: Timeline): string {
  const running = timeline.uploads.find(({ state }) => state !== "complete") ??
    timeline.uploads.at(0);
  return [
    `bot ${timeline.status}`,
    running === undefined ? "upload –" : renderUpload(running),
    `transcript ${timeline.transcript_status ?? "–"}`,
    `analysis ${timeline.analysis_status ?? "–"}`,
    `picture ${timeline.thumbnail_status ?? "–"}`,
  ].join(" · ");
}

function renderUpload(upload: z.infer<typeof Upload>): string {
  if (upload.bytes === null || upload.bytes === 0) return `${upload.file} ${upload.state}`;
  const share = upload.bytes_done / upload.bytes;
  const full = Math.round(share * BAR_CELLS);
  const bar = "█".repeat(full) + "░".repeat(BAR_CELLS - full);
  const part = `${upload.parts_done} parts, run ${upload.invocations}`;
  return `${upload.file} ${bar} ${Math.floor(share * 100)} % ` +
    `(${toMib(upload.bytes_done)} of ${toMib(upload.bytes)} MiB, ${part})`;
}

function toMib(bytes: number): string {
  return (bytes / MIB).toFixed(1);
}

/** Shows a timeline as it grows. */
export class TimelineView {
  readonly #startedAt = Date.now();
  readonly #shown = new Set<string>();
  readonly #isTerminal: boolean;
  readonly #print: (text: string) => void;
  #lastState = "";

  /**
   * @param isTerminal Whether the bottom line can be written over.
   * @param print Writes text as it is.
   */
  constructor(isTerminal: boolean, print: (text: string) => void) {
    this.#isTerminal = isTerminal;
    this.#print = print;
  }

  /** Writes a line of its own, with the time. */
  say(text: string): void {
    const seconds = ((Date.now() - this.#startedAt) / 1000).toFixed(1);
    this.#line(`${`+${seconds} s`.padStart(9)}  ${text}`);
  }

  /** Shows what is new. */
  show(timeline: Timeline): void {
    for (const event of timeline.events) {
      if (this.#shown.has(event.id)) continue;
      this.#shown.add(event.id);
      this.#line(renderEvent(event, this.#startedAt));
    }
    this.#state(renderState(timeline));
  }

  /** Ends the bottom line. */
  end(): void {
    if (this.#isTerminal && this.#lastState !== "") this.#print("\n");
    this.#lastState = "";
  }

  #line(text: string): void {
    if (!this.#isTerminal) return this.#print(`${text}\n`);
    this.#print(`\r\x1b[K${text}\n`);
    if (this.#lastState !== "") this.#print(this.#lastState);
  }

  #state(text: string): void {
    const state = `           ${text}`;
    if (state === this.#lastState) return;
    this.#lastState = state;
    // Elsewhere a line stays: only the upload's progress is worth one.
    if (this.#isTerminal) this.#print(`\r\x1b[K${state}`);
    else if (/\d %/.test(text)) this.#print(`${state}\n`);
  }
}
