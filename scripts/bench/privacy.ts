// How fast card numbers are looked for: what it adds to accepting a webhook. Each row reads a megabyte,
// so that a thousand divided by its milliseconds is megabytes a second.
import { ok, strictEqual } from "node:assert/strict";
import { maskSegments } from "../../shared/privacy/mask_card_numbers.ts";
import { maskJson } from "../../shared/privacy/mask_json.ts";
import { makeBusinessLines } from "../privacy_corpus/business_lines.ts";
import { type BenchRow, compare } from "./harness.ts";

const MEGABYTE = 1_000_000;
const ROUNDS = 40;
const WORDS =
  "so we talked about the renewal and they would like to see the proposal for twenty seats before the end of the quarter because one of the teams is moving to another tool and Anna said that is fine"
    .split(" ");

interface Said {
  readonly speaker: string;
  readonly text: string;
}

/**
 * Measures transcripts, lines full of numbers, and documents as providers post them.
 *
 * @returns The rows of the table.
 */
export async function benchPrivacy(): Promise<BenchRow[]> {
  const talk = fill((index) => ({
    speaker: index % 2 === 0 ? "Ana" : "Ben",
    text: `${WORDS.slice(index % 9).join(" ")}.`,
  }));
  const lines = makeBusinessLines(MEGABYTE / 20, 1);
  const numbers = fill(() => ({ speaker: "Ana", text: lines.next().value ?? "" }));
  return [
    await compareScan("privacy: 1 MB of talk between two", talk),
    await compareScan("privacy: 1 MB of lines full of numbers", numbers),
    await compareDocument(talk),
    await compareReport(),
  ];
}

/** As much as makes a megabyte. */
function fill(make: (index: number) => Said): Said[] {
  const said: Said[] = [];
  for (let length = 0; length < MEGABYTE;) {
    const next = make(said.length);
    length += next.text.length;
    said.push(next);
  }
  return said;
}

async function compareScan(name: string, said: readonly Said[]): Promise<BenchRow> {
  const text = said.map((segment) => segment.text).join("\n");
  return await compare({
    name: `${name}, masked over segments and speakers`,
    against: "a regular expression and the Luhn check, which find 4 of 11 ways to say a number",
    goal: "stated",
    rounds: ROUNDS,
    ours: () => {
      strictEqual(maskSegments(said).length, said.length);
    },
    theirs: () => {
      ok(maskNaively(text).length > 0);
    },
  });
}

/** What everybody writes first. */
function maskNaively(text: string): string {
  return text.replace(/\b(?:\d[ -]?){12,18}\d\b/g, (match) => {
    const digits = match.replace(/\D/g, "");
    let sum = 0;
    for (let index = 0; index < digits.length; index++) {
      const digit = Number(digits[digits.length - 1 - index]);
      const counted = index % 2 === 1 ? digit * 2 : digit;
      sum += counted > 9 ? counted - 9 : counted;
    }
    return sum % 10 === 0 ? "****" : match;
  });
}

async function compareDocument(talk: readonly Said[]): Promise<BenchRow> {
  const utterances = talk.map(({ speaker, text }, start) => ({
    speaker,
    start,
    text,
    words: text.split(" ").map((word, at) => ({ word, start: start + at / 10, confidence: 0.9 })),
  }));
  const whole = JSON.stringify(utterances).length;
  const share = utterances.slice(0, Math.ceil(utterances.length * MEGABYTE / whole));
  const body = JSON.stringify({ payload: { transcription: { utterances: share } } });
  return await compare({
    name: "privacy: 1 MB of a transcriber's document, every word apart",
    against: "parsing it",
    goal: "stated",
    rounds: ROUNDS,
    ours: () => {
      const document = JSON.parse(body);
      strictEqual(maskJson(document), document);
    },
    theirs: () => {
      ok(JSON.parse(body));
    },
  });
}

async function compareReport(): Promise<BenchRow> {
  const body = JSON.stringify({
    event: "bot.status_change",
    data: {
      bot_id: crypto.randomUUID(),
      event_id: null,
      status: { code: "in_call_recording", created_at: new Date().toISOString() },
    },
    extra: { recording_id: crypto.randomUUID() },
    sent_at: new Date().toISOString(),
  });
  return await compare({
    name: "privacy: a bot's report of a status",
    against: "parsing it",
    goal: "stated",
    rounds: 200,
    batch: 100,
    ours: () => {
      const document = JSON.parse(body);
      strictEqual(maskJson(document), document);
    },
    theirs: () => {
      ok(JSON.parse(body));
    },
  });
}
