// Writes docs/panels.md from the panels: `generate_panels_doc.ts [--check]`.
import { join } from "node:path";
import { type PublishedPanel, publishPanels } from "../shared/copilot/panels/publish_panels.ts";
import { writeOrCheck } from "./checks/generated_file.ts";
import { projectDir } from "./checks/project_dir.ts";
import { reportFindings } from "./checks/report_findings.ts";

/** As many as the product's first frontend draws; the source names the number and three of them. */
const DRAWN_BY_THE_FRONTEND = 48;
const COMMAND = "deno task docs:panels";

/** Where each panel comes from, for those who look for one; the first that fits counts. */
const SOURCES: readonly (readonly [RegExp, string])[] = [
  [/^(action_preview|action_result)$/, "proposals, confirming and undoing"],
  [/^clarification$/, "questions back"],
  [/^skill_(list|result)$/, "`list_skills`, `run_skill`"],
  [
    /^(competitor_battlecard|daily_briefing|deal_rescue_plan|discovery_questions|handover_pack|mutual_action_plan|next_meeting_command_center|objection_playbook|pipeline_review|post_meeting_followup_pack|qbr_pack|reengagement_plan|weekly_summary)$/,
    "`run_sequence`, `run_skill`",
  ],
  [/./, "look-ups of `execute_action`"],
];

function head(count: number): string {
  return `# Panels

Made by \`${COMMAND}\` from \`shared/copilot/panels/\`; change them there.

A structured response is one of these, and nothing else can be sent: the contract of an answer is the
union of their schemas. Each has a version that moves with any change that an old client could not
read. \`GET /functions/v1/api-copilot/panels\` serves the JSON schema (draft 2020-12) and a whole
example of each.

The first frontend counts ${DRAWN_BY_THE_FRONTEND} components and names three: \`meeting_list\`, \`next_meeting_command_center\`
and \`post_meeting_followup_pack\`. Here stand **${count}**: everything that an action, a skill, a
sequence, a question back or a proposal can return. The other ${
    DRAWN_BY_THE_FRONTEND - count
  } belong to what is not built yet
(calls, campaigns, settings, the testing platform); they come with what they show.

What can be clicked in a panel is data as well: \`open_contact\`, \`open_deal\`, \`open_meeting\`,
\`open_task\` with the id, \`open_external_url\` with an http or https address, always in a new tab.
\`POST /functions/v1/api-copilot/actions\` still understands \`open_meeting_url\`, \`view_meeting\` and
\`view_task\` of older answers.

| Type | Version | When it is drawn | Comes from |
| --- | --- | --- | --- |
`;
}

/**
 * Describes the panels.
 *
 * @param panels As they are published.
 * @returns The text of docs/panels.md.
 */
export function describePanels(panels: readonly PublishedPanel[]): string {
  const rows = panels.map(({ type, version, summary }) => {
    const source = SOURCES.find(([types]) => types.test(type))?.[1] ?? "";
    return `| \`${type}\` | ${version} | ${summary} | ${source} |`;
  });
  return `${head(panels.length)}${rows.join("\n")}\n`;
}

if (import.meta.main) {
  const panels = publishPanels();
  const path = join(projectDir(), "docs/panels.md");
  const file = { path, text: describePanels(panels), command: COMMAND };
  reportFindings("panels document", await writeOrCheck(file));
}
