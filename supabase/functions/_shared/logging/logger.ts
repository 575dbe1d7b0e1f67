// One JSON line per event, made of allowed fields only. What is not on the list is not written,
// whatever a caller of the logger passes in.
import type { Clock } from "@shared/platform/clock.ts";
import type { LogFields, Logger } from "@shared/platform/request_context.ts";
import { describeCause } from "./describe_cause.ts";
import { redact } from "./redact.ts";
import type { WriteLine } from "./write_line.ts";

/** Fields of the one line that closes a request. */
export interface RequestFields extends LogFields {
  readonly method?: string;
  readonly status?: number;
  readonly actor_kind?: string;
  readonly actor_id?: string;
  readonly auth?: string;
  readonly auth_ms?: number;
  readonly db_ms?: number;
  readonly db_calls?: number;
}

type FieldName = keyof RequestFields;
/** Fields as they are gathered: what is not known is undefined, and not written. */
type GatheredFields = { readonly [Name in FieldName]?: RequestFields[Name] | undefined };

/** Every field that a line may have, in the order in which they are written. */
const FIELDS: readonly FieldName[] = [
  "operation",
  "method",
  "status",
  "duration_ms",
  "actor_kind",
  "actor_id",
  "org_id",
  "auth",
  "error_code",
  "outcome",
  "state",
  "reason",
  "provider",
  "event_id",
  "job_id",
  "job_request_id",
  "entity_id",
  "attempt",
  "count",
  "upstream_status",
  "auth_ms",
  "db_ms",
  "db_calls",
  "cause",
];

/** What every line of one request has in common. */
export interface LogSource {
  readonly functionName: string;
  readonly requestId: string;
}

/** The logger of one request, which can also write its closing line. */
export interface RequestLogger extends Logger {
  info(event: string, fields?: GatheredFields): void;
  warn(event: string, fields?: GatheredFields): void;
  error(event: string, fields?: GatheredFields): void;
}

/**
 * Makes the logger of one request.
 *
 * @param source The function and the request that the lines belong to.
 * @param clock For the time of each line.
 * @param writeLine Where lines go.
 * @returns The logger.
 */
export function createLogger(source: LogSource, clock: Clock, writeLine: WriteLine): RequestLogger {
  const write = (level: string, event: string, fields: GatheredFields = {}): void => {
    writeLine(formatLine(level, event, source, clock.now(), fields));
  };
  return {
    info: (event, fields) => write("info", event, fields),
    warn: (event, fields) => write("warn", event, fields),
    error: (event, fields) => write("error", event, fields),
  };
}

function formatLine(
  level: string,
  event: string,
  source: LogSource,
  time: Date,
  fields: GatheredFields,
): string {
  const line: Record<string, string | number | boolean> = {
    time: time.toISOString(),
    level,
    event: redact(event),
    function: source.functionName,
    request_id: source.requestId,
  };
  for (const name of FIELDS) {
    const value = name === "cause" ? causeOf(fields) : fields[name];
    if (typeof value === "string") line[name] = redact(value);
    else if (typeof value === "number" && Number.isFinite(value)) line[name] = value;
  }
  return JSON.stringify(line);
}

function causeOf(fields: GatheredFields): string | undefined {
  return fields.cause === undefined ? undefined : describeCause(fields.cause);
}
