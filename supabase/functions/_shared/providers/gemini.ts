// Gemini, through @google/generative-ai; the only file that knows the client, so that another can take
// its place (ADR 0009). Trust boundary: what it answers is a third party's and goes on as data; no
// answer's text, and nothing of the key, reaches a log or an error.
//
// Of the client only the request and its raw documents are used. What it makes of them is not: its
// aggregated answer drops signatures and repeats the last of several calls, its chat keeps that.
import { z } from "zod";
import { canonicalize } from "@shared/model/canonical_json.ts";
import type {
  ModelCallOptions,
  ModelEvent,
  ModelOutcome,
  ModelProvider,
  ModelRequest,
} from "@shared/model/model_provider.ts";
import { readText } from "@shared/model/model_turn.ts";
import { AnswerReader } from "@shared/model/read_answer.ts";
import { readRefusal } from "@shared/model/read_refusal.ts";
import type { Clock } from "@shared/platform/clock.ts";
import { type ReadVariable, readVariables } from "../env/platform_env.ts";

/** Where Gemini is and who we are to it. */
const GeminiSettings = z.object({
  GEMINI_API_KEY: z.string().min(1).optional(),
  GEMINI_MODEL: z.string().regex(/^[\w.-]+$/).default("gemini-3.8-flash"),
  // The client adds version and path
  GEMINI_BASE_URL: z.url({ protocol: /^https?$/ })
    .default("https://generativelanguage.googleapis.com")
    .transform((url) => url.replace(/\/+$/, "")),
});

/** What the client needs from outside. */
export interface GeminiDeps {
  readonly readVariable: ReadVariable;
  readonly clock: Clock;
}

type Sdk = typeof import("@google/generative-ai");
type SdkModel = InstanceType<Sdk["GenerativeModel"]>;

/**
 * Opens Gemini, where the operator has given us a key.
 *
 * @param deps Settings and time.
 * @returns The model; null where it is not configured.
 * @throws {EnvironmentError} When a setting is malformed.
 *
 * @example In a job
 * ```ts ignore
 * const model = openGemini({ readVariable: deps.readVariable, clock: ctx.clock });
 * if (model === null) return analyzeByRules(transcript);
 * ```
 */
export function openGemini(deps: GeminiDeps): ModelProvider | null {
  const settings = readVariables(GeminiSettings, deps.readVariable);
  const apiKey = settings.GEMINI_API_KEY;
  if (apiKey === undefined) return null;
  const connection = {
    apiKey,
    model: settings.GEMINI_MODEL,
    baseUrl: settings.GEMINI_BASE_URL,
    clock: deps.clock,
  };
  return {
    model: connection.model,
    generate: (request, options) => generate(connection, request, options),
    stream: (request, options) => stream(connection, request, options),
  };
}

interface Connection {
  readonly apiKey: string;
  readonly model: string;
  readonly baseUrl: string;
  readonly clock: Clock;
}

async function generate(
  connection: Connection,
  request: ModelRequest,
  options: ModelCallOptions,
): Promise<ModelOutcome> {
  const reader = new AnswerReader();
  const signal = limit(options);
  // Loaded when it is first needed: most calls of most functions never ask a model
  const sdk = await import("@google/generative-ai");
  try {
    // The client does not look whether a signal has already ended
    signal.throwIfAborted();
    const { response } = await openModel(sdk, connection).generateContent(
      composeRequest(request),
      { signal },
    );
    reader.add(response);
    return reader.finish();
  } catch (cause) {
    return readFailure(cause, reader, connection.clock);
  }
}

async function* stream(
  connection: Connection,
  request: ModelRequest,
  options: ModelCallOptions,
): AsyncGenerator<ModelEvent> {
  const reader = new AnswerReader();
  const consumer = new AbortController();
  const signal = AbortSignal.any([limit(options), consumer.signal]);
  const sdk = await import("@google/generative-ai");
  let outcome: ModelOutcome;
  try {
    signal.throwIfAborted();
    const answer = await openModel(sdk, connection).generateContentStream(
      composeRequest(request),
      { signal },
    );
    // Nobody reads the aggregate, and its failure is the stream's, which is read
    answer.response.catch(() => undefined);
    for await (const document of answer.stream) {
      const parts = reader.add(document);
      if (parts.length > 0) yield { kind: "parts", parts, text: readText(parts) };
    }
    outcome = reader.finish();
  } catch (cause) {
    outcome = readFailure(cause, reader, connection.clock);
  } finally {
    // Whoever stops to listen ends the request: the client would go on reading to its end
    consumer.abort();
  }
  yield { kind: "outcome", outcome };
}

function limit({ signal, timeoutMs }: ModelCallOptions): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(Math.max(0, timeoutMs))]);
}

function openModel(sdk: Sdk, { apiKey, model, baseUrl }: Connection): SdkModel {
  return new sdk.GoogleGenerativeAI(apiKey).getGenerativeModel({ model }, {
    baseUrl,
    apiClient: "sixty",
  });
}

/**
 * The request in one form: equal instructions and tools have equal bytes, and stand before the turns.
 * The client's types are older than the API (ids, signatures, JSON Schema, thinking), so the document
 * passes through them unseen; the client only writes it out.
 */
function composeRequest(request: ModelRequest): Parameters<SdkModel["generateContent"]>[0] {
  const tools = [...request.tools].sort((a, b) => a.name < b.name ? -1 : 1).map((tool) => ({
    name: tool.name,
    description: tool.description,
    parametersJsonSchema: canonicalize(tool.parameters),
  }));
  const document: object = {
    systemInstruction: { parts: [{ text: request.system }] },
    ...(tools.length > 0 && { tools: [{ functionDeclarations: tools }] }),
    generationConfig: {
      maxOutputTokens: request.maxOutputTokens,
      thinkingConfig: { thinkingLevel: request.thinking.toUpperCase() },
      ...(request.answerSchema !== null && {
        responseMimeType: "application/json",
        responseJsonSchema: canonicalize(request.answerSchema),
      }),
    },
    contents: request.turns,
  };
  return document as Parameters<SdkModel["generateContent"]>[0];
}

const FetchFailure = z.object({
  name: z.string().optional(),
  status: z.int(),
  errorDetails: z.array(z.unknown()).optional(),
});

/** The client throws for everything; only what carries a status was answered. */
function readFailure(cause: unknown, reader: AnswerReader, clock: Clock): ModelOutcome {
  const failure = FetchFailure.safeParse(cause);
  if (failure.success) {
    const { status, errorDetails } = failure.data;
    return readRefusal({ status, details: errorDetails ?? [] }, clock.now());
  }
  return reader.interrupted(null);
}
