// The host that a provider's artifacts are downloaded from: presigned addresses that die, ranges,
// entity tags, and every way in which a download breaks.
import type { Simulator } from "../simulator.ts";
import type { VirtualClock } from "../virtual_clock.ts";
import { controlArtifacts } from "./artifact_control.ts";
import { ArtifactFaults } from "./artifact_faults.ts";
import { ArtifactStore } from "./artifact_store.ts";
import { ConversationShelf } from "./conversation_shelf.ts";
import { ReadLedger } from "./read_ledger.ts";
import { serveArtifact } from "./serve_artifact.ts";

/** Object store of simulated recordings. */
export class ArtifactSimulator implements Simulator {
  readonly name = "artifacts";
  readonly prefix = "artifacts";
  readonly store: ArtifactStore;
  readonly conversations = new ConversationShelf();
  readonly faults = new ArtifactFaults();
  readonly reads = new ReadLedger();
  answersHead = true;
  #stop = new AbortController();

  /** @param clock The simulators' time. */
  constructor(readonly clock: VirtualClock) {
    this.store = new ArtifactStore(clock);
  }

  async answer(request: Request, path: string): Promise<Response> {
    return await serveArtifact(request, decodeURIComponent(path.slice(1)), {
      store: this.store,
      faults: this.faults,
      reads: this.reads,
      answersHead: this.answersHead,
      now: () => this.clock.now(),
      stop: this.#stop.signal,
    });
  }

  async control(input: unknown): Promise<unknown> {
    return await controlArtifacts(this, input);
  }

  state(): unknown {
    return {
      objects: this.store.list().map(({ id, kind, content, etag }) => ({
        id,
        kind,
        bytes: content.bytes,
        etag,
      })),
      reads: this.reads.list(),
      totals: this.reads.totals(),
      faults: this.faults.list(),
    };
  }

  reset(): void {
    this.#stop.abort();
    this.#stop = new AbortController();
    this.store.clear();
    this.conversations.clear();
    this.faults.clear();
    this.reads.clear();
    this.answersHead = true;
  }

  close(): Promise<void> {
    this.#stop.abort();
    return Promise.resolve();
  }
}
