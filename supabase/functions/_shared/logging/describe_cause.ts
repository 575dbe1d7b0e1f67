// Turns whatever was thrown into a text that helps an operator and tells nothing about a person.
import { redact } from "./redact.ts";

const MAX_CAUSES = 4;
const MAX_FRAMES = 3;

/** Errors of the runtime itself: their messages speak of code, once addresses and quotes are out. */
const RUNTIME_ERRORS: ReadonlySet<string> = new Set(["TypeError", "RangeError", "ReferenceError"]);
/** Made to be read by an operator: it names settings and never shows a value. */
const SETTINGS_ERROR = "EnvironmentError";
/** States whose messages name tables and constraints; others quote values. */
const SPEAKS_OF_SCHEMA = /^(?:23|42|PGRST|PT)/;

interface ErrorLike {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly status?: unknown;
  readonly message?: unknown;
  readonly stack?: unknown;
  readonly cause?: unknown;
}

/**
 * Describes a failure by kind, code and place, never by content.
 *
 * @param cause What was thrown, or an error answer of the database.
 * @returns Such as `AppError[conflict] < PostgrestError[23505] duplicate key … "meetings_key"`.
 */
export function describeCause(cause: unknown): string {
  const parts: string[] = [];
  const seen = new Set<unknown>();
  let current = cause;
  while (current !== undefined && current !== null && parts.length < MAX_CAUSES) {
    if (seen.has(current)) break;
    seen.add(current);
    parts.push(describeOne(current));
    current = typeof current === "object" ? (current as ErrorLike).cause : undefined;
  }
  return redact(parts.join(" < "));
}

function describeOne(value: unknown): string {
  // A thrown text could be anything, so not a word of it is kept
  if (typeof value !== "object" || value === null) return `thrown ${typeof value}`;
  const error = value as ErrorLike;
  const name = identifier(error.name) ?? (typeof error.code === "string" ? "Error" : "object");
  const code = identifier(error.code) ?? identifier(error.status);
  const head = code === undefined ? name : `${name}[${code}]`;
  return [head, message(name, code, error), frames(error.stack)].filter(Boolean).join(" ");
}

function identifier(value: unknown): string | undefined {
  const text = typeof value === "number" ? String(value) : value;
  return typeof text === "string" && /^[\w.-]{1,60}$/.test(text) ? text : undefined;
}

function message(name: string, code: string | undefined, error: ErrorLike): string {
  if (typeof error.message !== "string") return "";
  if (name === SETTINGS_ERROR) return error.message.slice(0, 300);
  if (code !== undefined && SPEAKS_OF_SCHEMA.test(code)) return error.message.slice(0, 160);
  if (!RUNTIME_ERRORS.has(name)) return "";
  return error.message.slice(0, 160).replace(/[a-z]+:\/\/\S+/gi, "[url]").replace(
    /(["'`]).*?\1/g,
    "[text]",
  );
}

/** Where it happened: file and line of the nearest frames of ours. */
function frames(stack: unknown): string {
  if (typeof stack !== "string") return "";
  const places = [...stack.matchAll(/([\w.-]+\.ts):(\d+):\d+\)?$/gm)].slice(0, MAX_FRAMES);
  return places.length === 0
    ? ""
    : `at ${places.map(([, file, line]) => `${file}:${line}`).join(" ")}`;
}
