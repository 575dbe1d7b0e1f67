// Makes the panel of a run from what its steps found.
import { PANELS, StructuredResponse } from "../copilot/panels/catalogue.ts";
import { ITEMS_MAX, type PlaybookItem, type PlaybookSection } from "../copilot/panels/playbook.ts";
import type { PendingAction } from "../copilot/proposals/proposal.ts";
import { ERROR_CATALOGUE, isErrorCode } from "../errors/catalogue.ts";
import type { SkillDocument, SkillStep } from "./document.ts";
import { itemsOf, type RunState } from "./run_step.ts";
import {
  cleanUnresolvedVariables,
  hasUnresolvedVariables,
} from "./template/clean_unresolved_variables.ts";
import { resolveExpression } from "./template/resolve_expression.ts";

/** A panel and how it reads. */
export interface BuiltPlaybook {
  readonly panel: StructuredResponse;
  readonly text: string;
  readonly title: string;
}

/**
 * Makes the panel.
 *
 * @param document The document.
 * @param state The run.
 * @param pendingAction What waits for a yes.
 */
export function buildPlaybook(
  document: SkillDocument,
  state: RunState,
  pendingAction: PendingAction | null,
): BuiltPlaybook {
  const title = titleOf(document, state);
  const panel = StructuredResponse.parse({
    type: document.panel,
    version: 1,
    title,
    subtitle: subtitleOf(document, state),
    skill: { key: document.key, version: document.version, name: document.name },
    execution_id: state.executionId,
    // An organization may let own tasks happen at once; then nothing waits.
    is_simulation: pendingAction === null || pendingAction.status === "open",
    sections: buildSections(document, state),
    proposed: (pendingAction?.effects ?? []).map((
      { kind, summary, recipients, is_reversible },
    ) => ({
      kind,
      summary,
      recipients,
      is_reversible,
    })),
    pending_action_id: pendingAction?.status === "open" ? pendingAction.id : null,
    missing: state.missing.slice(0, 20),
  });
  return { panel, text: PANELS[panel.type].describe(panel), title };
}

/**
 * Says what a run goes without.
 *
 * @param step The step that came to nothing.
 * @param code Why.
 */
export function missingLine(step: SkillStep, code: string): string {
  const action = "read" in step ? step.read : "propose" in step ? step.propose : step.id;
  const what = step.label ?? action.replaceAll("_", " ");
  const why = isErrorCode(code) ? ERROR_CATALOGUE[code].title : "it failed";
  return `${what}: ${why.toLowerCase()}`.slice(0, 200);
}

/** Where nothing at all was found that is all there is to say: advice would be about nothing. */
function buildSections({ sections }: SkillDocument, state: RunState): readonly PlaybookSection[] {
  const built = sections.map((section) => buildSection(section, state));
  const findings = built.filter((_, index) => sections[index]?.lines === undefined);
  return findings.length > 0 && findings.every(({ items }) => items.length === 0)
    ? findings.slice(0, 1)
    : built;
}

function buildSection(
  section: SkillDocument["sections"][number],
  state: RunState,
): PlaybookSection {
  const items = section.lines === undefined
    ? itemsFor(section.items ?? "", state)
    : section.lines.map((line) => plainItem(write(line, state, 600)));
  return {
    id: section.id,
    heading: section.heading,
    items: items.slice(0, ITEMS_MAX),
    total: items.length,
    empty: section.empty ?? null,
  };
}

function itemsFor(expression: string, { context }: RunState): readonly PlaybookItem[] {
  return itemsOf({ items: resolveExpression(expression, context) });
}

function plainItem(text: string): PlaybookItem {
  return { text, detail: null, tone: "neutral", evidence: [], actions: [] };
}

/** A title with a gap in it says less than the document's name. */
function titleOf(document: SkillDocument, state: RunState): string {
  const text = String(resolveExpression(document.title, state.context) ?? "");
  return text === "" || hasUnresolvedVariables(text)
    ? document.name
    : text.replaceAll(/\s+/g, " ").trim().slice(0, 300).toWellFormed();
}

function subtitleOf(document: SkillDocument, state: RunState): string | null {
  if (document.subtitle === undefined) return null;
  const text = String(resolveExpression(document.subtitle, state.context) ?? "");
  return text === "" || hasUnresolvedVariables(text) ? null : text.slice(0, 400);
}

function write(template: string, state: RunState, max: number): string {
  const text = cleanUnresolvedVariables(
    String(resolveExpression(template, state.context) ?? ""),
  ).replaceAll(/\s+/g, " ").trim();
  return (text === "" ? "Untitled" : text).slice(0, max).toWellFormed();
}
