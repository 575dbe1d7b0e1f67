// Errors of requests that cannot be carried out as they are written (PGRST1xx).
import { RestError } from "./rest_error.ts";

/** A query parameter does not parse. */
export function queryParameterError(message: string, details: string): RestError {
  return new RestError(400, { code: "PGRST100", message, details });
}

/** A function was called with a method that functions do not have. */
export function invalidRpcMethod(method: string): RestError {
  return new RestError(405, {
    code: "PGRST101",
    message: `Cannot use the ${method} method on RPC`,
  });
}

/** The body is not what its content type says, or cannot be used. */
export function invalidBody(message: string): RestError {
  return new RestError(400, { code: "PGRST102", message });
}

/** The requested range does not exist. */
export function invalidRange(details: string): RestError {
  return new RestError(416, {
    code: "PGRST103",
    message: "Requested range not satisfiable",
    details,
  });
}

/** The first row asked for lies behind the last one. */
export function offsetOutOfBounds(offset: number, total: string): RestError {
  return invalidRange(
    `An offset of ${offset} was requested, but there are only ${total} rows.`,
  );
}

/** A single upsert must name its whole primary key and nothing else. */
export function invalidPutFilters(): RestError {
  return new RestError(405, {
    code: "PGRST105",
    message: "Filters must include all and only primary key columns with 'eq' operators",
  });
}

/** The profile header names a schema that is not exposed. */
export function unacceptableSchema(schema: string, schemas: readonly string[]): RestError {
  return new RestError(406, {
    code: "PGRST106",
    message: `Invalid schema: ${schema}`,
    hint: `Only the following schemas are exposed: ${schemas.join(", ")}`,
  });
}

/** None of the accepted media types can be produced. */
export function unacceptableMediaTypes(accepted: readonly string[]): RestError {
  return new RestError(406, {
    code: "PGRST107",
    message: `None of these media types are available: ${accepted.join(", ")}`,
  });
}

/** A filter, order or range is meant for something that was not embedded. */
export function notEmbedded(name: string): RestError {
  return new RestError(400, {
    code: "PGRST108",
    message: `'${name}' is not an embedded resource in this request`,
    hint: `Verify that '${name}' is included in the 'select' query parameter.`,
  });
}

/** The function set response.headers to something else than a list of headers. */
export function invalidResponseHeaders(): RestError {
  return new RestError(500, {
    code: "PGRST111",
    message:
      "response.headers guc must be a JSON array composed of objects with a single key and a string value",
  });
}

/** The function set response.status to something else than a status. */
export function invalidResponseStatus(): RestError {
  return new RestError(500, {
    code: "PGRST112",
    message: "response.status guc must be a valid status code",
  });
}

/** A single upsert cannot be limited. */
export function putWithLimit(): RestError {
  return new RestError(400, {
    code: "PGRST114",
    message: "limit/offset querystring parameters are not allowed for PUT",
  });
}

/** The body of a single upsert has another primary key than its address. */
export function putKeyMismatch(): RestError {
  return new RestError(400, {
    code: "PGRST115",
    message: "Payload values do not match URL in primary key column(s)",
  });
}

/** One object was asked for, and there is not exactly one row. */
export function notSingular(rows: number): RestError {
  return new RestError(406, {
    code: "PGRST116",
    message: "Cannot coerce the result to a single JSON object",
    details: `The result contains ${rows} rows`,
  });
}

/** Nothing answers to this method here. */
export function unsupportedMethod(method: string): RestError {
  return new RestError(405, {
    code: "PGRST117",
    message: `Unsupported HTTP method: ${method}`,
  });
}

/** Rows cannot be ordered by an embed that has several rows each. */
export function relatedOrderNotToOne(origin: string, target: string): RestError {
  return new RestError(400, {
    code: "PGRST118",
    message: `A related order on '${target}' is not possible`,
    details: `'${origin}' and '${target}' do not form a many-to-one or one-to-one relationship`,
  });
}

/** `handling=strict`, and preferences that nobody knows. */
export function invalidPreferences(preferences: readonly string[]): RestError {
  return new RestError(400, {
    code: "PGRST122",
    message: "Invalid preferences given with handling=strict",
    details: `Invalid preferences: ${preferences.join(", ")}`,
  });
}

/** Aggregates are switched off. */
export function aggregatesNotAllowed(): RestError {
  return new RestError(400, {
    code: "PGRST123",
    message: "Use of aggregate functions is not allowed",
  });
}

/** More rows were affected than the caller allowed. */
export function maxAffectedExceeded(rows: number): RestError {
  return new RestError(400, {
    code: "PGRST124",
    message: "Query result exceeds max-affected preference constraint",
    details: `The query affects ${rows} rows`,
  });
}

/** There is nothing at such a path. */
export function invalidPath(): RestError {
  return new RestError(404, {
    code: "PGRST125",
    message: "Invalid path specified in request URL",
  });
}

/** The description of the API is switched off. */
export function openApiDisabled(): RestError {
  return new RestError(404, {
    code: "PGRST126",
    message: "Root endpoint metadata is disabled",
  });
}

/** The request asks for something that does not exist yet. */
export function notImplemented(details: string): RestError {
  return new RestError(400, { code: "PGRST127", message: "Feature not implemented", details });
}

/** `max-affected` makes no sense on a function that returns one value. */
export function maxAffectedOnSingle(): RestError {
  return new RestError(400, {
    code: "PGRST128",
    message:
      "Function must return SETOF or TABLE when max-affected preference is used with handling=strict",
  });
}
