// Reads the audio of a job, for real, and finds the conversation that it holds.
import type { ConversationShelf } from "../artifacts/conversation_shelf.ts";
import type { ScriptedConversation } from "../artifacts/conversation.ts";

/** Largest file that is accepted. */
const MAX_BYTES = 1_000 * 1024 * 1024;
/** Longest audio that is accepted: 135 minutes. */
const MAX_SECONDS = 135 * 60;
/** Beyond this only the beginning is read: simulated media are computed byte by byte. */
const READ_WHOLE_BYTES = 64 * 1024 * 1024;
const BEGINNING_BYTES = 1_024;

/** What was heard. */
export interface Heard {
  readonly conversation: ScriptedConversation | undefined;
  readonly seconds: number;
  readonly bytesRead: number;
}

/** Audio that could not be used; the code is like an HTTP status. */
export class AudioRefused extends Error {
  override readonly name = "AudioRefused";

  /**
   * @param code As the job shows it.
   * @param message What is wrong.
   */
  constructor(readonly code: number, message: string) {
    super(message);
  }
}

/**
 * Downloads and recognizes an audio.
 *
 * @param audioUrl Where it is.
 * @param shelf What the simulated recordings hold.
 * @param signal Ends the download.
 * @throws {AudioRefused} When it can't be read, is too large or too long.
 */
export async function listen(
  audioUrl: string,
  shelf: ConversationShelf,
  signal: AbortSignal,
): Promise<Heard> {
  const { beginning, bytesRead } = await download(audioUrl, signal);
  const conversation = shelf.recognize(beginning);
  const seconds = conversation?.durationSeconds ?? 0;
  if (seconds > MAX_SECONDS) {
    throw new AudioRefused(400, `Audio is longer than ${MAX_SECONDS / 60} minutes`);
  }
  return { conversation, seconds, bytesRead };
}

async function download(
  audioUrl: string,
  signal: AbortSignal,
): Promise<{ beginning: Uint8Array; bytesRead: number }> {
  let response: Response;
  try {
    response = await fetch(audioUrl, { signal });
  } catch {
    throw new AudioRefused(400, "The audio_url could not be reached");
  }
  if (!response.ok) {
    await response.body?.cancel();
    throw new AudioRefused(response.status, `The audio_url answered ${response.status}`);
  }
  const length = Number(response.headers.get("content-length") ?? 0);
  if (length > MAX_BYTES) {
    await response.body?.cancel();
    throw new AudioRefused(413, "The file is larger than 1000 MB");
  }
  try {
    return await read(response, length > READ_WHOLE_BYTES ? BEGINNING_BYTES : MAX_BYTES);
  } catch {
    throw new AudioRefused(400, "The download of audio_url broke off");
  }
}

async function read(
  response: Response,
  limit: number,
): Promise<{ beginning: Uint8Array; bytesRead: number }> {
  const beginning = new Uint8Array(BEGINNING_BYTES);
  let bytesRead = 0;
  for await (const chunk of response.body ?? []) {
    if (bytesRead < BEGINNING_BYTES) {
      beginning.set(chunk.subarray(0, BEGINNING_BYTES - bytesRead), bytesRead);
    }
    bytesRead += chunk.length;
    if (bytesRead >= limit) break;
  }
  return { beginning: beginning.subarray(0, Math.min(bytesRead, BEGINNING_BYTES)), bytesRead };
}
