// Makes an api's OpenAPI document from its contracts. Loaded only when somebody asks for it.
import { z } from "zod";
import { ERROR_CATALOGUE, type ErrorCode } from "@shared/errors/catalogue.ts";
import { FUNCTION_REGISTRY, type FunctionName } from "@shared/platform/function_registry.ts";
import type { ApiName } from "./create_api.ts";
import { nameRepeated } from "./openapi_components.ts";
import { type AnyOperationSpec, loadSchema } from "./operation.ts";

/** A JSON value of the document. */
export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject;

/** A JSON object of the document. */
export interface JsonObject {
  [key: string]: JsonValue;
}

/** An OpenAPI 3.1 document. */
export interface OpenApiDocument extends JsonObject {
  openapi: string;
  info: JsonObject;
  paths: { [path: string]: JsonObject };
  components: JsonObject;
}

/** What any operation may answer, whatever it does. */
const COMMON_ERRORS: readonly ErrorCode[] = [
  "invalid_request",
  "unauthenticated",
  "invalid_token",
  "internal_error",
  "upstream_unavailable",
  "upstream_timeout",
];
const BODY_ERRORS: readonly ErrorCode[] = [
  "invalid_json",
  "request_timeout",
  "body_too_large",
  "unsupported_media_type",
];

/**
 * Describes an api.
 *
 * @param name The function.
 * @param specs Its operations.
 * @returns The document; the same contracts always make the same text.
 */
export async function createOpenApiDocument(
  name: ApiName,
  specs: readonly AnyOperationSpec[],
): Promise<OpenApiDocument> {
  const paths: { [path: string]: JsonObject } = {};
  for (
    const spec of (await Promise.all(specs.map(loadSpec))).sort((a, b) =>
      compare(keyOf(a), keyOf(b))
    )
  ) {
    const path = `/${name}${spec.path === "/" ? "" : spec.path.replace(/:(\w+)/g, "{$1}")}`;
    paths[path] = { ...paths[path], [spec.method]: describeOperation(spec) };
  }
  const named = nameRepeated(paths);
  return {
    openapi: "3.1.1",
    info: { title: name, version: "1", summary: FUNCTION_REGISTRY[name].summary },
    paths: named.paths as OpenApiDocument["paths"],
    components: {
      securitySchemes: { user: { type: "http", scheme: "bearer", bearerFormat: "JWT" } },
      schemas: { ...named.schemas, Problem: PROBLEM },
    },
  };
}

/** A contract whose schemas are all there. */
type LoadedSpec = AnyOperationSpec & {
  readonly response: z.ZodType;
  readonly stream?: z.ZodType;
};

async function loadSpec(spec: AnyOperationSpec): Promise<LoadedSpec> {
  const { stream, ...rest } = spec;
  return {
    ...rest,
    response: await loadSchema(spec.response),
    ...(stream && { stream: await loadSchema(stream) }),
  };
}

/** A function with one address, whose callers prove themselves by a signature. */
export interface SignedCall {
  /** Below `/<function>`, empty for the function's own address. */
  readonly path: string;
  /** The header with the signature, and what is signed; one entry for each way to sign. */
  readonly signatures: readonly { readonly header: string; readonly description: string }[];
  /** What may be sent; left out where a provider decides. */
  readonly body?: z.ZodType;
  readonly response: z.ZodType;
  readonly errors: readonly ErrorCode[];
}

/**
 * Describes a webhook or a job.
 *
 * @param name The function.
 * @param call Its one operation.
 * @returns The document.
 */
export function createSignedCallDocument(name: FunctionName, call: SignedCall): OpenApiDocument {
  const schemes = call.signatures.map(({ header, description }, index) =>
    [
      index === 0 ? "signature" : `signature${index + 1}`,
      { type: "apiKey", in: "header", name: header, description },
    ] as const
  );
  const names = [...call.path.matchAll(/\{(\w+)\}/g)].map(([, parameter = ""]) => parameter);
  const operation: JsonObject = {
    operationId: name,
    summary: FUNCTION_REGISTRY[name].summary,
    security: schemes.map(([scheme]) => ({ [scheme]: [] })),
    parameters: names.map((parameter) => ({
      name: parameter,
      in: "path",
      required: true,
      schema: { type: "string" },
    })),
    requestBody: {
      content: {
        "application/json": { schema: call.body ? schemaOf(call.body, "input") : {} },
      },
    },
    responses: {
      "200": {
        description: "Done",
        content: { "application/json": { schema: schemaOf(call.response, "output") } },
      },
      ...problems([...BODY_ERRORS, "internal_error", "upstream_unavailable", ...call.errors]),
    },
  };
  return {
    openapi: "3.1.1",
    info: { title: name, version: "1", summary: FUNCTION_REGISTRY[name].summary },
    paths: { [`/${name}${call.path}`]: { post: operation } },
    components: {
      securitySchemes: Object.fromEntries(schemes),
      schemas: { Problem: PROBLEM },
    },
  };
}

function describeOperation(spec: LoadedSpec): JsonObject {
  return {
    operationId: spec.operation,
    summary: spec.summary,
    security: [{ user: [] }],
    ...(spec.params || spec.query
      ? { parameters: [...parameters("path", spec.params), ...parameters("query", spec.query)] }
      : {}),
    ...(spec.body
      ? {
        requestBody: {
          required: true,
          content: { "application/json": { schema: schemaOf(spec.body, "input") } },
        },
      }
      : {}),
    responses: { "200": success(spec), ...problems(errorsOf(spec)) },
  };
}

function parameters(place: "path" | "query", schema: z.ZodType | undefined): JsonObject[] {
  if (schema === undefined) return [];
  const object = schemaOf(schema, "input");
  const required = Array.isArray(object["required"]) ? object["required"] : [];
  return Object.entries(object["properties"] as JsonObject ?? {}).map(([name, property]) => ({
    name,
    in: place,
    required: place === "path" || required.includes(name),
    schema: property,
  }));
}

function success(spec: LoadedSpec): JsonObject {
  const envelope: JsonObject = {
    type: "object",
    properties: {
      data: schemaOf(spec.response, "output"),
      next_cursor: { type: ["string", "null"] },
    },
    required: ["data"],
  };
  return {
    description: "Done",
    content: {
      "application/json": {
        schema: spec.isBare === true ? schemaOf(spec.response, "output") : envelope,
      },
      ...(spec.stream ? { "text/event-stream": { schema: schemaOf(spec.stream, "output") } } : {}),
    },
  };
}

function errorsOf(spec: AnyOperationSpec): readonly ErrorCode[] {
  return [...COMMON_ERRORS, ...(spec.body ? BODY_ERRORS : []), ...(spec.errors ?? [])];
}

function problems(codes: readonly ErrorCode[]): JsonObject {
  const byStatus = Map.groupBy([...new Set(codes)].sort(), (code) => ERROR_CATALOGUE[code].status);
  return Object.fromEntries(
    [...byStatus].sort(([a], [b]) => a - b).map(([status, group]) => [String(status), {
      description: group.join(", "),
      content: {
        "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } },
      },
    }]),
  );
}

const PROBLEM: JsonObject = {
  type: "object",
  properties: {
    type: { type: "string" },
    title: { type: "string" },
    status: { type: "integer" },
    detail: { type: "string" },
    code: { type: "string" },
    message: { type: "string" },
    request_id: { type: "string" },
    issues: {
      type: "array",
      items: {
        type: "object",
        properties: {
          path: { type: "string" },
          code: { type: "string" },
          message: { type: "string" },
        },
        required: ["path", "code", "message"],
      },
    },
  },
  required: ["type", "title", "status", "detail", "code", "message", "request_id"],
};

function schemaOf(schema: z.ZodType, io: "input" | "output"): JsonObject {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io,
    target: "draft-2020-12",
    unrepresentable: "any",
  });
  // Through text, to leave behind what is not JSON
  return JSON.parse(JSON.stringify(rest)) as JsonObject;
}

function keyOf(spec: AnyOperationSpec): string {
  return `${spec.path} ${spec.method}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
