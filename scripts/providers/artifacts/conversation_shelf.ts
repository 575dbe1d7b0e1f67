// Which conversation a media artifact holds, for simulators that listen to it.
import type { ScriptedConversation } from "./conversation.ts";
import { ARTIFACT_MARK } from "./media_bytes.ts";

/** The conversations of all recordings, by the id of each of their media artifacts. */
export class ConversationShelf {
  readonly #byArtifact = new Map<string, ScriptedConversation>();

  /** Notes what an artifact holds. */
  put(artifactId: string, conversation: ScriptedConversation): void {
    this.#byArtifact.set(artifactId, conversation);
  }

  /** The conversation of an artifact. */
  get(artifactId: string): ScriptedConversation | undefined {
    return this.#byArtifact.get(artifactId);
  }

  /**
   * The conversation that a media file holds.
   *
   * @param beginning At least the first 256 bytes of the file.
   */
  recognize(beginning: Uint8Array): ScriptedConversation | undefined {
    const text = new TextDecoder("latin1").decode(beginning.subarray(0, 256));
    const at = text.indexOf(ARTIFACT_MARK);
    if (at === -1) return undefined;
    const [id = ""] = text.slice(at + ARTIFACT_MARK.length).split("\n", 1);
    return this.#byArtifact.get(id);
  }

  /** Forgets all. */
  clear(): void {
    this.#byArtifact.clear();
  }
}
