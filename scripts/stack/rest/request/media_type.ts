// Media types: those of requests and those that a response may have.

export type PlanFormat = "text" | "json";
export type PlanOption = "analyze" | "verbose" | "settings" | "buffers" | "wal";

/** A media type that means something here; `other` may be made by a function of the database. */
export type MediaType =
  | {
    readonly kind: "json" | "geojson" | "csv" | "text" | "xml" | "openapi" | "form" | "octets";
  }
  | { readonly kind: "any" }
  | { readonly kind: "other"; readonly name: string }
  | { readonly kind: "array-stripped" }
  | { readonly kind: "singular"; readonly stripped: boolean }
  | {
    readonly kind: "plan";
    readonly of: MediaType;
    readonly format: PlanFormat;
    readonly options: readonly PlanOption[];
  };

const NAMES = {
  json: "application/json",
  geojson: "application/geo+json",
  csv: "text/csv",
  text: "text/plain",
  xml: "text/xml",
  openapi: "application/openapi+json",
  form: "application/x-www-form-urlencoded",
  octets: "application/octet-stream",
  any: "*/*",
} as const;

const PLAN_OPTIONS: readonly PlanOption[] = ["analyze", "verbose", "settings", "buffers", "wal"];
const SINGULAR = "application/vnd.pgrst.object+json";

/** Writes a media type as it stands in a header. */
export function mediaTypeName(type: MediaType): string {
  switch (type.kind) {
    case "other":
      return type.name;
    case "array-stripped":
      return "application/vnd.pgrst.array+json;nulls=stripped";
    case "singular":
      return type.stripped ? `${SINGULAR};nulls=stripped` : SINGULAR;
    case "plan": {
      const options = type.options.length > 0 ? `; options=${type.options.join("|")}` : "";
      return `application/vnd.pgrst.plan+${type.format}; for="${mediaTypeName(type.of)}"${options}`;
    }
    default:
      return NAMES[type.kind];
  }
}

/** The Content-Type header of a response. */
export function contentType(type: MediaType): string {
  const binary = type.kind === "octets" || type.kind === "other";
  return binary ? mediaTypeName(type) : `${mediaTypeName(type)}; charset=utf-8`;
}

const PARAMETER = /^\s*;\s*([A-Za-z0-9-]+)\s*=\s*(?:"([^"]*)"|([A-Za-z0-9|-]+))/;

function tokenize(text: string): { name: string; parameters: Map<string, string> } {
  const head = /^[A-Za-z0-9.*]+\/[A-Za-z0-9.*+-]+/.exec(text)?.[0];
  const parameters = new Map<string, string>();
  if (head === undefined) return { name: text, parameters };
  let rest = text.slice(head.length);
  for (let match = PARAMETER.exec(rest); match; match = PARAMETER.exec(rest)) {
    parameters.set((match[1] ?? "").toLowerCase(), match[2] ?? match[3] ?? "");
    rest = rest.slice(match[0].length);
  }
  return { name: head.toLowerCase(), parameters };
}

function parsePlan(format: PlanFormat, parameters: ReadonlyMap<string, string>): MediaType {
  const asked = (parameters.get("options") ?? "").split("|");
  return {
    kind: "plan",
    of: parseMediaType(parameters.get("for") ?? "application/json"),
    format,
    options: PLAN_OPTIONS.filter((option) => asked.includes(option)),
  };
}

/** Reads a media type. */
export function parseMediaType(text: string): MediaType {
  const { name, parameters } = tokenize(text);
  const stripped = parameters.get("nulls") === "stripped";
  switch (name) {
    case "application/json":
      return { kind: "json" };
    case "application/geo+json":
      return { kind: "geojson" };
    case "text/csv":
      return { kind: "csv" };
    case "text/plain":
      return { kind: "text" };
    case "text/xml":
      return { kind: "xml" };
    case "application/openapi+json":
      return { kind: "openapi" };
    case "application/x-www-form-urlencoded":
      return { kind: "form" };
    case "application/octet-stream":
      return { kind: "octets" };
    case "*/*":
      return { kind: "any" };
    case "application/vnd.pgrst.plan":
    case "application/vnd.pgrst.plan+text":
      return parsePlan("text", parameters);
    case "application/vnd.pgrst.plan+json":
      return parsePlan("json", parameters);
    case "application/vnd.pgrst.object":
    case SINGULAR:
      return { kind: "singular", stripped };
    case "application/vnd.pgrst.array":
    case "application/vnd.pgrst.array+json":
      return stripped ? { kind: "array-stripped" } : { kind: "json" };
    default:
      return { kind: "other", name: text };
  }
}

function quality(text: string): number {
  const match = /;q=([0-9.]+)/.exec(text);
  const value = match ? Number(match[1]) : 1;
  return Number.isNaN(value) ? 1 : value;
}

function specificity(text: string): number {
  return text.split(";").length - text.split("*").length;
}

/** Reads an Accept header: the best liked first, the more specific before the less. */
export function parseAccept(header: string | null): readonly MediaType[] {
  if (header === null) return [{ kind: "any" }];
  const entries = header.split(",").map((part) => {
    const compact = part.replaceAll(" ", "");
    const name = compact.split(";q=")[0] ?? "";
    return { name, quality: quality(compact), specificity: specificity(name) };
  });
  entries.sort((a, b) => b.quality - a.quality || b.specificity - a.specificity);
  return entries.map((entry) => parseMediaType(entry.name));
}
