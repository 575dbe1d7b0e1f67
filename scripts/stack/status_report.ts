// What a person is told about a running stack.

import type { SeededLogin } from "./seeded_logins.ts";
import type { StackDescription } from "./stack_description.ts";

/** A running stack with what the database and the sources say about it. */
export interface StackReport {
  readonly description: StackDescription;
  readonly functions: readonly string[];
  readonly logins: readonly SeededLogin[];
  /** Password of the seeded people. */
  readonly password: string | null;
}

/** Renders a stack for reading. */
export function renderReport({ description, functions, logins, password }: StackReport): string {
  const { url, storage } = description;
  const rows: [string, string][] = [
    ["API URL", url],
    ["Functions URL", `${url}/functions/v1/<name>`],
    ["Database URL", description.databaseUrls.postgres],
    ["S3 URL", storage.url],
    ["S3 access key", storage.accessKeyId],
    ["S3 secret key", storage.secretAccessKey],
    ["Simulators", description.providersUrl],
    ["Clock", description.cronUrl],
    ["Publishable key", description.publishableKey],
    ["Secret key", description.secretKey],
    ["Logs", `${description.dataDir}/logs`],
  ];
  const lines = alignRows(rows);
  if (functions.length > 0) lines.push("", `Functions: ${functions.join(", ")}`);
  if (logins.length > 0) {
    lines.push("", `Logins${password ? `, all with the password ${password}` : ""}:`);
    lines.push(...alignRows(logins.map((login) => [login.email, login.memberships.join(", ")])));
  }
  return lines.join("\n");
}

/** Renders a stack for programs, with everything that the text has. */
export function renderJson({ description, functions, logins, password }: StackReport): string {
  return JSON.stringify({ ...description, functions, logins, password }, null, 2);
}

/** Renders a stack as variables for a shell or a `.env` file. */
export function renderEnvironment({ description }: StackReport): string {
  const variables = {
    API_URL: description.url,
    DB_URL: description.databaseUrls.postgres,
    PUBLISHABLE_KEY: description.publishableKey,
    SECRET_KEY: description.secretKey,
    S3_URL: description.storage.url,
    S3_ACCESS_KEY_ID: description.storage.accessKeyId,
    S3_SECRET_ACCESS_KEY: description.storage.secretAccessKey,
    PROVIDERS_URL: description.providersUrl,
    CRON_URL: description.cronUrl,
  };
  return Object.entries(variables).map(([name, value]) => `${name}="${value}"`).join("\n");
}

function alignRows(rows: readonly [string, string][]): string[] {
  const width = Math.max(...rows.map(([label]) => label.length));
  return rows.map(([label, value]) => `  ${label.padEnd(width)}  ${value}`.trimEnd());
}
