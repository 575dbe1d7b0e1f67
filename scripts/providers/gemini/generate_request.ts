// What a request to generate may hold. The API refuses every field that it does not know, by name and
// place, so this does too: a client that sends one must be found here and not in production.
import { z } from "zod";
import { GeminiError, invalidArgument } from "./gemini_error.ts";

const Json = z.record(z.string(), z.unknown());
const ToolName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_.:-]{0,127}$/);

/** The subset of OpenAPI that `parameters` and `responseSchema` are written in. */
const SCHEMA_KEYS: ReadonlySet<string> = new Set([
  "type",
  "format",
  "title",
  "description",
  "nullable",
  "enum",
  "maxItems",
  "minItems",
  "properties",
  "required",
  "minProperties",
  "maxProperties",
  "minLength",
  "maxLength",
  "pattern",
  "example",
  "anyOf",
  "propertyOrdering",
  "default",
  "items",
  "minimum",
  "maximum",
]);

const FunctionCall = z.strictObject({
  id: z.string().optional(),
  name: z.string(),
  args: Json.optional(),
});
const FunctionResponse = z.strictObject({
  id: z.string().optional(),
  name: z.string(),
  response: Json,
});

const Part = z.strictObject({
  text: z.string().optional(),
  functionCall: FunctionCall.optional(),
  functionResponse: FunctionResponse.optional(),
  inlineData: z.strictObject({ mimeType: z.string(), data: z.string() }).optional(),
  fileData: z.strictObject({ mimeType: z.string().optional(), fileUri: z.string() }).optional(),
  thought: z.boolean().optional(),
  thoughtSignature: z.base64().or(z.literal("skip_thought_signature_validator")).optional(),
});
/** One part of a turn. */
export type Part = z.infer<typeof Part>;

const Content = z.strictObject({ role: z.string().optional(), parts: z.array(Part).default([]) });
/** One turn. */
export type Content = z.infer<typeof Content>;

const FunctionDeclaration = z.strictObject({
  name: ToolName,
  description: z.string().optional(),
  parameters: Json.optional(),
  parametersJsonSchema: z.unknown().optional(),
  response: Json.optional(),
  responseJsonSchema: z.unknown().optional(),
});

const ThinkingConfig = z.strictObject({
  thinkingLevel: z.enum(["MINIMAL", "LOW", "MEDIUM", "HIGH", "minimal", "low", "medium", "high"])
    .optional(),
  thinkingBudget: z.int().optional(),
  includeThoughts: z.boolean().optional(),
});

const GenerationConfig = z.strictObject({
  maxOutputTokens: z.int().positive().optional(),
  stopSequences: z.array(z.string()).max(5).optional(),
  responseMimeType: z.enum(["text/plain", "application/json", "text/x.enum"]).optional(),
  responseSchema: Json.optional(),
  responseJsonSchema: z.unknown().optional(),
  thinkingConfig: ThinkingConfig.optional(),
  candidateCount: z.int().optional(),
  seed: z.int().optional(),
  // Deprecated: taken and ignored
  temperature: z.number().optional(),
  topP: z.number().optional(),
  topK: z.number().optional(),
});

const GenerateRequest = z.strictObject({
  contents: z.array(Content).default([]),
  systemInstruction: Content.optional(),
  tools: z.array(z.strictObject({
    functionDeclarations: z.array(FunctionDeclaration).optional(),
  })).optional(),
  toolConfig: z.strictObject({
    functionCallingConfig: z.strictObject({
      mode: z.enum(["AUTO", "ANY", "NONE", "VALIDATED"]).optional(),
      allowedFunctionNames: z.array(z.string()).optional(),
    }).optional(),
  }).optional(),
  generationConfig: GenerationConfig.optional(),
  safetySettings: z.array(z.strictObject({ category: z.string(), threshold: z.string() }))
    .optional(),
  cachedContent: z.string().optional(),
});
/** A whole request. */
export type GenerateRequest = z.infer<typeof GenerateRequest>;

/**
 * Reads a request.
 *
 * @param text The body.
 * @param model The model it is for, without `models/`.
 * @throws {GeminiError} 400, in the API's own words, when a field is unknown or makes no sense.
 */
export function parseGenerateRequest(text: string, model: string): GenerateRequest {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw invalidArgument("Invalid JSON payload received. Parser terminated before end of string");
  }
  const parsed = GenerateRequest.safeParse(document);
  if (!parsed.success) throw describeIssue(parsed.error.issues);
  checkParts(parsed.data.contents);
  checkConfig(parsed.data.generationConfig, model);
  for (const declaration of toolsOf(parsed.data)) {
    if (declaration.parameters && declaration.parametersJsonSchema !== undefined) {
      throw invalidArgument("parameters and parametersJsonSchema must not be set together.");
    }
    checkSchema(declaration.parameters, "tools[0].function_declarations[0].parameters");
  }
  return parsed.data;
}

/** The functions that a request declares. */
export function toolsOf(request: GenerateRequest): z.infer<typeof FunctionDeclaration>[] {
  return (request.tools ?? []).flatMap((tool) => tool.functionDeclarations ?? []);
}

function describeIssue(issues: readonly z.core.$ZodIssue[]): GeminiError {
  const [issue] = issues;
  const place = (issue?.path ?? []).map((key) =>
    typeof key === "number"
      ? `[${key}]`
      : `.${String(key).replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`
  ).join("").replace(/^\./, "");
  if (issue?.code === "unrecognized_keys") {
    const at = place === "" ? "" : ` at '${place}'`;
    return invalidArgument(
      `Invalid JSON payload received. Unknown name "${issue.keys[0]}"${at}: Cannot find field.`,
    );
  }
  return invalidArgument(`Invalid value at '${place}': ${issue?.message ?? "unknown"}`);
}

function checkParts(contents: readonly Content[]): void {
  for (const [turn, content] of contents.entries()) {
    for (const [index, part] of content.parts.entries()) {
      const kinds = [
        part.text,
        part.functionCall,
        part.functionResponse,
        part.inlineData,
        part.fileData,
      ].filter((kind) => kind !== undefined).length;
      if (kinds === 1) continue;
      const place = `contents[${turn}].parts[${index}]`;
      throw kinds === 0
        ? invalidArgument(
          `* GenerateContentRequest.${place}.data: required oneof field 'data' must have one initialized field`,
        )
        : invalidArgument(
          `Invalid value at '${place}' (oneof), oneof field 'data' is already set.`,
        );
    }
  }
}

function checkConfig(config: GenerateRequest["generationConfig"], model: string): void {
  if (config === undefined) return;
  const { thinkingLevel, thinkingBudget } = config.thinkingConfig ?? {};
  if (thinkingLevel !== undefined && thinkingBudget !== undefined) {
    throw invalidArgument("thinking_level and thinking_budget must not be set together.");
  }
  if (thinkingLevel?.toUpperCase() === "MINIMAL" && model === "gemini-3.8-flash") {
    throw invalidArgument("Thinking level MINIMAL is not supported for this model.");
  }
  if ((config.candidateCount ?? 1) > 1) {
    throw invalidArgument("Multiple candidates is not enabled for this model");
  }
  if (config.responseSchema !== undefined && config.responseJsonSchema !== undefined) {
    throw invalidArgument("response_schema and response_json_schema must not be set together.");
  }
  const hasSchema = config.responseSchema !== undefined || config.responseJsonSchema !== undefined;
  if (hasSchema && config.responseMimeType !== "application/json") {
    throw invalidArgument("A response schema needs response_mime_type application/json.");
  }
  checkSchema(config.responseSchema, "generation_config.response_schema");
}

/** Walks a schema of the OpenAPI subset; JSON Schema's own words are unknown to it. */
function checkSchema(schema: unknown, place: string): void {
  if (schema === undefined) return;
  const parsed = Json.safeParse(schema);
  if (!parsed.success) throw invalidArgument(`Invalid value at '${place}'`);
  for (const [key, value] of Object.entries(parsed.data)) {
    if (!SCHEMA_KEYS.has(key)) {
      throw invalidArgument(
        `Invalid JSON payload received. Unknown name "${key}" at '${place}': Cannot find field.`,
      );
    }
    if (key === "items") checkSchema(value, `${place}.items`);
    if (key === "anyOf" && Array.isArray(value)) {
      value.forEach((each, index) => checkSchema(each, `${place}.any_of[${index}]`));
    }
    if (key === "properties") {
      const properties = Object.entries(Json.parse(value));
      properties.forEach(([, each], index) =>
        checkSchema(each, `${place}.properties[${index}].value`)
      );
    }
  }
}
