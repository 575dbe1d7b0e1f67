// The simulated Gemini API: routes, keys, models, refusals, and answers by script or by default.
import type { Simulator } from "../simulator.ts";
import type { VirtualClock } from "../virtual_clock.ts";
import { stableId } from "../seeded_random.ts";
import { CallLedger } from "./call_ledger.ts";
import { type AnswerFrame, composeChunks, composeWhole } from "./compose_response.ts";
import { checkConversation } from "./conversation_rules.ts";
import { planDefault } from "./default_answer.ts";
import { controlGemini } from "./gemini_control.ts";
import {
  GeminiError,
  invalidArgument,
  quotaExhausted,
  scriptedGeminiError,
} from "./gemini_error.ts";
import { type GenerateRequest, parseGenerateRequest, toolsOf } from "./generate_request.ts";
import { type PlannedAnswer, planScripted } from "./planned_answer.ts";
import { AnswerScript, type ScriptedAnswer } from "./scripted_answer.ts";
import { sendStream, sendWhole } from "./send_answer.ts";
import { ThoughtSignatures } from "./thought_signatures.ts";

/** Models, and where retired ones are routed without a word. */
const MODELS: Readonly<Record<string, string | undefined>> = {
  "gemini-3.8-flash": "gemini-3.8-flash",
  "gemini-3.7-flash": "gemini-3.8-flash",
  "gemini-3.6-flash": "gemini-3.6-flash",
  "gemini-3.5-flash": "gemini-3.6-flash",
  "gemini-3.5-flash-lite": "gemini-3.5-flash-lite",
  "gemini-3.1-flash-lite": "gemini-3.1-flash-lite",
};
const THOUGHTS: Readonly<Record<string, number>> = { MINIMAL: 0, LOW: 24, MEDIUM: 96, HIGH: 384 };
const KEY = /^sim-gemini-[\w-]{1,60}$/;
const ROUTE = /^\/v1beta\/models\/([\w.-]+):(generateContent|streamGenerateContent)$/;

/** One call, once it is known whose it is. */
interface Call {
  readonly route: "generateContent" | "streamGenerateContent";
  readonly model: string;
  readonly key: string;
  readonly isKeyInAddress: boolean;
  readonly body: string;
}

/** Gemini, as far as generating goes. */
export class GeminiSimulator implements Simulator {
  readonly name = "gemini";
  readonly prefix = "gemini";
  readonly script = new AnswerScript();
  readonly ledger = new CallLedger();
  readonly #signatures = new ThoughtSignatures();
  readonly #revoked = new Set<string>();

  /** @param clock The simulators' time. */
  constructor(readonly clock: VirtualClock) {}

  /** Makes a key worthless, or good again. */
  setKey(key: string, isGood: boolean): void {
    if (isGood) this.#revoked.delete(key);
    else this.#revoked.add(key);
  }

  async answer(request: Request, path: string): Promise<Response> {
    try {
      return await this.#generate(await this.#open(request, path));
    } catch (cause) {
      if (!(cause instanceof GeminiError)) throw cause;
      return Response.json(cause.toDocument(), { status: cause.status });
    }
  }

  async #open(request: Request, path: string): Promise<Call> {
    const [, model = "", route = ""] = ROUTE.exec(path) ?? [];
    const url = new URL(request.url);
    if (request.method !== "POST" || route === "") throw new GeminiError(404, "Not found.");
    const inAddress = url.searchParams.get("key");
    const key = request.headers.get("x-goog-api-key") ?? inAddress;
    if (key === null) {
      throw new GeminiError(403, "Method doesn't allow unregistered callers. Use an API Key.");
    }
    if (!KEY.test(key) || this.#revoked.has(key)) {
      throw new GeminiError(400, "API key not valid. Please pass a valid API key.", [{
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        reason: "API_KEY_INVALID",
        domain: "googleapis.com",
      }]);
    }
    if (route === "streamGenerateContent" && url.searchParams.get("alt") !== "sse") {
      throw invalidArgument("This simulator streams with alt=sse only.");
    }
    return {
      route: route === "generateContent" ? route : "streamGenerateContent",
      model,
      key,
      isKeyInAddress: inAddress !== null,
      body: await request.text(),
    };
  }

  async #generate(call: Call): Promise<Response> {
    const served = MODELS[call.model];
    const note = (status: number, outcome: string, request?: GenerateRequest, tokens = NO_TOKENS) =>
      this.ledger.add({
        ...call,
        at: this.clock.now().toISOString(),
        status,
        outcome,
        promptTokens: tokens.prompt,
        cachedTokens: tokens.cached,
        tools: request === undefined ? [] : toolsOf(request).map(({ name }) => name),
      });
    let request: GenerateRequest;
    try {
      if (served === undefined) {
        throw new GeminiError(404, `models/${call.model} is not found for API version v1beta.`);
      }
      request = parseGenerateRequest(call.body, served);
      checkConversation(request.contents, this.#signatures, { key: call.key, model: served });
    } catch (cause) {
      if (cause instanceof GeminiError) note(cause.status, cause.message);
      throw cause;
    }
    const scripted = this.script.take(call.body);
    await pause(scripted?.delay_ms ?? 0);
    const refusal = scripted && refuse(scripted, served);
    if (refusal !== undefined) {
      note(refusal.status, scripted?.kind ?? "", request);
      return refusal;
    }
    const tokens = this.ledger.measure(request, `${call.key} ${served}`);
    note(200, scripted?.kind ?? "default", request, tokens);
    const plan = scripted === undefined ? planDefault(request) : planScripted(spoken(scripted));
    return this.#send(call, served, request, { plan, scripted, tokens });
  }

  #send(
    call: Call,
    model: string,
    request: GenerateRequest,
    { plan, scripted, tokens }: {
      plan: PlannedAnswer;
      scripted: ScriptedAnswer | undefined;
      tokens: { prompt: number; cached: number };
    },
  ): Response {
    const level = request.generationConfig?.thinkingConfig?.thinkingLevel ?? "MEDIUM";
    const isOutOfTokens = plan.finishReason === "MAX_TOKENS" && plan.chunks.flat().length === 0;
    const frame: AnswerFrame = {
      modelVersion: `${model}-simulator`,
      responseId: stableId(`${this.ledger.count} ${call.body}`, 22),
      promptTokens: tokens.prompt,
      cachedTokens: tokens.cached,
      thoughtsTokens: isOutOfTokens
        ? request.generationConfig?.maxOutputTokens ?? 65_536
        : THOUGHTS[level.toUpperCase()] ?? 0,
      sign: (part) => this.#signatures.issue(part, { key: call.key, model }),
    };
    const manner = {
      splitBytes: scripted?.split_bytes,
      pieceDelayMs: scripted?.piece_delay_ms ?? 0,
    };
    return call.route === "generateContent"
      ? sendWhole(composeWhole(plan, frame), plan, manner)
      : sendStream(composeChunks(plan, frame), plan, manner);
  }

  async control(input: unknown): Promise<unknown> {
    return await controlGemini(this, input);
  }

  state(): unknown {
    return {
      calls: this.ledger.count,
      answers_to_come: this.script.count,
      ledger: this.ledger.list().map(({ body, key: _, ...entry }) => ({
        ...entry,
        body_bytes: body.length,
      })),
    };
  }

  reset(): void {
    this.script.reset();
    this.ledger.reset();
    this.#revoked.clear();
  }

  async close(): Promise<void> {}
}

const NO_TOKENS = { prompt: 0, cached: 0 };

/** What is no answer at all. */
function refuse(answer: ScriptedAnswer, model: string): Response | undefined {
  if (answer.kind === "not_json") {
    return new Response("<!doctype html><title>Hello</title>", {
      headers: { "content-type": "text/html" },
    });
  }
  if (answer.kind !== "error") return undefined;
  if (answer.html) {
    return new Response(`<html>Error ${answer.status}</html>`, { status: answer.status });
  }
  const error = answer.status === 429
    ? quotaExhausted({ model, period: answer.quota, retryDelay: answer.retry_delay })
    : scriptedGeminiError(answer.status);
  return Response.json(error.toDocument(), { status: error.status });
}

function spoken(answer: ScriptedAnswer): Exclude<ScriptedAnswer, { kind: "error" | "not_json" }> {
  if (answer.kind === "error" || answer.kind === "not_json") {
    throw new TypeError(`${answer.kind} says nothing`);
  }
  return answer;
}

async function pause(ms: number): Promise<void> {
  if (ms > 0) await new Promise<void>((resolve) => setTimeout(resolve, ms));
}
