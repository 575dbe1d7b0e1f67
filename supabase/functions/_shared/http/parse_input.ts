// Turns a request into the checked input of an operation, or says what is wrong with it.
import type { z } from "zod";
import { AppError, type ErrorIssue } from "@shared/errors/app_error.ts";
import type { AnyOperationSpec } from "./operation.ts";
import { parseJson } from "./parse_json.ts";
import { readBody } from "./read_body.ts";

const DEFAULT_MAX_BODY_BYTES = 262_144;
const MAX_ISSUES = 20;
const JSON_TYPE = /^application\/json\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?$/i;

/** The raw parts of a request; the router is asked for those only that the contract has. */
export interface RawInput {
  readonly request: Request;
  params(): Readonly<Record<string, string>>;
  query(): Readonly<Record<string, readonly string[]>>;
}

/**
 * Checks a request against an operation's schemas, all parts at once.
 *
 * @param spec The contract.
 * @param raw The request.
 * @returns The parts as their schemas make them.
 * @throws {AppError} `invalid_request` with an issue per problem, or what reading a body throws.
 */
export async function parseInput(
  spec: AnyOperationSpec,
  raw: RawInput,
): Promise<{ params: unknown; query: unknown; body: unknown }> {
  const issues: ErrorIssue[] = [];
  const params = spec.params === undefined
    ? undefined
    : check("path", spec.params, raw.params(), issues);
  const query = spec.query === undefined
    ? undefined
    : check("query", spec.query, flatten(raw.query()), issues);
  const body = spec.body === undefined
    ? undefined
    : check("body", spec.body, await readJson(raw.request, spec.maxBodyBytes), issues);
  if (issues.length > 0) throw new AppError("invalid_request", { issues });
  return { params, query, body };
}

async function readJson(request: Request, maxBytes = DEFAULT_MAX_BODY_BYTES): Promise<unknown> {
  if (!JSON_TYPE.test(request.headers.get("content-type") ?? "")) {
    await request.body?.cancel();
    throw new AppError("unsupported_media_type");
  }
  return parseJson(await readBody(request, { maxBytes }));
}

/** A key given twice stays a list, so that a schema for one value refuses it. */
function flatten(
  query: ReturnType<RawInput["query"]>,
): Record<string, string | readonly string[]> {
  return Object.fromEntries(
    Object.entries(query).map(([name, values]) => [name, values.length === 1 ? values[0] : values]),
  ) as Record<string, string | readonly string[]>;
}

function check(
  part: string,
  schema: z.ZodType,
  value: unknown,
  issues: ErrorIssue[],
): unknown {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues.slice(0, MAX_ISSUES - issues.length)) {
    issues.push({
      path: [part, ...issue.path.map(String)].join(".").slice(0, 200),
      code: issue.code,
      message: issue.message.slice(0, 200),
    });
  }
  return undefined;
}
