// Downloads that go wrong on demand: which ones, how, and how often.
import type { ArtifactKind } from "./artifact_store.ts";

/** What happens to a download. */
export type ArtifactFault =
  /** Answers with that status and an error document. */
  | { readonly do: "error"; readonly status: number }
  /** The connection breaks after so many bytes of this answer, or before that byte of the file. */
  | {
    readonly do: "cut";
    readonly after_bytes?: number | undefined;
    readonly at_byte?: number | undefined;
  }
  /** As `cut`, but the connection stays open and nothing more comes. */
  | {
    readonly do: "stall";
    readonly after_bytes?: number | undefined;
    readonly at_byte?: number | undefined;
  }
  | { readonly do: "delay"; readonly ms: number }
  /** 302, to a fresh address of the same artifact unless another place is named. */
  | { readonly do: "redirect"; readonly location?: string | undefined }
  /** The entity tag is not the artifact's. */
  | { readonly do: "wrong_etag" }
  /** The file is said to be one byte longer than it is. */
  | { readonly do: "wrong_length" }
  /** The whole file comes, whatever part of it was asked for. */
  | { readonly do: "ignore_range" }
  /** One bit of the first byte is flipped. */
  | { readonly do: "corrupt" }
  | { readonly do: "content_type"; readonly value: string }
  | { readonly do: "throttle"; readonly bytes_per_second: number };

/** The downloads that a fault is meant for. */
export interface FaultScope {
  /** An artifact, or the beginning of its id followed by `*`. */
  readonly id?: string | undefined;
  readonly kind?: string | undefined;
  readonly method?: string | undefined;
  /** The first matching download that is hit: 1 is the next one. */
  readonly nth: number;
  /** How many are hit from there on. */
  readonly count: number;
}

interface ArmedFault {
  readonly fault: ArtifactFault;
  readonly scope: FaultScope;
  seen: number;
}

/** The faults that can still strike. */
export class ArtifactFaults {
  #armed: ArmedFault[] = [];

  /** Adds a fault. */
  arm(fault: ArtifactFault, scope: FaultScope): void {
    this.#armed.push({ fault, scope, seen: 0 });
  }

  /** Counts a download and says what goes wrong with it. */
  strike(
    target: { readonly id: string; readonly kind: ArtifactKind; readonly method: string },
  ): ArtifactFault[] {
    const struck: ArtifactFault[] = [];
    for (const armed of this.#armed) {
      if (!isMeant(armed.scope, target)) continue;
      armed.seen += 1;
      const { nth, count } = armed.scope;
      if (armed.seen >= nth && armed.seen < nth + count) struck.push(armed.fault);
    }
    this.#armed = this.#armed.filter(({ scope, seen }) => seen < scope.nth + scope.count - 1);
    return struck;
  }

  /** What can still strike. */
  list(): ReadonlyArray<ArtifactFault & FaultScope & { readonly seen: number }> {
    return this.#armed.map(({ fault, scope, seen }) => ({ ...fault, ...scope, seen }));
  }

  /** Forgets all. */
  clear(): void {
    this.#armed = [];
  }
}

function isMeant(
  scope: FaultScope,
  target: { readonly id: string; readonly kind: string; readonly method: string },
): boolean {
  if (scope.kind !== undefined && scope.kind !== target.kind) return false;
  if (scope.method !== undefined && scope.method !== target.method) return false;
  if (scope.id === undefined) return true;
  return scope.id.endsWith("*")
    ? target.id.startsWith(scope.id.slice(0, -1))
    : target.id === scope.id;
}
