// What the simulator says when nobody has told it what to say: always the same for the same request,
// and always that it is a simulator.
import { z } from "zod";
import { analyzeLines, readLines } from "./analyze_lines.ts";
import { type GenerateRequest, toolsOf } from "./generate_request.ts";
import { type PlannedAnswer, splitText } from "./planned_answer.ts";
import { assist } from "./sales_assistant.ts";
import { fillSchema } from "./fill_schema.ts";

const Schema = z.looseObject({});

/**
 * Plans the answer to a request.
 *
 * @param request The request.
 */
export function planDefault(request: GenerateRequest): PlannedAnswer {
  const config = request.generationConfig;
  const schema = Schema.safeParse(config?.responseJsonSchema ?? config?.responseSchema);
  const asked = request.contents.flatMap(({ parts }) => parts).flatMap(({ text }) => text ?? [])
    .join("\n");
  if (schema.success) {
    const value = fillSchema(schema.data, analyzeLines(readLines(asked)));
    return say(JSON.stringify(value), config?.maxOutputTokens);
  }
  if (config?.responseMimeType === "application/json") return say('{"simulator":true}');
  if (toolsOf(request).some(({ name }) => name === "execute_action")) return assistPlan(request);
  const results = request.contents.at(-1)?.parts.filter((part) => part.functionResponse) ?? [];
  const about = results.length > 0
    ? `You gave me ${results.length} result${results.length === 1 ? "" : "s"}.`
    : `You wrote ${asked.length} characters.`;
  return say(`I am a simulator of Gemini, not a model. ${about}`, config?.maxOutputTokens);
}

function assistPlan({ contents, generationConfig }: GenerateRequest): PlannedAnswer {
  const next = assist(contents);
  if ("text" in next) return say(next.text, generationConfig?.maxOutputTokens);
  return { chunks: [[next.call]], finishReason: "STOP", isSigned: true };
}

function say(text: string, maxTokens = Number.POSITIVE_INFINITY): PlannedAnswer {
  const kept = text.slice(0, maxTokens * 4);
  return {
    chunks: splitText(kept, Math.ceil(kept.length / 60)),
    finishReason: kept.length < text.length ? "MAX_TOKENS" : "STOP",
    isSigned: true,
  };
}
