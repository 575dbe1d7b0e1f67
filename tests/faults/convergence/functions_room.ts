// The functions' room of the house: each call gets a process of its own. What third parties post may be
// lost, late, doubled or forged on its way.
import { systemClock } from "@shared/platform/clock.ts";
import { FUNCTION_REGISTRY } from "@shared/platform/function_registry.ts";
import {
  readPlatformEnv,
  type ReadVariable,
} from "../../../supabase/functions/_shared/env/platform_env.ts";
import type { FunctionDeps } from "../../../supabase/functions/_shared/http/function_deps.ts";
import { calm, type Chaos } from "./chaos.ts";
import { MortalProcess } from "./mortal_process.ts";

interface FunctionModule {
  createApp(deps: FunctionDeps): { fetch(request: Request): Promise<Response> };
}

/** A delivery that nobody took, as its sender sees it. */
const notTaken = (): Response => new Response("not now", { status: 503 });

/** Serves every function of the registry. */
export class FunctionsRoom {
  chaos: Chaos = calm();
  /** A defect to plant: whoever forges a report also forges its proof. */
  isProofChecked = true;
  /** A defect to plant: the store is not asked to complete what was sent. */
  losesCompletions = false;
  readonly #readVariable: ReadVariable;
  readonly #url: string;
  readonly #modules = new Map<string, Promise<FunctionModule>>();
  readonly #work = new Set<Promise<unknown>>();
  /** Lines that functions logged above `info`, the last of them. */
  readonly troubles: string[] = [];

  /**
   * @param readVariable The functions' settings.
   * @param url The gateway.
   */
  constructor(readVariable: ReadVariable, url: string) {
    this.#readVariable = readVariable;
    this.#url = url;
  }

  /** Answers a request to `/<name>…`. */
  async fetch(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    const name = pathname.split("/")[1] ?? "";
    if (!Object.hasOwn(FUNCTION_REGISTRY, name)) return new Response(null, { status: 404 });
    const body = new Uint8Array(await request.arrayBuffer());
    const once = (): Promise<Response> => this.run(name, request, body);
    if (!isReport(name)) return await once();

    const id = request.headers.get("svix-id") ?? pathname + new TextDecoder().decode(body);
    const { fate, delivery } = this.chaos.fateOf(id);
    switch (fate) {
      case "lost":
        return notTaken();
      case "late":
        return delivery <= 2 ? notTaken() : await once();
      case "doubled": {
        const [first] = await Promise.all([once(), once()]);
        return first;
      }
      case "unacknowledged":
        await once();
        return delivery <= 2 ? notTaken() : await once();
      case "forged":
        // The transcriber's calls prove nothing, and are only hints
        if (name === "meetingbaas-webhook") await this.#forge(name, request, contradict(body));
        return await once();
      case "fine":
        return await once();
    }
  }

  /** Waits until nothing runs any more. */
  async quiesce(): Promise<void> {
    while (this.#work.size > 0) await Promise.allSettled([...this.#work]);
  }

  async #forge(name: string, request: Request, body: Uint8Array<ArrayBuffer>): Promise<void> {
    const headers = this.isProofChecked
      ? forgeHeaders(request.headers)
      : { "x-mb-secret": this.#readVariable("MEETINGBAAS_CALLBACK_SECRET") ?? "" };
    await this.run(name, new Request(request.url, { method: "POST", headers }), body);
  }

  /** Answers one call; what a room of other processes does otherwise. */
  protected async run(
    name: string,
    request: Request,
    body: Uint8Array<ArrayBuffer>,
  ): Promise<Response> {
    const process = new MortalProcess(this.chaos, `${this.#url}/rest/`, this.losesCompletions);
    const module = await this.#load(name);
    const app = module.createApp(this.#createDeps(process));
    const answer = app.fetch(
      new Request(request.url, {
        method: request.method,
        headers: request.headers,
        ...(request.method === "POST" ? { body } : {}),
      }),
    );
    const response = await this.#track(answer);
    // Nobody hears the answer of a dead process
    return process.isDead ? notTaken() : response;
  }

  #createDeps(process: MortalProcess): FunctionDeps {
    return {
      env: readPlatformEnv(this.#readVariable),
      readVariable: this.#readVariable,
      fetch: process.fetch,
      clock: systemClock,
      writeLine: (line) => {
        if (line.includes('"level":"info"')) return;
        this.troubles.push(line);
        if (this.troubles.length > 200) this.troubles.shift();
      },
      runInBackground: (work) => void this.#track(work).catch(() => undefined),
    };
  }

  async #track<T>(work: Promise<T>): Promise<T> {
    this.#work.add(work);
    try {
      return await work;
    } finally {
      this.#work.delete(work);
    }
  }

  #load(name: string): Promise<FunctionModule> {
    const known = this.#modules.get(name);
    if (known !== undefined) return known;
    const path = new URL(`../../../supabase/functions/${name}/app.ts`, import.meta.url).href;
    const loading: Promise<FunctionModule> = import(path);
    this.#modules.set(name, loading);
    return loading;
  }
}

function isReport(name: string): boolean {
  return name === "meetingbaas-webhook" || name === "process-gladia-webhook";
}

/** The same proof, if it covers the body; a secret that is only repeated is not known to others. */
function forgeHeaders(given: Headers): Headers {
  const headers = new Headers(given);
  for (const name of ["x-mb-secret", "x-meeting-baas-api-key"]) {
    if (headers.has(name)) headers.set(name, "made-up-by-somebody-else");
  }
  return headers;
}

/** Says the opposite of the report. */
function contradict(body: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const text = new TextDecoder().decode(body)
    .replace(/"event":\s*"[^"]*"/, '"forged":true,"event":"bot.failed"');
  return new TextEncoder().encode(`${text} `);
}
