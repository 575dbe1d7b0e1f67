// Gives schemas that stand in an OpenAPI document more than once a name, and refers to them by it: a
// panel is part of every answer, and written out each time it made a document that nobody can open.
import type { JsonObject, JsonValue } from "./openapi_document.ts";

/** Shorter ones are quicker read where they stand. */
const MIN_CHARACTERS = 300;
/** Keys of a schema whose values are schemas by name. */
const BY_NAME: ReadonlySet<string> = new Set(["properties", "patternProperties"]);

/**
 * Names what repeats.
 *
 * @param paths The operations of a document, or any part of it with schemas in it.
 * @returns The same with references, and what they refer to; the same input always gives the same names.
 */
export function nameRepeated(
  paths: JsonObject,
): { readonly paths: JsonObject; readonly schemas: JsonObject } {
  const lifted: JsonObject = {};
  const whole = liftDefinitions(paths, lifted) as JsonObject;
  const namer = new Namer(countSchemas(whole), lifted);
  const named = namer.visit(whole, "Answer") as JsonObject;
  const sorted = Object.entries(namer.schemas).sort(([a], [b]) => a < b ? -1 : 1);
  return { paths: named, schemas: Object.fromEntries(sorted) };
}

/**
 * A schema that holds itself brings definitions along, and refers to them from the root of a document
 * that is no longer its own: they become schemas of this one.
 */
function liftDefinitions(value: JsonValue, lifted: JsonObject): JsonValue {
  if (Array.isArray(value)) return value.map((item) => liftDefinitions(item, lifted));
  if (!isObject(value)) return value;
  const { $defs: definitions, ...rest } = value;
  if (definitions === undefined || !isObject(definitions)) {
    return Object.fromEntries(
      Object.entries(rest).map(([key, part]) => [key, liftDefinitions(part, lifted)]),
    );
  }
  let text = JSON.stringify({ rest, definitions });
  const names = Object.keys(definitions).map((key) => {
    const name = `Definition${Object.keys(lifted).length + 1}`;
    lifted[name] = {};
    text = text.replaceAll(`"#/$defs/${key}"`, `"#/components/schemas/${name}"`);
    return [key, name] as const;
  });
  const moved = JSON.parse(text) as { rest: JsonObject; definitions: JsonObject };
  for (const [key, name] of names) {
    lifted[name] = liftDefinitions(moved.definitions[key] ?? {}, lifted);
  }
  return liftDefinitions(moved.rest, lifted);
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** One that describes objects: a date that may be null, however long its pattern, needs no name. */
function isSchema(value: JsonValue): value is JsonObject {
  if (!isObject(value)) return false;
  const variants = value["anyOf"] ?? value["oneOf"];
  return isObject(value["properties"] ?? null) ||
    Array.isArray(variants) && JSON.stringify(variants).includes('"properties":');
}

/** How often each stands somewhere; what is in a repeated one is counted once. */
function countSchemas(root: JsonValue): Map<string, number> {
  const counts = new Map<string, number>();
  const visit = (value: JsonValue): void => {
    if (isSchema(value)) {
      const text = JSON.stringify(value);
      const count = counts.get(text) ?? 0;
      counts.set(text, count + 1);
      if (count > 0 && text.length >= MIN_CHARACTERS) return;
    }
    if (Array.isArray(value)) value.forEach(visit);
    else if (isObject(value)) Object.values(value).forEach(visit);
  };
  visit(root);
  return counts;
}

class Namer {
  readonly schemas: JsonObject;
  readonly #counts: ReadonlyMap<string, number>;
  readonly #names = new Map<string, string>();

  constructor(counts: ReadonlyMap<string, number>, schemas: JsonObject) {
    this.#counts = counts;
    this.schemas = { ...schemas };
  }

  visit(value: JsonValue, place: string): JsonValue {
    if (Array.isArray(value)) return value.map((item) => this.visit(item, place));
    if (!isObject(value)) return value;
    const text = JSON.stringify(value);
    const isRepeated = isSchema(value) && text.length >= MIN_CHARACTERS &&
      (this.#counts.get(text) ?? 0) > 1;
    if (!isRepeated) return this.#visitParts(value, place);
    let name = this.#names.get(text);
    if (name === undefined) {
      name = this.#choose(value, place);
      this.#names.set(text, name);
      this.schemas[name] = {};
      this.schemas[name] = this.#visitParts(value, place);
    }
    return { $ref: `#/components/schemas/${name}` };
  }

  #visitParts(value: JsonObject, place: string): JsonObject {
    const below = typeof value["operationId"] === "string" ? value["operationId"] : place;
    return Object.fromEntries(
      Object.entries(value).map(([key, part]) => [
        key,
        BY_NAME.has(key) && isObject(part)
          ? this.#visitNamed(part, below)
          : this.visit(part, below),
      ]),
    );
  }

  /** What a property is called says what it is; `data` is only the envelope's. */
  #visitNamed(properties: JsonObject, place: string): JsonObject {
    return Object.fromEntries(
      Object.entries(properties).map(([name, part]) => [
        name,
        this.visit(part, name === "data" ? place : name),
      ]),
    );
  }

  #choose(schema: JsonObject, place: string): string {
    const base = pascal(constOf(schema) ?? place);
    let name = base;
    for (let number = 2; name in this.schemas; number++) name = `${base}${number}`;
    return name;
  }
}

/** The literal `type` of a panel or an action. */
function constOf({ properties }: JsonObject): string | null {
  const type = isObject(properties ?? null) ? (properties as JsonObject)["type"] : undefined;
  const literal = type !== undefined && isObject(type) ? type["const"] : undefined;
  return typeof literal === "string" ? literal : null;
}

function pascal(text: string): string {
  return text.split(/[^A-Za-z0-9]+/).filter((word) => word !== "")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}
