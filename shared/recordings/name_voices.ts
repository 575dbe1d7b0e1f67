// Gives numbered voices the names of those who spoke at the same time. Pure: the same lines and turns
// always give the same names, and where the turns don't tell, a voice keeps its number.
import type { SpokenLine, SpokenTurn } from "./provider_transcript.ts";
import type { HeardLine } from "./transcription_provider.ts";

/** Share of the time that a name must have of all that speak at the same time. */
const DOMINANT_SHARE = 0.6;

type Shares = Map<string, number>;

/**
 * Names voices by overlap.
 *
 * A voice takes the name that most of its time falls to. A voice that several people share is named
 * line by line. Two voices may take one name: several people can sit at one device.
 *
 * @param lines What was heard, voices by number.
 * @param turns Who spoke when, in order of time.
 * @returns The lines with names; `Speaker 1` and so on for voices that got none, null where voices
 * were not told apart and nobody is known to have spoken.
 */
export function nameVoices(
  lines: readonly HeardLine[],
  turns: readonly SpokenTurn[],
): SpokenLine[] {
  const shares = measureOverlaps(lines, turns);
  const byVoice = new Map<number, Shares>();
  for (const [index, { voice }] of lines.entries()) {
    if (voice === null) continue;
    const sum = byVoice.get(voice) ?? new Map<string, number>();
    byVoice.set(voice, sum);
    for (const [name, ms] of shares[index] ?? []) sum.set(name, (sum.get(name) ?? 0) + ms);
  }
  const names = new Map([...byVoice].map(([voice, sum]) => [voice, dominant(sum)]));
  return lines.map(({ startMs, endMs, text, voice }, index) => ({
    startMs,
    endMs,
    text,
    speaker: (voice === null ? null : names.get(voice)) ?? dominant(shares[index]) ??
      (voice === null ? null : `Speaker ${voice + 1}`),
  }));
}

/** Milliseconds that each name speaks during each line. */
function measureOverlaps(
  lines: readonly HeardLine[],
  turns: readonly SpokenTurn[],
): Shares[] {
  // Until when the turns before have all ended: people interrupt each other
  const latestEnds = new Array<number>(turns.length);
  let latest = 0;
  for (const [index, { endMs }] of turns.entries()) {
    latest = Math.max(latest, endMs);
    latestEnds[index] = latest;
  }
  return lines.map((line) => {
    const shares: Shares = new Map();
    for (let at = firstAfter(latestEnds, line.startMs); at < turns.length; at++) {
      const turn = turns[at];
      if (turn === undefined || turn.startMs >= line.endMs) break;
      const ms = Math.min(line.endMs, turn.endMs) - Math.max(line.startMs, turn.startMs);
      if (ms > 0) shares.set(turn.speaker, (shares.get(turn.speaker) ?? 0) + ms);
    }
    return shares;
  });
}

/** Index of the first value beyond a limit, in a list that never falls. */
function firstAfter(values: readonly number[], limit: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle] ?? 0) > limit) high = middle;
    else low = middle + 1;
  }
  return low;
}

function dominant(shares: Shares | undefined): string | null {
  let total = 0;
  let best: string | null = null;
  let bestMs = 0;
  for (const [name, ms] of shares ?? []) {
    total += ms;
    if (ms > bestMs) [best, bestMs] = [name, ms];
  }
  return bestMs >= total * DOMINANT_SHARE ? best : null;
}
