// A process of a function, seen from outside: it exists by the calls that it makes. Once it is killed it
// makes none any more, whatever its code would still like to do; what it had begun stays as it is.
import type { Chaos, Kill } from "./chaos.ts";

/** Thrown at every call of a process that is gone. */
export class ProcessKilledError extends Error {
  override readonly name = "ProcessKilledError";
}

/** One process. */
export class MortalProcess {
  readonly #chaos: Chaos;
  readonly #kill: Kill | null;
  readonly #databaseUrl: string;
  readonly #losesCompletions: boolean;
  #calls = 0;
  #isDead = false;

  /**
   * @param chaos What goes wrong.
   * @param databaseUrl Where the data API is.
   * @param losesCompletions A planted defect: takes an upload for complete without completing it.
   */
  constructor(chaos: Chaos, databaseUrl: string, losesCompletions = false) {
    this.#chaos = chaos;
    this.#kill = chaos.planKill();
    this.#databaseUrl = databaseUrl;
    this.#losesCompletions = losesCompletions;
  }

  /** True once it was killed. */
  get isDead(): boolean {
    return this.#isDead;
  }

  /** The network, as this process has it. */
  readonly fetch: typeof globalThis.fetch = async (input, init) => {
    this.#live();
    const call = this.#calls++;
    const isDue = this.#kill?.at === call;
    if (isDue && this.#kill?.when === "before") this.#die();
    this.#live();
    const request = new Request(input, init);
    const fault = this.#chaos.planCall(request.url.startsWith(this.#databaseUrl));
    if (fault === "refuse") throw new TypeError("connection refused");
    if (fault === "unavailable") {
      await request.body?.cancel();
      return new Response("not now", { status: 503 });
    }
    if (this.#losesCompletions && request.method === "POST" && /[?&]uploadId=/.test(request.url)) {
      return new Response(
        "<CompleteMultipartUploadResult><ETag>&quot;x&quot;</ETag></CompleteMultipartUploadResult>",
      );
    }
    const response = await fetch(request);
    if (isDue) this.#die();
    if (this.#isDead || fault === "lose_answer") await response.body?.cancel();
    this.#live();
    if (fault === "lose_answer") throw new TypeError("connection reset");
    return fault === "cut" ? cutOff(response, this.#chaos.below(400_000)) : response;
  };

  #die(): void {
    if (!this.#isDead) this.#chaos.noteKill();
    this.#isDead = true;
  }

  #live(): void {
    if (this.#isDead) throw new ProcessKilledError("the process was killed");
  }
}

/** The same answer, whose body breaks off after so many bytes. */
function cutOff(response: Response, bytes: number): Response {
  if (response.body === null) return response;
  let left = bytes;
  const body = response.body.pipeThrough(
    new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform(chunk, controller) {
        if (chunk.byteLength > left) {
          controller.enqueue(chunk.subarray(0, left));
          controller.error(new TypeError("connection reset"));
        } else {
          left -= chunk.byteLength;
          controller.enqueue(chunk);
        }
      },
    }),
  );
  const { status, headers } = response;
  return new Response(body, { status, headers });
}
