// Nothing that is committed looks like a key, or names a folder of the machine that it was made on.
// What only looks like one is listed in secret_exceptions.json with its reason.
import { join } from "node:path";
import { z } from "zod";
import { runCommand } from "./checks/generated_file.ts";
import { projectDir } from "./checks/project_dir.ts";
import { type Finding, reportFindings } from "./checks/report_findings.ts";
import type { SourceFile } from "./checks/source_files.ts";

const EXCEPTIONS = "scripts/secret_exceptions.json";
/** Path → why what is in it is no key. */
const Exceptions = z.record(z.string(), z.string().min(20));

/** What keys look like. Examples that providers publish in their documents are no keys. */
const SECRETS: Readonly<Record<string, RegExp>> = {
  "a Supabase secret key": /\bsb_secret_[A-Za-z0-9_-]{20,}/,
  "a Supabase access token": /\bsbp_[0-9a-f]{40}\b/,
  "a signed token": /\beyJ[A-Za-z0-9_-]{15,}\.eyJ[A-Za-z0-9_-]{15,}\.[A-Za-z0-9_-]{20,}/,
  "a private key": /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/,
  "a private JSON web key": /"d"\s*:\s*"[A-Za-z0-9_-]{40,}"/,
  "an AWS key": /\b(?:AKIA|ASIA)(?![A-Z0-9]*EXAMPLE)[A-Z0-9]{16}\b/,
  "a Google API key": /\bAIza[A-Za-z0-9_-]{35}\b/,
  "a Google client secret": /\bGOCSPX-[A-Za-z0-9_-]{20,}/,
  "a Google refresh token": /\b1\/\/0[A-Za-z0-9_-]{40,}/,
  "a webhook secret": /\bwhsec_(?!MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw)[A-Za-z0-9+/]{32,}/,
  "a Slack token": /\bxox[abprs]-[A-Za-z0-9-]{20,}/,
  "a GitHub token": /\bgh[pousr]_[A-Za-z0-9]{36}/,
  "a Stripe key": /\b[rs]k_live_[A-Za-z0-9]{20,}/,
  "a model provider's key": /\bsk-(?:ant-|proj-)?[A-Za-z0-9_-]{32,}/,
};

/** Folders of a machine. An import's `../shared/` is none. */
const PLACES: Readonly<Record<string, RegExp>> = {
  "a folder of somebody's machine": /(?<![\w.}-])\/(?:home|Users|root|work)\/[\w.-]+/,
  "a temporary folder by name": /(?<![\w.}-])\/tmp\/[\w-]{3,}/,
};

const PATTERNS = Object.entries({ ...SECRETS, ...PLACES });

const TEXT =
  /\.(?:ts|js|json|jsonc|sql|md|toml|yml|yaml|sh|html|txt|css|control|example)$|(?:^|\/)[^./]+$/;
/** Hashes of packages look like anything. */
const SKIPPED: ReadonlySet<string> = new Set(["deno.lock"]);

/**
 * Finds keys and places in files.
 *
 * @param files What is committed.
 * @param exceptions Path → why what is in it is no key.
 * @returns A finding for each line, which does not repeat what was found, and for each exception that
 * nothing needs.
 */
export function checkSecrets(
  files: readonly SourceFile[],
  exceptions: Readonly<Record<string, string>>,
): Finding[] {
  const findings: Finding[] = [];
  const needed = new Set<string>();
  for (const { path, text } of files) {
    for (const [index, line] of text.split("\n").entries()) {
      for (const [what, pattern] of PATTERNS) {
        if (!pattern.test(line)) continue;
        needed.add(path);
        if (!(path in exceptions)) findings.push(`${path}:${index + 1}: looks like ${what}`);
      }
    }
  }
  for (const path of Object.keys(exceptions)) {
    if (!needed.has(path)) findings.push(`${EXCEPTIONS}: ${path} needs no exception`);
  }
  return findings;
}

/**
 * Reads what git has, whether or not it was changed since.
 *
 * @param root The repository.
 * @returns The text files.
 */
export async function committedFiles(root: string): Promise<SourceFile[]> {
  const names = (await runCommand("git", ["-C", root, "ls-files", "-z"])).split("\0");
  const files: SourceFile[] = [];
  for (const path of names) {
    if (path === "" || SKIPPED.has(path) || !TEXT.test(path)) continue;
    const text = await readIfThere(join(root, path));
    if (text !== null) files.push({ path, text });
  }
  return files;
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

async function main(): Promise<void> {
  const root = projectDir();
  const exceptions = Exceptions.parse(JSON.parse(await Deno.readTextFile(join(root, EXCEPTIONS))));
  reportFindings("secrets", checkSecrets(await committedFiles(root), exceptions));
}

if (import.meta.main) await main();
