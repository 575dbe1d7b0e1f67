// Settles what each embed contributes to its parent: a JSON value, or its columns spread out.
import { notImplemented } from "../errors/request_errors.ts";
import type { AggregateFunction } from "../request/query_types.ts";
import { isToOne } from "../schema_cache/types.ts";
import {
  type EmbedColumn,
  embedName,
  type HiddenColumn,
  type PlannedOrder,
  type ReadNode,
  type SpreadColumn,
  unknownField,
} from "./read_node.ts";

function isEmpty(node: ReadNode): boolean {
  return node.columns.length === 0 && node.children.every(isEmpty);
}

function spreadColumns(node: ReadNode): SpreadColumn[] {
  const own = node.columns.map(({ field, alias }) => ({ name: alias ?? field.name }));
  const embedded = node.embeds.flatMap((embed): readonly SpreadColumn[] =>
    embed.kind === "json" ? [{ name: embed.name }] : embed.columns
  );
  return [...own, ...embedded];
}

function embedColumn(node: ReadNode): EmbedColumn {
  if (node.spread) {
    return { kind: "spread", alias: node.aggregateAlias, columns: spreadColumns(node) };
  }
  return {
    kind: "json",
    name: embedName(node),
    alias: node.aggregateAlias,
    isArray: !node.relationship || !isToOne(node.relationship),
    isEmpty: isEmpty(node),
  };
}

/** Adds the embeds to the columns of their parents, from the leaves up. */
export function addEmbedColumns(node: ReadNode): void {
  for (const child of node.children) addEmbedColumns(child);
  node.embeds = node.children.map(embedColumn);
}

/** An aggregate of a to-one spread, to be taken over the rows of a query further up. */
interface HoistedAggregate {
  readonly alias: string;
  readonly name: string;
  readonly aggregate: AggregateFunction;
  readonly cast: string | undefined;
  readonly as: string | undefined;
}

function takeAggregates(node: ReadNode): HoistedAggregate[] {
  const taken: HoistedAggregate[] = [];
  node.columns = node.columns.map((column) => {
    const { aggregate, aggregateCast, alias, field } = column;
    if (!aggregate) return column;
    taken.push({
      alias: node.aggregateAlias,
      name: alias ?? field.name,
      aggregate,
      cast: aggregateCast,
      as: alias,
    });
    return { ...column, aggregate: undefined, aggregateCast: undefined };
  });
  return taken;
}

function applyAggregates(embed: EmbedColumn, hoisted: readonly HoistedAggregate[]): EmbedColumn {
  if (embed.kind === "json") return embed;
  const columns = embed.columns.map((column) => {
    const found = hoisted.find(({ alias, name }) => alias === embed.alias && name === column.name);
    if (!found) return column;
    return { ...column, aggregate: found.aggregate, aggregateCast: found.cast, alias: found.as };
  });
  return { ...embed, columns };
}

/**
 * Moves the aggregates of to-one spreads up to the query whose rows they are about: inside, they
 * would aggregate a single row.
 *
 * @returns The aggregates that the parent must take over.
 */
export function hoistAggregates(node: ReadNode): HoistedAggregate[] {
  const fromChildren = node.children.flatMap(hoistAggregates);
  if (node.spread?.kind === "one") {
    const own = takeAggregates(node);
    return [...own, ...fromChildren.map((one) => ({ ...one, alias: node.aggregateAlias }))];
  }
  node.embeds = node.embeds.map((embed) => applyAggregates(embed, fromChildren));
  return [];
}

function orderAlias(node: ReadNode, name: string, position: number): string {
  return `${node.aggregateAlias}_${name}_${position}`;
}

function moveOrder(node: ReadNode): void {
  const aggregates = node.columns.some(({ aggregate }) => aggregate) ||
    node.embeds.some((embed) =>
      embed.kind === "spread" && embed.columns.some(({ aggregate }) => aggregate)
    );
  if (aggregates) {
    throw notImplemented("Aggregates are not implemented for one-to-many or many-to-many spreads.");
  }
  const hidden: HiddenColumn[] = [];
  const order: PlannedOrder[] = [];
  node.order.forEach(({ relation, field, direction, nulls }, i) => {
    const alias = orderAlias(node, field.name, i + 1);
    hidden.push({ relation, column: { field, alias } });
    order.push({ field: unknownField(alias), direction, nulls });
  });
  node.spread = { kind: "many", hidden, order };
  node.order = [];
}

/**
 * Moves the order of to-many spreads from the rows to the arrays that are made of them.
 *
 * @throws {RestError} PGRST127 when such a spread aggregates.
 */
export function orderToManySpreads(node: ReadNode): void {
  if (node.spread?.kind === "many") moveOrder(node);
  for (const child of node.children) orderToManySpreads(child);
}
