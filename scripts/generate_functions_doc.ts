// Writes docs/functions.md from the function registry and the reasons for the service role:
// `generate_functions_doc.ts [--check]`.
import { join } from "node:path";
import { FUNCTION_REGISTRY, type FunctionEntry } from "../shared/platform/function_registry.ts";
import { SERVICE_REASONS, type ServiceReasonEntry } from "../shared/platform/service_reasons.ts";
import { writeOrCheck } from "./checks/generated_file.ts";
import { projectDir } from "./checks/project_dir.ts";
import { reportFindings } from "./checks/report_findings.ts";

const HEAD = `# Functions

Made by \`deno task docs:functions\` from \`shared/platform/function_registry.ts\` and
\`shared/platform/service_reasons.ts\`; change them there.

The kind is the trust boundary. An \`api\` is called by signed-in people and proves them by their
token; a \`webhook\` is called by a provider and proves it by the signature of the body; a \`job\` is
called by our own schedule and proves it by an HMAC that works once. A function whose code, folder or
settings say something else does not start and does not pass \`deno task check:functions\`.

| Function | Kind | Auth | Authority | Capability | What it does |
| --- | --- | --- | --- | --- | --- |
`;

const REASONS_HEAD = `
## Uses of the service role

The service role is not bound by row-level security, so every use of it is listed here, is refused
for any other function, and leaves a row in the security audit log.

| Reason | Functions | Why a caller's own authority cannot do it |
| --- | --- | --- |
`;

/**
 * Describes the functions.
 *
 * @returns The text of docs/functions.md.
 */
export function describeFunctions(): string {
  const functions: [string, FunctionEntry][] = Object.entries(FUNCTION_REGISTRY);
  const reasons: [string, ServiceReasonEntry][] = Object.entries(SERVICE_REASONS);
  const rows = functions.sort(byName).map(([name, entry]) =>
    `| \`${name}\` | ${entry.kind} | ${entry.auth} | ${authority(entry)} | ${entry.capability} | ` +
    `${entry.summary} |`
  );
  const reasonRows = reasons.sort(byName).map(([reason, { functions: names, because }]) =>
    `| \`${reason}\` | ${names.map((name) => `\`${name}\``).join(", ")} | ${because} |`
  );
  return `${HEAD}${rows.join("\n")}\n${REASONS_HEAD}${reasonRows.join("\n")}\n`;
}

function authority(entry: FunctionEntry): string {
  if (entry.privilege === "user") return "the caller's";
  return entry.kind === "api" ? "the caller's, and the service role" : "the service role";
}

function byName([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1;
}

if (import.meta.main) {
  const path = join(projectDir(), "docs/functions.md");
  const file = { path, text: describeFunctions(), command: "deno task docs:functions" };
  reportFindings("functions document", await writeOrCheck(file));
}
