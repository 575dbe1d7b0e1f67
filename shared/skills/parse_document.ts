// Reads a document: YAML between two lines of three hyphens, then Markdown. The YAML is data of one
// page: no tags, no anchors that multiply, no key twice.
import { parseDocument as parseYaml } from "yaml";
import type { z } from "zod";
import { AppError } from "../errors/app_error.ts";
import { PLAYBOOK_SECTIONS } from "../copilot/panels/playbook_sections.ts";
import { sha256Hex } from "../platform/sha256.ts";
import { checkReferences, type DocumentIssue } from "./check_references.ts";
import { SkillDocument } from "./document.ts";

/** Longest document, in UTF-16 code units. */
export const DOCUMENT_MAX = 40_000;
const FORM = /^---\r?\n([\s\S]*?)\r?\n---\r?\n([\s\S]*)$/;
const REFUSED_KEY = /^(?:__proto__|constructor|prototype)$/;

/** A document as it was written, and what it says. */
export interface ParsedDocument {
  readonly document: SkillDocument;
  /** SHA-256 of the text, in hex: what a run names as the document that it ran. */
  readonly sha256: string;
}

/**
 * Reads a document.
 *
 * @param source The whole text.
 * @returns What it says.
 * @throws {AppError} `invalid_request` with an issue for each thing that is wrong.
 */
export function parseDocument(source: string): SkillDocument {
  if (source.length > DOCUMENT_MAX) throw wrong([{ path: "", message: "too long" }]);
  const match = FORM.exec(source);
  if (match === null) {
    throw wrong([{ path: "", message: "must begin with front matter between two lines of ---" }]);
  }
  const [, front = "", body = ""] = match;
  const parsed = SkillDocument.safeParse({ ...readFrontMatter(front), body: body.trim() });
  if (!parsed.success) throw wrong(parsed.error.issues.map(issueOf));
  const issues = [...checkReferences(parsed.data), ...checkSections(parsed.data)];
  if (issues.length > 0) throw wrong(issues);
  return parsed.data;
}

/**
 * Reads a document and names it by its hash.
 *
 * @param source The whole text.
 * @throws {AppError} As `parseDocument`.
 */
export async function readDocument(source: string): Promise<ParsedDocument> {
  const document = parseDocument(source);
  return { document, sha256: await sha256Hex(source) };
}

function readFrontMatter(front: string): Record<string, unknown> {
  const yaml = parseYaml(front, {
    version: "1.2",
    schema: "core",
    merge: false,
    uniqueKeys: true,
    strict: true,
    prettyErrors: false,
  });
  const [problem] = [...yaml.errors, ...yaml.warnings];
  if (problem !== undefined) throw wrong([{ path: "", message: `YAML: ${problem.code}` }]);
  let value: unknown;
  try {
    value = yaml.toJS({ maxAliasCount: 0 });
  } catch {
    throw wrong([{ path: "", message: "YAML: aliases are not read" }]);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw wrong([{ path: "", message: "the front matter is no mapping" }]);
  }
  refuseKeys(value);
  return { ...value };
}

function refuseKeys(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  for (const [key, item] of Object.entries(value)) {
    if (REFUSED_KEY.test(key)) throw wrong([{ path: key, message: "is not a name" }]);
    refuseKeys(item);
  }
}

/** A panel is closed: what it can show is in its schema. */
function checkSections(document: SkillDocument): DocumentIssue[] {
  const known: Readonly<Record<string, readonly string[] | "any">> = PLAYBOOK_SECTIONS;
  const sections = Object.hasOwn(known, document.panel) ? known[document.panel] : undefined;
  if (sections === undefined) return [{ path: "panel", message: "names no panel of a run" }];
  if (sections === "any") return [];
  return document.sections.filter(({ id }) => !sections.includes(id)).map(({ id }) => ({
    path: "sections",
    message: `the panel has no section "${id}"`,
  }));
}

function issueOf({ path, message }: z.core.$ZodIssue): DocumentIssue {
  return { path: path.map(String).join("."), message };
}

function wrong(issues: readonly DocumentIssue[]): AppError {
  return new AppError("invalid_request", {
    detail: "The document is not valid; the issues say where.",
    issues: issues.slice(0, 20).map(({ path, message }) => ({
      path: path === "" ? "document" : `document.${path}`,
      code: "invalid_document",
      message,
    })),
  });
}
