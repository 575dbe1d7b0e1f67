// Chooses what the answer looks like: the first accepted media type that can be made.
import { unacceptableMediaTypes } from "../errors/request_errors.ts";
import { type MediaType, mediaTypeName, parseMediaType } from "../request/media_type.ts";
import { isSameName, type QualifiedName } from "../schema_cache/names.ts";
import type { SchemaCache } from "../schema_cache/types.ts";
import type { ReadNode } from "./read_node.ts";

/** How rows become a body. */
export type Renderer =
  | { readonly kind: "json"; readonly stripped: boolean }
  | { readonly kind: "singular"; readonly stripped: boolean }
  | { readonly kind: "csv" | "geojson" | "none" }
  | {
    readonly kind: "function";
    readonly function: QualifiedName;
    readonly target: QualifiedName | null;
  };

/** A way to render, and the media type that comes of it. */
export interface Rendering {
  readonly renderer: Renderer;
  readonly mediaType: MediaType;
}

function hasDefaultSelect(node: ReadNode): boolean {
  return node.children.length === 0 && node.columns.length === 1 &&
    node.columns[0]?.field.name === "*";
}

function builtIn(type: MediaType): Rendering | undefined {
  switch (type.kind) {
    case "any":
    case "json":
      return { renderer: { kind: "json", stripped: false }, mediaType: { kind: "json" } };
    case "csv":
      return { renderer: { kind: "csv" }, mediaType: type };
    case "geojson":
      return { renderer: { kind: "geojson" }, mediaType: type };
    default:
      return undefined;
  }
}

interface Context {
  readonly cache: SchemaCache;
  readonly table: QualifiedName;
  readonly isDefaultSelect: boolean;
  readonly planEnabled: boolean;
}

function custom(
  { cache, table }: Context,
  type: MediaType,
  forTable: boolean,
): Rendering | undefined {
  const name = mediaTypeName(type).toLowerCase();
  const handler = cache.mediaHandlers.find((candidate) =>
    candidate.mediaType === name &&
    (forTable
      ? candidate.target !== null && isSameName(candidate.target, table)
      : candidate.target === null)
  );
  if (!handler) return undefined;
  return {
    renderer: { kind: "function", function: handler.function, target: handler.target },
    mediaType: parseMediaType(handler.resolvedMediaType),
  };
}

function lookup(context: Context, type: MediaType): Rendering | undefined {
  const own = context.isDefaultSelect
    ? custom(context, { kind: "any" }, true) ?? custom(context, type, true)
    : undefined;
  return own ?? custom(context, type, false) ?? builtIn(type);
}

function match(context: Context, type: MediaType): Rendering | undefined {
  switch (type.kind) {
    case "singular":
      return { renderer: { kind: "singular", stripped: type.stripped }, mediaType: type };
    case "array-stripped":
      return { renderer: { kind: "json", stripped: true }, mediaType: type };
    case "plan": {
      const inner = context.planEnabled ? match(context, type.of) : undefined;
      return inner && { renderer: inner.renderer, mediaType: type };
    }
    default:
      return lookup(context, type);
  }
}

/**
 * Chooses the media type of the answer.
 *
 * @param cache The schema cache, for media types that functions make.
 * @param table What the rows are of.
 * @param accepted The accepted media types, the best liked first.
 * @param read The plan of the read.
 * @param planEnabled Whether execution plans may be shown.
 * @throws {RestError} PGRST107 when none of them can be made.
 */
export function negotiate(
  cache: SchemaCache,
  table: QualifiedName,
  accepted: readonly MediaType[],
  read: ReadNode,
  planEnabled: boolean,
): Rendering {
  const context = { cache, table, isDefaultSelect: hasDefaultSelect(read), planEnabled };
  for (const type of accepted) {
    const found = match(context, type);
    if (found) return found;
  }
  throw unacceptableMediaTypes(accepted.map(mediaTypeName));
}
