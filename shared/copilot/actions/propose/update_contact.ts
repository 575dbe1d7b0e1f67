// Proposes to change a contact.
import { z } from "zod";
import { AppError, fromPostgrestError } from "../../../errors/app_error.ts";
import { UpdateContact } from "../../proposals/effect.ts";
import type { ActionContext, ProposeAction } from "../action.ts";
import { nameOf, readCompany } from "./linked_rows.ts";
import { change, outgoingDetails, outgoingLine, type PreviewField, summary } from "./preview.ts";

const words = (max: number) => z.string().trim().min(1).max(max).nullable().optional();

const UpdateContactArgs = z.strictObject({
  contact_id: z.uuid(),
  first_name: words(100),
  last_name: words(100),
  email: z.email().max(320).nullable().optional(),
  phone: words(40),
  job_title: words(200),
  notes: z.string().max(20_000).nullable().optional(),
  company_id: z.uuid().nullable().optional(),
});

const LINES = ["first_name", "last_name", "email", "phone", "job_title"] as const;
const LABELS: Readonly<Record<(typeof LINES)[number], string>> = {
  first_name: "First name",
  last_name: "Last name",
  email: "Email",
  phone: "Phone",
  job_title: "Job title",
};

/** The action. */
export const updateContact: ProposeAction<typeof UpdateContactArgs> = {
  kind: "propose",
  name: "update_contact",
  description:
    "Proposes to change a contact: name, email, phone, job title, notes or company; it can be undone.",
  label: "Preparing a change of a contact",
  args: UpdateContactArgs,
  explainArgs: ({ contact_id: _, ...changes }) => ({
    fields: Object.keys(changes).sort().join(","),
  }),
  async prepare(ctx, { contact_id: contactId, ...args }) {
    if (Object.keys(args).length === 0) throw new AppError("invalid_request");
    const contact = await readContact(ctx, contactId);
    const lines = LINES.filter((name) => args[name] !== undefined);
    const effect = UpdateContact.parse({
      kind: "update_contact",
      contact_id: contactId,
      changes: {
        ...args,
        ...Object.fromEntries(lines.map((name) => [name, cleaned(args[name])])),
        ...(args.notes !== undefined && { notes: outgoingDetails(args.notes) }),
      },
    });
    const { changes } = effect;
    return {
      effects: [effect],
      previews: [{
        kind: effect.kind,
        summary: summary("Change the contact ", nameOf(contact)),
        recipients: [],
        fields: [
          { name: "Contact", value: nameOf(contact) },
          ...lines.map((name) => change(LABELS[name], contact[name], changes[name] ?? null)),
          ...(changes.notes === undefined ? [] : [change("Notes", contact.notes, changes.notes)]),
          ...await sayCompany(ctx, contact.company_id, changes.company_id),
        ],
        is_reversible: true,
      }],
      evidence: [{ table: "contacts", id: contactId }],
    };
  },
};

function cleaned(value: string | null | undefined): string | null {
  return value ? outgoingLine(value) : null;
}

async function readContact(ctx: ActionContext, id: string) {
  const { data, error } = await ctx.db.from("contacts")
    .select("first_name, last_name, email, phone, job_title, notes, company_id")
    .eq("org_id", ctx.orgId).eq("id", id).maybeSingle();
  if (error) throw fromPostgrestError(error);
  if (data === null) throw new AppError("not_found");
  return data;
}

async function sayCompany(
  ctx: ActionContext,
  before: string | null,
  after: string | null | undefined,
): Promise<PreviewField[]> {
  if (after === undefined) return [];
  const [old, next] = await Promise.all([
    before ? readCompany(ctx, before).catch(() => null) : null,
    after ? readCompany(ctx, after) : null,
  ]);
  return [change("Company", old?.name ?? (before ? "another company" : null), next?.name ?? null)];
}
