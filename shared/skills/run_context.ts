// What the expressions of a document can name while it runs.
import type { ActionContext } from "../copilot/actions/action.ts";
import { dayOf } from "../copilot/panels/plain_text.ts";
import type { RunInputs } from "./read_inputs.ts";
import type { RuleContext } from "./rules/rule.ts";
import type { TemplateContext } from "./template/resolve_path.ts";

/** Values of an organization's variables, defaults among them. */
export type SkillVariables = Readonly<Record<string, string | number | boolean>>;

/**
 * Puts together what a document can name.
 *
 * @param ctx The person and the organization.
 * @param given Inputs, variables, and the time of the run.
 * @returns The context; `outputs` is filled while the steps run.
 */
export function templateContext(
  ctx: Pick<ActionContext, "organizationName" | "person">,
  given: {
    readonly inputs: RunInputs;
    readonly variables: SkillVariables;
    readonly now: Date;
    readonly outputs?: Readonly<Record<string, unknown>>;
  },
): TemplateContext {
  const { firstName, fullName, timeZone } = ctx.person;
  return {
    inputs: given.inputs,
    variables: given.variables,
    outputs: given.outputs ?? {},
    org: { name: ctx.organizationName },
    person: { first_name: firstName, full_name: fullName, time_zone: timeZone },
    today: dayOf(given.now.toISOString(), timeZone),
    now: given.now.toISOString(),
  };
}

/**
 * Puts together what rules know.
 *
 * @param ctx The person and the organization.
 * @param now The time of the run.
 */
export function ruleContext(
  ctx: Pick<ActionContext, "organizationName" | "person">,
  now: Date,
): RuleContext {
  return {
    now,
    today: dayOf(now.toISOString(), ctx.person.timeZone),
    timeZone: ctx.person.timeZone,
    organizationName: ctx.organizationName,
    firstName: ctx.person.firstName,
    email: ctx.person.email,
  };
}
