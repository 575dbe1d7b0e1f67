// The rows that an effect points to, by the names a person knows them by. What the caller may not read
// does not exist.
import { z } from "zod";
import { AppError, fromPostgrestError } from "../../../errors/app_error.ts";
import type { ActionContext, EvidenceRow } from "../action.ts";
import { field, type PreviewField } from "./preview.ts";

/** Rows that a task or an activity can be about. */
export const LINK_ARGS = {
  company_id: z.uuid().nullish(),
  contact_id: z.uuid().nullish(),
  deal_id: z.uuid().nullish(),
  meeting_id: z.uuid().nullish(),
};

/** Ids of linked rows; missing ones are not linked. */
export interface Links {
  readonly company_id?: string | null | undefined;
  readonly contact_id?: string | null | undefined;
  readonly deal_id?: string | null | undefined;
  readonly meeting_id?: string | null | undefined;
}

/** Linked rows as a preview shows them. */
export interface LinkedRows {
  readonly fields: readonly PreviewField[];
  readonly evidence: readonly EvidenceRow[];
}

/**
 * Reads linked rows, all at once.
 *
 * @param ctx The caller.
 * @param links Their ids.
 * @throws {AppError} `not_found` when one does not exist for the caller.
 */
export async function readLinks(ctx: ActionContext, links: Links): Promise<LinkedRows> {
  const found = await Promise.all([
    links.company_id ? readCompany(ctx, links.company_id) : null,
    links.contact_id ? readContact(ctx, links.contact_id) : null,
    links.deal_id ? readDeal(ctx, links.deal_id) : null,
    links.meeting_id ? readMeeting(ctx, links.meeting_id) : null,
  ]);
  const rows = found.filter((row) => row !== null);
  return {
    fields: rows.flatMap(({ label, name }) => field(label, name)),
    evidence: rows.map(({ table, id }) => ({ table, id })),
  };
}

interface NamedRow extends EvidenceRow {
  readonly label: string;
  readonly name: string;
}

/**
 * Reads the name of a company.
 *
 * @throws {AppError} `not_found` when it does not exist for the caller.
 */
export async function readCompany(ctx: ActionContext, id: string): Promise<NamedRow> {
  const { data, error } = await ctx.db.from("companies").select("name")
    .eq("org_id", ctx.orgId).eq("id", id).maybeSingle();
  if (error) throw fromPostgrestError(error);
  if (data === null) throw new AppError("not_found");
  return { table: "companies", id, label: "Company", name: data.name };
}

async function readContact(ctx: ActionContext, id: string): Promise<NamedRow> {
  const { data, error } = await ctx.db.from("contacts").select("first_name, last_name, email")
    .eq("org_id", ctx.orgId).eq("id", id).maybeSingle();
  if (error) throw fromPostgrestError(error);
  if (data === null) throw new AppError("not_found");
  return { table: "contacts", id, label: "Contact", name: nameOf(data) };
}

async function readDeal(ctx: ActionContext, id: string): Promise<NamedRow> {
  const { data, error } = await ctx.db.from("deals").select("name")
    .eq("org_id", ctx.orgId).eq("id", id).maybeSingle();
  if (error) throw fromPostgrestError(error);
  if (data === null) throw new AppError("not_found");
  return { table: "deals", id, label: "Deal", name: data.name };
}

async function readMeeting(ctx: ActionContext, id: string): Promise<NamedRow> {
  const { data, error } = await ctx.db.from("meetings").select("title")
    .eq("org_id", ctx.orgId).eq("id", id).maybeSingle();
  if (error) throw fromPostgrestError(error);
  if (data === null) throw new AppError("not_found");
  return { table: "meetings", id, label: "Meeting", name: data.title };
}

/**
 * Reads who a colleague is.
 *
 * @throws {AppError} `not_found` when they are no active member.
 */
export async function readColleague(ctx: ActionContext, userId: string): Promise<string> {
  const [member, profile] = await Promise.all([
    ctx.db.from("organization_members").select("user_id")
      .eq("org_id", ctx.orgId).eq("user_id", userId).eq("status", "active").maybeSingle(),
    ctx.db.from("profiles").select("first_name, last_name, email").eq("id", userId).maybeSingle(),
  ]);
  if (member.error) throw fromPostgrestError(member.error);
  if (profile.error) throw fromPostgrestError(profile.error);
  if (member.data === null || profile.data === null) throw new AppError("not_found");
  return nameOf(profile.data);
}

/** What somebody is called: their name, or their address where they have none. */
export function nameOf(person: {
  readonly first_name: string | null;
  readonly last_name: string | null;
  readonly email: string | null;
}): string {
  const name = [person.first_name, person.last_name].filter((part) => part).join(" ");
  return name || person.email || "somebody without a name";
}
