// Lets bots live: from one status to the next when their time comes, or as control says.
import type { ArtifactSimulator } from "../artifacts/artifact_simulator.ts";
import {
  renderDiarization,
  renderRawTranscription,
  renderTranscription,
} from "../artifacts/transcript_documents.ts";
import type { VirtualClock } from "../virtual_clock.ts";
import { VirtualTimers } from "../virtual_timers.ts";
import { presignAll } from "./bot_documents.ts";
import { type Bot, hasBeen, statusOf, TERMINAL } from "./bot.ts";
import type { EventDesk } from "./event_desk.ts";
import {
  completed,
  failed,
  type Spelling,
  statusChange,
  v1Complete,
  v1Failed,
  v1StatusChange,
} from "./webhook_bodies.ts";

/** How bots live, as far as it can be set. */
export interface LifeSettings {
  /** How long a bot stays in one status, in seconds of the simulators' time. */
  stageSeconds: number;
  /** Whether new bots go on by themselves. */
  isAutomatic: boolean;
  videoBytes: number;
  audioBytes: number;
  urlLifetimeSeconds: number;
  spelling: Spelling;
}

/** A bot's whole life in half a minute at most, with a file of a few parts. */
export const DEFAULT_LIFE: Readonly<LifeSettings> = {
  stageSeconds: 1,
  isAutomatic: true,
  videoBytes: 24 * 1024 * 1024,
  audioBytes: 3 * 1024 * 1024,
  urlLifetimeSeconds: 4 * 3600,
  spelling: "openapi",
};

const LEFT_EARLY = "EXITING_MEETING_BEFORE_RECORD";

/** What moves bots. */
export class BotLife {
  readonly #clock: VirtualClock;
  readonly #timers: VirtualTimers;
  readonly #desk: EventDesk;
  readonly #artifacts: ArtifactSimulator;
  settings: LifeSettings = { ...DEFAULT_LIFE };

  /**
   * @param clock The simulators' time.
   * @param desk Sends what happens.
   * @param artifacts Where recordings are put.
   */
  constructor(clock: VirtualClock, desk: EventDesk, artifacts: ArtifactSimulator) {
    this.#clock = clock;
    this.#timers = new VirtualTimers(clock);
    this.#desk = desk;
    this.#artifacts = artifacts;
  }

  /** Has a bot go on by itself. */
  play(bot: Bot, from: Date = this.#clock.now()): void {
    if (bot.isPlaying || bot.ahead.length === 0) return;
    bot.isPlaying = true;
    this.#timers.after(this.settings.stageSeconds, (at) => this.#step(bot, at), from);
  }

  #step(bot: Bot, at: Date): void {
    if (!bot.isPlaying) return;
    bot.isPlaying = false;
    const next = bot.ahead.shift();
    if (next === undefined) return;
    this.moveTo(bot, next, at);
    if (next !== bot.plan.waitsAt) this.play(bot, at);
  }

  /** Puts a bot into a status, any text, and tells whoever listens. */
  moveTo(bot: Bot, code: string, at: Date = this.#clock.now()): void {
    if (code === "completed") return this.complete(bot, at);
    if (code === "failed") {
      return this.fail(
        bot,
        bot.plan.errorCode ?? bot.errorCode ?? "UNKNOWN_ERROR",
        bot.plan.errorMessage ?? bot.errorMessage,
        at,
      );
    }
    const entry = { code, at };
    bot.history.push(entry);
    if (code === "in_call_not_recording") bot.joinedAt ??= at;
    if (code === "call_ended") bot.exitedAt ??= at;
    if (code === "transcribing") bot.transcription = "processing";
    if (code === "recording_succeeded") this.#leaveRecording(bot);
    this.#desk.announce(bot, "v2", statusChange(bot, entry));
    this.#desk.announce(bot, "v1", v1StatusChange(bot, entry));
  }

  /** Ends a bot well: its artifacts are there, and everybody is told. */
  complete(bot: Bot, at: Date = this.#clock.now()): void {
    if (TERMINAL.has(statusOf(bot).code)) return;
    bot.ahead = [];
    bot.isPlaying = false;
    bot.joinedAt ??= at;
    bot.exitedAt ??= at;
    this.#leaveRecording(bot);
    this.#leaveTranscript(bot, at);
    if (bot.plan.endsAs === "completed") bot.errorCode = bot.plan.errorCode ?? null;
    bot.history.push({ code: "completed", at });
    this.announceEnd(bot);
  }

  /** Ends a bot badly; what it recorded before is kept. */
  fail(bot: Bot, code: string, message: string | null, at: Date = this.#clock.now()): void {
    if (TERMINAL.has(statusOf(bot).code)) return;
    bot.ahead = [];
    bot.isPlaying = false;
    bot.errorCode = code;
    bot.errorMessage = message ?? `The bot failed: ${code}`;
    if (bot.joinedAt !== null) bot.exitedAt ??= at;
    if (bot.transcription === "processing") bot.transcription = "error";
    bot.history.push({ code: "failed", at });
    this.announceEnd(bot);
  }

  /** Has a bot leave: before it records that is a failure, later the ordinary end. */
  leave(bot: Bot): void {
    const at = this.#clock.now();
    if (!hasBeen(bot, "in_call_recording")) {
      bot.ahead = ["failed"];
      bot.errorCode = LEFT_EARLY;
      bot.errorMessage = "The bot left before it could record";
    } else {
      this.moveTo(bot, "api_request_stop", at);
      const rest = bot.ahead.indexOf("call_ended");
      bot.ahead = rest === -1 ? bot.ahead : bot.ahead.slice(rest);
    }
    this.play(bot);
  }

  /** Tells everybody how a bot ended; the addresses are fresh. */
  announceEnd(bot: Bot): void {
    const now = this.#clock.now();
    const urls = presignAll(bot, this.#artifacts.store, this.settings.urlLifetimeSeconds);
    const isCompleted = statusOf(bot).code === "completed";
    const body = isCompleted ? completed(bot, urls, this.settings.spelling, now) : failed(bot, now);
    const callback = bot.request.callback_enabled && this.#desk.schemes.includes("callback");
    this.#desk.announce(bot, "v1", isCompleted ? v1Complete(bot, urls) : v1Failed(bot));
    this.#desk.announce(bot, "v2", body, !callback);
    this.#desk.announce(bot, "callback", body, true);
  }

  /** Forgets what was planned. */
  reset(): void {
    this.#timers.clear();
    this.settings = { ...DEFAULT_LIFE };
  }

  #leaveRecording(bot: Bot): void {
    if (bot.artifacts !== null) return;
    const { store, conversations } = this.#artifacts;
    const { plan, request } = bot;
    const video = `${bot.id}/output.mp4`;
    const audio = `${bot.id}/output.flac`;
    const diarization = `${bot.id}/diarization.jsonl`;
    if (request.recording_mode !== "audio_only") {
      const bytes = plan.videoBytes ?? this.settings.videoBytes;
      store.putMedia({ id: video, kind: "video", bytes });
    }
    const bytes = plan.audioBytes ?? this.settings.audioBytes;
    store.putMedia({ id: audio, kind: "audio", bytes });
    store.putText(diarization, "diarization", renderDiarization(bot.conversation));
    for (const id of [video, audio]) conversations.put(id, bot.conversation);
    bot.artifacts = {
      video: store.get(video)?.id ?? null,
      audio,
      diarization,
      transcription: null,
      raw_transcription: null,
    };
  }

  #leaveTranscript(bot: Bot, at: Date): void {
    if (bot.artifacts === null || !bot.request.transcription_enabled) return;
    if (!bot.plan.isTranscribed) {
      bot.transcription = "error";
      return;
    }
    const { store } = this.#artifacts;
    const transcription = `${bot.id}/transcription.json`;
    const raw = `${bot.id}/raw_transcription.json`;
    store.putText(
      transcription,
      "transcription",
      renderTranscription(bot.id, bot.conversation, at),
    );
    store.putText(raw, "raw_transcription", renderRawTranscription(bot.id, bot.conversation, at));
    bot.artifacts = { ...bot.artifacts, transcription, raw_transcription: raw };
    bot.transcription = "done";
  }
}
