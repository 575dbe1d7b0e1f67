// Writes the tree of a read as one query: embeds are lateral joins.
import type { EmbedColumn, PlannedColumn, ReadNode } from "../plan/read_node.ts";
import { unknownField } from "../plan/read_node.ts";
import { isAllRows, type RowRange } from "../request/row_range.ts";
import type { QualifiedName } from "../schema_cache/names.ts";
import { conditionSql, type EmbedTest, joinConditionSql, whereSql } from "./condition_sql.ts";
import { fieldSql, orderSql, selectColumnSql, spreadColumnSql } from "./field_sql.ts";
import {
  EMPTY,
  type Fragment,
  identifier,
  join,
  parameter,
  qualified,
  sql,
  trusted,
} from "./fragment.ts";

const ALL_COLUMNS: PlannedColumn = { field: unknownField("*") };

/** How the rows of a node are called inside its query. */
function reference(node: ReadNode): QualifiedName {
  if (node.tableAlias !== undefined) return { schema: "", name: node.tableAlias };
  return node.relationship?.kind === "computed"
    ? { schema: "", name: node.relationship.function.name }
    : node.table;
}

function fromSql(node: ReadNode): Fragment {
  const { relationship, parentReference, tableAlias } = node;
  const alias = tableAlias === undefined ? EMPTY : sql` as ${identifier(tableAlias)}`;
  if (relationship?.kind === "computed" && parentReference) {
    // The cast chooses the overload for this table.
    const row = sql`${identifier(parentReference.name)}::${qualified(relationship.table)}`;
    return sql` from ${qualified(relationship.function)}(${row})${alias}`;
  }
  const junction = relationship?.kind === "key" && relationship.cardinality.kind === "m2m"
    ? sql`, ${qualified(relationship.cardinality.junction.table)}`
    : EMPTY;
  return sql` from ${qualified(node.table)}${alias}${junction}`;
}

function embedColumnSql(embed: EmbedColumn): Fragment[] {
  const alias = identifier(embed.alias);
  if (embed.kind === "spread") {
    return embed.columns.map((column) => spreadColumnSql(embed.alias, column));
  }
  if (embed.isEmpty) return [];
  const name = identifier(embed.name);
  return embed.isArray
    ? [sql`coalesce(${alias}.${alias}, '[]') as ${name}`]
    : [sql`row_to_json(${alias}.*)::jsonb as ${name}`];
}

function arraySql(node: ReadNode, columns: readonly Fragment[]): Fragment {
  const alias = identifier(node.aggregateAlias);
  const all = join([sql`json_agg(${alias})::jsonb as ${alias}`, ...columns], ", ");
  return sql`select ${all} from (${readSql(node)}) as ${alias}`;
}

function spreadArrays(node: ReadNode, embed: EmbedColumn): Fragment[] {
  if (embed.kind !== "spread") return [];
  const source = { schema: "", name: embed.alias };
  const order = orderSql(source, node.spread?.order ?? []);
  return embed.columns.map((column) => {
    const values = spreadColumnSql(embed.alias, { name: column.name });
    const name = identifier(column.alias ?? column.name);
    return sql`coalesce(json_agg(${values}${order}), '[]')::jsonb as ${name}`;
  });
}

function joinSql(node: ReadNode, embed: EmbedColumn): Fragment {
  const alias = identifier(embed.alias);
  const isInner = node.join === "inner";
  const kind = trusted(isInner ? " inner" : " left");
  const isArray = embed.kind === "json" ? embed.isArray : node.spread?.kind === "many";
  if (!isArray) return sql`${kind} join lateral (${readSql(node)}) as ${alias} on true`;
  const rows = arraySql(node, spreadArrays(node, embed));
  const condition = isInner ? sql`${alias} is not null` : trusted("true");
  return sql`${kind} join lateral (${rows}) as ${alias} on ${condition}`;
}

function isAggregated({ columns, embeds }: ReadNode): boolean {
  return columns.some(({ aggregate }) => aggregate) ||
    embeds.some((embed) =>
      embed.kind === "spread" && embed.columns.some(({ aggregate }) => aggregate)
    );
}

function groupSql(node: ReadNode, table: QualifiedName): Fragment {
  if (!isAggregated(node)) return EMPTY;
  const columns = node.columns.filter(({ aggregate }) => !aggregate).map(({ alias, field }) =>
    alias === undefined ? fieldSql(table, field) : identifier(alias)
  );
  const embeds = node.embeds.flatMap((embed) => {
    if (embed.kind === "json") return [identifier(embed.name)];
    return embed.columns.filter(({ aggregate }) => !aggregate).map(({ name, alias }) =>
      sql`${identifier(embed.alias)}.${identifier(alias ?? name)}`
    );
  });
  const terms = [...columns, ...embeds];
  return terms.length === 0 ? EMPTY : sql` group by ${join(terms, ", ")}`;
}

function limitSql(range: RowRange): Fragment {
  if (isAllRows(range)) return EMPTY;
  const limit = range.last === null
    ? trusted("all")
    : parameter(String(range.last - range.first + 1));
  return sql` limit ${limit} offset ${parameter(String(range.first))}`;
}

/** The query of a node with all that it embeds. */
export function readSql(node: ReadNode): Fragment {
  const table = reference(node);
  const showsAll = node.columns.length === 0 && node.children.length === 0;
  const columns = showsAll ? [ALL_COLUMNS] : node.columns;
  const hidden = (node.spread?.hidden ?? []).map(({ relation, column }) =>
    selectColumnSql(relation === undefined ? table : { schema: "", name: relation }, column)
  );
  const selected = [
    ...columns.map((column) => selectColumnSql(table, column)),
    ...hidden,
    ...node.embeds.flatMap(embedColumnSql),
  ];
  const joins = node.children.map((child, i) => {
    const embed = node.embeds[i];
    return embed ? joinSql(child, embed) : EMPTY;
  });
  const where = whereSql([
    ...node.conditions.map((condition) => conditionSql(table, condition)),
    ...node.joins.map(joinConditionSql),
  ]);
  return sql`select ${join(selected, ", ")}${fromSql(node)}${join(joins, "")}${where}${
    groupSql(node, table)
  }${orderSql(table, node.order)}${limitSql(node.range)}`;
}

/** A query with a row for each row of the node, whatever its range: only to be counted. */
export function countSql(node: ReadNode): Fragment {
  const table = reference(node);
  const testEmbed: EmbedTest = (alias, negated) => {
    const child = node.children.find(({ aggregateAlias }) => aggregateAlias === alias);
    if (!child) return trusted("true");
    return sql`${trusted(negated ? "" : "not ")}exists (${countSql(child)})`;
  };
  const inner = node.children.filter(({ join: kind }) => kind === "inner");
  const where = whereSql([
    ...node.conditions.map((condition) => conditionSql(table, condition, testEmbed)),
    ...node.joins.map(joinConditionSql),
    ...inner.map((child) => sql`exists (${countSql(child)})`),
  ]);
  return sql`select 1${fromSql(node)}${where}`;
}
