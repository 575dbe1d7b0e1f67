// The calls that came in, and what the API would remember of their prompts for its implicit cache.
import { canonicalJson } from "./canonical_json.ts";
import { countTokens } from "./compose_response.ts";
import type { GenerateRequest } from "./generate_request.ts";

/** One call. */
export interface LedgerEntry {
  readonly at: string;
  readonly route: "generateContent" | "streamGenerateContent";
  readonly model: string;
  readonly key: string;
  /** True where the key stood in the address, which ends up in logs. */
  readonly isKeyInAddress: boolean;
  readonly status: number;
  /** The script's kind of answer, `default`, or the message of the refusal. */
  readonly outcome: string;
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly tools: readonly string[];
  /** The body as it came. */
  readonly body: string;
}

const KEPT_CALLS = 500;
const KEPT_PROMPTS = 16;
const CACHE_MIN_TOKENS = 4096;

/** Remembers calls. */
export class CallLedger {
  #calls: LedgerEntry[] = [];
  #count = 0;
  readonly #prompts = new Map<string, string[]>();

  /** Notes a call. */
  add(entry: LedgerEntry): void {
    this.#count += 1;
    this.#calls.push(entry);
    if (this.#calls.length > KEPT_CALLS) this.#calls.shift();
  }

  /** How many came in since the beginning. */
  get count(): number {
    return this.#count;
  }

  /** The last ones. */
  list(): readonly LedgerEntry[] {
    return this.#calls;
  }

  /**
   * Counts the tokens of a prompt, and how many of them an earlier one began with.
   *
   * @param request The request.
   * @param scope Key and model: caches are not shared between them.
   */
  measure(request: GenerateRequest, scope: string): { prompt: number; cached: number } {
    const text = [request.systemInstruction, request.tools, request.toolConfig, request.contents]
      .map(canonicalJson).join("\n");
    const earlier = this.#prompts.get(scope) ?? [];
    const shared = Math.max(0, ...earlier.map((other) => sharedLength(other, text)));
    this.#prompts.set(scope, [...earlier, text].slice(-KEPT_PROMPTS));
    const cached = Math.floor(shared / 4);
    return { prompt: countTokens(text), cached: cached >= CACHE_MIN_TOKENS ? cached : 0 };
  }

  /** Forgets all. */
  reset(): void {
    this.#calls = [];
    this.#count = 0;
    this.#prompts.clear();
  }
}

function sharedLength(a: string, b: string): number {
  const end = Math.min(a.length, b.length);
  let at = 0;
  while (at < end && a.charCodeAt(at) === b.charCodeAt(at)) at += 1;
  return at;
}
