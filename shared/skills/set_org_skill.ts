// Sets what an organization has of one document. A document of its own is read first: what can't run is
// not stored.
import { z } from "zod";
import { asJson } from "../database/as_json.ts";
import { AppError, fromPostgrestError } from "../errors/app_error.ts";
import type { RequestContext } from "../platform/request_context.ts";
import type { SkillSettings, SkillSettingsInput } from "./settings.ts";
import type { SkillDocument } from "./document.ts";
import { OrgSkill } from "./get_skill.ts";
import { findInLibrary } from "./library.ts";
import { parseDocument } from "./parse_document.ts";

/**
 * Sets it.
 *
 * @param ctx The caller, an admin of the organization.
 * @param key The document's key; a new one only with a document.
 * @param input What is set; it replaces what was set before.
 * @returns What is set now.
 * @throws {AppError} `not_found` for a key that is nowhere, `invalid_request` with issues for a document
 *   or variables that don't fit, `forbidden` where the caller may not.
 */
export async function setOrgSkill(
  ctx: Pick<RequestContext, "db">,
  orgId: string,
  key: string,
  input: Omit<SkillSettingsInput, "org_id">,
): Promise<SkillSettings> {
  checkVariables(documentFor(key, input), input.variables);
  const { data, error } = await ctx.db.rpc("set_org_skill", {
    p_org_id: orgId,
    p_key: key,
    p_is_active: input.is_active,
    p_version: input.version,
    p_variables: asJson(input.variables),
    p_document: input.document,
  });
  if (error) throw fromPostgrestError(error);
  const { document, document_sha256, is_active, variables, version } = z.strictObject(
    OrgSkill.shape,
  ).parse(data);
  return {
    key,
    is_active,
    version,
    variables,
    has_own_document: document !== null,
    document_sha256,
  };
}

/** The document that the settings are about. */
function documentFor(key: string, input: Omit<SkillSettingsInput, "org_id">): SkillDocument {
  if (input.document !== null) {
    const document = parseDocument(input.document);
    if (document.key === key) return document;
    throw wrong("document.key", `must be ${key}, as in the address`);
  }
  const entry = findInLibrary(key, input.version);
  if (entry === null) throw new AppError("not_found");
  if (input.version !== null && entry.document.version !== input.version) {
    throw wrong("version", "is not in the library");
  }
  return entry.document;
}

function checkVariables(
  document: SkillDocument,
  variables: SkillSettingsInput["variables"],
): void {
  for (const [name, value] of Object.entries(variables)) {
    const declared = document.variables.find((variable) => variable.name === name);
    if (declared === undefined) throw wrong(`variables.${name}`, "is no variable of the document");
    if (typeof declared.default !== typeof value) {
      throw wrong(`variables.${name}`, `must be a ${typeof declared.default}`);
    }
  }
}

function wrong(path: string, message: string): AppError {
  return new AppError("invalid_request", {
    issues: [{ path: `body.${path}`, code: "custom", message }],
  });
}
