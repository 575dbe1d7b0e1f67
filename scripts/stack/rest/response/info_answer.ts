// Answers OPTIONS: which methods a table or function knows.
import { noTable } from "../errors/schema_errors.ts";
import { findCalledRoutine } from "../plan/action_plan.ts";
import type { ApiRequest } from "../request/api_request.ts";
import { nameKey } from "../schema_cache/names.ts";
import type { SchemaCache, Table } from "../schema_cache/types.ts";
import type { Answer } from "./render_answer.ts";

function tableMethods(table: Table): string[] {
  const mayUpsert = table.isInsertable && table.isUpdatable && table.primaryKey.length > 0;
  return [
    "OPTIONS,GET,HEAD",
    ...(table.isInsertable ? ["POST"] : []),
    ...(mayUpsert ? ["PUT"] : []),
    ...(table.isUpdatable ? ["PATCH"] : []),
    ...(table.isDeletable ? ["DELETE"] : []),
  ];
}

function methods(cache: SchemaCache, request: ApiRequest): string[] {
  const { action, schema } = request;
  switch (action.kind) {
    case "table-info": {
      const table = cache.tables.get(nameKey({ schema, name: action.name }));
      if (!table) throw noTable(cache, schema, action.name);
      return tableMethods(table);
    }
    case "function-info": {
      const routine = findCalledRoutine(cache, request, action.name);
      return routine.volatility === "volatile" ? ["OPTIONS,POST"] : ["OPTIONS,GET,HEAD,POST"];
    }
    default:
      return ["OPTIONS,GET,HEAD"];
  }
}

/**
 * The answer to OPTIONS.
 *
 * @throws {RestError} PGRST202 or PGRST205 when there is no such function or table.
 */
export function infoAnswer(cache: SchemaCache, request: ApiRequest): Answer {
  return {
    status: 200,
    headers: [["Access-Control-Allow-Origin", "*"], ["Allow", methods(cache, request).join(",")]],
    body: "",
  };
}
