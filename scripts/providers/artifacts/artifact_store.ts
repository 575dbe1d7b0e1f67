// The artifacts that can be downloaded, and addresses that let whoever has one in for a while.
import { createHmac, randomBytes } from "node:crypto";
import { stableId } from "../seeded_random.ts";
import type { VirtualClock } from "../virtual_clock.ts";
import { MediaFile } from "./media_bytes.ts";

/** How long an address lives, unless the caller says otherwise. */
export const DEFAULT_LIFETIME_SECONDS = 4 * 3600;

/** What an artifact is. */
export type ArtifactKind =
  | "video"
  | "audio"
  | "file"
  | "transcription"
  | "raw_transcription"
  | "diarization"
  | "chat_messages";

/** Bytes that can be read from anywhere. */
export interface ArtifactContent {
  readonly bytes: number;
  read(offset: number, length: number): Uint8Array<ArrayBuffer>;
  checksum(): Promise<string>;
}

/** Something to download. */
export interface Artifact {
  /** Its path below the host's. */
  readonly id: string;
  readonly kind: ArtifactKind;
  readonly contentType: string;
  readonly content: ArtifactContent;
  /** An entity tag with its quotes. */
  readonly etag: string;
  readonly modifiedAt: Date;
}

/** A media file that is to be made. */
export interface NewMedia {
  readonly id: string;
  readonly kind: "video" | "audio" | "file";
  readonly bytes: number;
  readonly seed?: string | undefined;
  readonly contentType?: string | undefined;
}

const CONTENT_TYPES: Readonly<Record<ArtifactKind, string>> = {
  video: "video/mp4",
  audio: "audio/flac",
  file: "application/octet-stream",
  transcription: "application/json",
  raw_transcription: "application/json",
  diarization: "application/x-ndjson",
  chat_messages: "application/json",
};

/** Why an address does not let somebody in. */
export type Refusal = "unsigned" | "forged" | "expired";

/** All artifacts, and the key that signs their addresses. */
export class ArtifactStore {
  readonly #clock: VirtualClock;
  readonly #artifacts = new Map<string, Artifact>();
  readonly #key = randomBytes(32);
  /** Where the host is reached; known once it listens. */
  origin = "";

  /** @param clock Tells when an address was made and whether it still lives. */
  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  /** Stores a media file, new or in place of another. */
  putMedia(media: NewMedia): Artifact {
    const { id, kind, bytes } = media;
    const seed = media.seed ?? id;
    const content = new MediaFile({ id, kind, seed, bytes });
    return this.#put(id, kind, content, `${seed} ${bytes}`, media.contentType);
  }

  /** Stores a document. */
  putText(id: string, kind: ArtifactKind, text: string): Artifact {
    return this.#put(id, kind, textContent(text), text);
  }

  /** Finds an artifact. */
  get(id: string): Artifact | undefined {
    return this.#artifacts.get(id);
  }

  /** All of them, oldest first. */
  list(): Artifact[] {
    return [...this.#artifacts.values()];
  }

  /** Removes an artifact for good. */
  delete(id: string): boolean {
    return this.#artifacts.delete(id);
  }

  /** Forgets everything. */
  clear(): void {
    this.#artifacts.clear();
  }

  /**
   * Makes an address that lets whoever has it read an artifact.
   *
   * @param id The artifact.
   * @param lifetimeSeconds Counted from now.
   */
  presign(id: string, lifetimeSeconds = DEFAULT_LIFETIME_SECONDS): string {
    const date = this.#clock.now().toISOString().replace(/[-:]|\.\d{3}/g, "");
    const url = new URL(`${this.origin}/artifacts/${id}`);
    url.searchParams.set("X-Amz-Algorithm", "AWS4-HMAC-SHA256");
    url.searchParams.set("X-Amz-Date", date);
    url.searchParams.set("X-Amz-Expires", String(lifetimeSeconds));
    url.searchParams.set("X-Amz-SignedHeaders", "host");
    url.searchParams.set("X-Amz-Signature", this.#sign(id, date, String(lifetimeSeconds)));
    return url.href;
  }

  /** Says why an address is worth nothing; undefined when it is good. */
  refuse(id: string, query: URLSearchParams): Refusal | undefined {
    const date = query.get("X-Amz-Date");
    const lifetime = query.get("X-Amz-Expires");
    const signature = query.get("X-Amz-Signature");
    if (date === null || lifetime === null || signature === null) return "unsigned";
    if (signature !== this.#sign(id, date, lifetime)) return "forged";
    const madeAt = Date.parse(
      date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"),
    );
    const endsAt = madeAt + Number(lifetime) * 1000;
    return this.#clock.now().getTime() > endsAt ? "expired" : undefined;
  }

  #sign(id: string, date: string, lifetime: string): string {
    return createHmac("sha256", this.#key).update(`${id}\n${date}\n${lifetime}`).digest("hex");
  }

  #put(
    id: string,
    kind: ArtifactKind,
    content: ArtifactContent,
    identity: string,
    contentType: string = CONTENT_TYPES[kind],
  ): Artifact {
    const etag = `"${stableId(`${id} ${identity}`, 32)}"`;
    const artifact = { id, kind, contentType, content, etag, modifiedAt: this.#clock.now() };
    this.#artifacts.set(id, artifact);
    return artifact;
  }
}

function textContent(text: string): ArtifactContent {
  const bytes = new TextEncoder().encode(text);
  return {
    bytes: bytes.length,
    read: (offset, length) => bytes.slice(offset, offset + length),
    checksum: async () => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex(),
  };
}
