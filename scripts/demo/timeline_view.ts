// A recording's timeline as text: a line for each event, and a line at the bottom that shows where
// each part stands, with the upload as a bar.

import type { Timeline } from "../../shared/recordings/contract.ts";

type TimelineEvent = Timeline["events"][number];
type Upload = Timeline["uploads"][number];

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
export function renderState({ recording, uploads }: Timeline): string {
  const running = uploads.find(({ state }) => state !== "complete") ?? uploads.at(0);
  return [
    running === undefined ? `bot ${recording.status}` : renderUpload(running),
    `transcript ${recording.transcript_status ?? "–"}`,
    `analysis ${recording.analysis_status ?? "–"}`,
    `picture ${recording.thumbnail_status ?? "–"}`,
  ].join(" · ");
}

function renderUpload(upload: Upload): string {
  if (upload.bytes === null || upload.bytes === 0) return `${upload.file} ${upload.state}`;
  const share = upload.bytes_done / upload.bytes;
  const full = Math.round(share * BAR_CELLS);
  const bar = "█".repeat(full) + "░".repeat(BAR_CELLS - full);
  const size = `${toMib(upload.bytes_done)} of ${toMib(upload.bytes)} MiB`;
  return `${upload.file} ${bar} ${Math.floor(share * 100)} % (${size}, ${upload.parts_done} parts)`;
}

function toMib(bytes: number): string {
  return (bytes / MIB).toFixed(1);
}

/** Shows a timeline as it grows. */
export class TimelineView {
  readonly #startedAt = Date.now();
  readonly #shown = new Set<string>();
  readonly #columns: number | null;
  readonly #print: (text: string) => void;
  #lastState = "";

  /**
   * @param columns Width of the terminal; null where the bottom line cannot be written over.
   * @param print Writes text as it is.
   */
  constructor(columns: number | null, print: (text: string) => void) {
    this.#columns = columns;
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
    if (this.#columns !== null && this.#lastState !== "") this.#print("\n");
    this.#lastState = "";
  }

  #line(text: string): void {
    if (this.#columns === null) return this.#print(`${text}\n`);
    this.#print(`\r\x1b[K${text}\n`);
    if (this.#lastState !== "") this.#print(this.#lastState);
  }

  #state(text: string): void {
    // A line that wraps could not be written over.
    const state = `           ${text}`.slice(0, (this.#columns ?? Infinity) - 1);
    if (state === this.#lastState) return;
    this.#lastState = state;
    // Elsewhere a line stays: only the upload's progress is worth one.
    if (this.#columns !== null) this.#print(`\r\x1b[K${state}`);
    else if (/\d %/.test(text)) this.#print(`${state}\n`);
  }
}
