// Carries a planned request out: one transaction, then the answer.
import type { RestConfig } from "./config/rest_config.ts";
import type { DatabasePool } from "./database/database_pool.ts";
import type { TransactionResult, TransactionScript } from "./database/transaction.ts";
import { databaseError } from "./errors/database_errors.ts";
import { maxAffectedExceeded, notSingular, putKeyMismatch } from "./errors/request_errors.ts";
import type { ActionPlan } from "./plan/action_plan.ts";
import type { ApiRequest } from "./request/api_request.ts";
import { type Answer, planAnswer, renderAnswer } from "./response/render_answer.ts";
import { readEstimate, readResultSet, type ResultSet } from "./response/result_set.ts";
import { type Fragment, render, type RenderedSql } from "./sql/fragment.ts";
import { estimateStatement, mainStatement, ROW_COUNT_SETTING } from "./sql/main_statement.ts";
import {
  type Caller,
  preRequestSql,
  type RequestFacts,
  rowGuardSql,
  settingsSql,
} from "./sql/settings_sql.ts";

/** A request, planned and written as SQL: the part that can be used again. */
export interface PreparedRequest {
  readonly request: ApiRequest;
  readonly plan: ActionPlan;
  readonly main: RenderedSql;
  readonly after: readonly RenderedSql[];
}

/** Writes the SQL of a plan. */
export function prepareRequest(
  config: RestConfig,
  request: ApiRequest,
  plan: ActionPlan,
): PreparedRequest {
  const { preferences } = request;
  const estimates = plan.kind === "read" && plan.rendering.mediaType.kind !== "plan" &&
    (preferences.count === "planned" || preferences.count === "estimated");
  return {
    request,
    plan,
    main: render(mainStatement(plan, preferences, config.maxRows)),
    after: estimates ? [render(estimateStatement(plan))] : [],
  };
}

/** How many rows are acceptable; more or fewer undo the request. */
interface RowBounds {
  readonly minimum: number;
  readonly maximum: number;
}

const MANY = Number.MAX_SAFE_INTEGER;

function rowBounds({ plan, request }: PreparedRequest): RowBounds | undefined {
  if (plan.kind === "mutate" && plan.mutation === "upsert-one") return { minimum: 1, maximum: 1 };
  if (plan.rendering.mediaType.kind === "singular") return { minimum: 1, maximum: 1 };
  const { maxAffected, handling } = request.preferences;
  const limits = plan.kind === "call" ||
    (plan.kind === "mutate" && (plan.mutation === "update" || plan.mutation === "delete"));
  if (!limits || maxAffected === undefined || handling !== "strict") return undefined;
  return { minimum: 0, maximum: maxAffected };
}

function refusal({ plan, request }: PreparedRequest, rows: number): Error {
  if (plan.kind === "mutate" && plan.mutation === "upsert-one") return putKeyMismatch();
  const isSingular = plan.rendering.mediaType.kind === "singular";
  const { maxAffected = MANY } = request.preferences;
  return isSingular && !(rows === 1 && maxAffected < 1)
    ? notSingular(rows)
    : maxAffectedExceeded(rows);
}

function guard(prepared: PreparedRequest): Fragment | undefined {
  const bounds = rowBounds(prepared);
  // A read keeps nothing, and an execution plan has no rows to speak of.
  if (!bounds || prepared.plan.readOnly || prepared.plan.rendering.mediaType.kind === "plan") {
    return undefined;
  }
  return rowGuardSql(ROW_COUNT_SETTING, bounds.minimum, bounds.maximum);
}

function rollsBack(config: RestConfig, { preferences }: ApiRequest): boolean {
  if (preferences.transaction === "rollback") return true;
  return config.rollsBack && preferences.transaction !== "commit";
}

function script(
  config: RestConfig,
  prepared: PreparedRequest,
  caller: Caller,
  facts: RequestFacts,
): TransactionScript {
  const { plan, request } = prepared;
  const routine = plan.kind === "call" ? plan.call.routine : undefined;
  const settings = settingsSql({
    config,
    caller,
    request: facts,
    schema: request.schema,
    timezone: request.preferences.timezone,
    isReadOnly: plan.readOnly,
    functionSettings: routine?.settings ?? [],
  });
  const check = guard(prepared);
  const isolation = routine?.isolation ?? config.roleSettings.get(caller.role)?.isolation;
  return {
    role: caller.role,
    isolation: isolation === "read committed" ? undefined : isolation ?? undefined,
    isReadOnly: plan.readOnly,
    before: [
      render(settings),
      ...(config.preRequest ? [render(preRequestSql(config.preRequest))] : []),
    ],
    main: {
      ...prepared.main,
      describes: plan.rendering.renderer.kind === "function",
    },
    after: prepared.after,
    guard: check && render(check),
    rollsBack: rollsBack(config, request),
  };
}

function totalRows(
  config: RestConfig,
  request: ApiRequest,
  result: ResultSet,
  after: TransactionResult["after"],
): number | null {
  const [estimate] = after;
  if (!estimate) return result.total;
  const planned = readEstimate(estimate);
  if (request.preferences.count === "planned") return planned;
  if (result.total === null || planned === null) return result.total;
  // Counting stopped at the maximum: above it only the planner knows more.
  return result.total > (config.maxRows ?? -1) ? Math.max(result.total, planned) : result.total;
}

/**
 * Carries a request out.
 *
 * @throws {RestError} What the database or the caller's own conditions had against it.
 */
export async function executePlan(
  pool: DatabasePool,
  config: RestConfig,
  prepared: PreparedRequest,
  caller: Caller,
  facts: RequestFacts,
): Promise<Answer> {
  const { plan, request } = prepared;
  let outcome: TransactionResult;
  try {
    outcome = await pool.run(script(config, prepared, caller, facts));
  } catch (error) {
    throw databaseError(error, caller.role !== config.anonRole);
  }
  if (plan.rendering.mediaType.kind === "plan") {
    return planAnswer(plan, request, outcome.main.rows);
  }
  const result = readResultSet(outcome.main);
  const bounds = rowBounds(prepared);
  const isRefused = bounds && (result.rows < bounds.minimum || result.rows > bounds.maximum);
  if (outcome.isRefused || isRefused) throw refusal(prepared, result.rows);
  return renderAnswer(plan, request, result, totalRows(config, request, result, outcome.after));
}
