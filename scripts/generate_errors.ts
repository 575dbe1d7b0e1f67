// Writes docs/errors.md from the error catalogue: `generate_errors.ts [--check]`.
import { join } from "node:path";
import { ERROR_CATALOGUE } from "../shared/errors/catalogue.ts";
import { writeOrCheck } from "./checks/generated_file.ts";
import { projectDir } from "./checks/project_dir.ts";
import { reportFindings } from "./checks/report_findings.ts";

const HEAD = `# Errors

Made by \`deno task docs:errors\` from \`shared/errors/catalogue.ts\`; change it there.

Every refusal and every failure is answered as \`application/problem+json\` (RFC 9457):

\`\`\`json
{
  "type": "urn:sixty:error:not_found",
  "title": "Not found",
  "status": 404,
  "detail": "It does not exist, or it is not yours to see.",
  "code": "not_found",
  "message": "It does not exist, or it is not yours to see.",
  "request_id": "2f1c…",
  "issues": []
}
\`\`\`

\`code\` is stable: branch on it. \`title\` and \`message\` (the same text as \`detail\`) may be shown to a
person. \`request_id\` joins the answer to our log lines and audit rows. \`issues\`, where there are
any, say what is wrong with which field: \`{ "path", "code", "message" }\`.

| Code | Status | Title | Detail |
| --- | --- | --- | --- |
`;

/**
 * Describes the catalogue.
 *
 * @returns The text of docs/errors.md.
 */
export function describeErrors(): string {
  const rows = Object.entries(ERROR_CATALOGUE)
    .sort(([a, left], [b, right]) => left.status - right.status || (a < b ? -1 : 1))
    .map(([code, { status, title, detail }]) =>
      `| <a id="${code}"></a>\`${code}\` | ${status} | ${title} | ${detail} |`
    );
  return `${HEAD}${rows.join("\n")}\n`;
}

if (import.meta.main) {
  const path = join(projectDir(), "docs/errors.md");
  const file = { path, text: describeErrors(), command: "deno task docs:errors" };
  reportFindings("errors", await writeOrCheck(file));
}
