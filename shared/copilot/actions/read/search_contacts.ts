// Finds contacts by name, address, company, or by how long nobody spoke to them.
import { z } from "zod";
import { fromPostgrestError } from "../../../errors/app_error.ts";
import type { ReadAction } from "../action.ts";
import { evidenceRows, type Mention } from "../evidence_rows.ts";
import { buildContactList, contactListPanel } from "../../panels/contact_list.ts";
import { FoundContacts } from "../../panels/crm_reports.ts";

/** Which contacts. */
export const SearchContactsArgs = z.strictObject({
  query: z.string().trim().min(1).max(200).optional()
    .describe("Words of a name, address or company; their beginnings are enough."),
  owner: z.enum(["mine", "all"]).default("all")
    .describe("mine: owned by the person or assigned to them; all: also what colleagues share."),
  company_id: z.uuid().optional(),
  quiet_days: z.int().min(1).max(3650).optional()
    .describe("Only contacts without an interaction for so many days."),
  limit: z.int().min(1).max(50).default(10),
});

/** The action. */
export const searchContacts: ReadAction<typeof SearchContactsArgs, typeof FoundContacts> = {
  kind: "read",
  name: "search_contacts",
  description:
    "Finds contacts by words of their name, address or company, by company, or by days of " +
    "silence; the latest interaction first.",
  label: "Looking up contacts",
  args: SearchContactsArgs,
  result: FoundContacts,
  readsForeignText: true,
  explainArgs: ({ query, owner, company_id, quiet_days, limit }) => ({
    owner,
    limit,
    has_query: query !== undefined,
    ...(company_id === undefined ? {} : { company_id }),
    ...(quiet_days === undefined ? {} : { quiet_days }),
  }),
  async run(ctx, args) {
    const { data: answer, error } = await ctx.db.rpc("search_contacts", {
      p_org_id: ctx.orgId,
      p_query: args.query ?? null,
      p_owner: args.owner,
      p_company_id: args.company_id ?? null,
      p_quiet_days: args.quiet_days ?? null,
      p_limit: args.limit,
      p_now: ctx.clock.now().toISOString(),
    });
    if (error) throw fromPostgrestError(error);
    const data = FoundContacts.parse(answer);
    const panel = buildContactList(data);
    return {
      data,
      evidence: evidenceRows(mentionsOf(data)),
      count: data.total,
      panel,
      text: contactListPanel.describe(panel),
    };
  },
};

function* mentionsOf(found: FoundContacts): Generator<Mention> {
  for (const contact of found.contacts) {
    yield ["contacts", contact.id];
    yield ["companies", contact.company?.id];
  }
}
