// Who asks for rows: several members of the large organization, and one of each of several small ones.
import type pg from "pg";
import { idSql } from "./database.ts";
import type { Member } from "./envelope.ts";

/** A member, with some deals of their own. */
export interface MemberWithDeals extends Member {
  readonly deals: readonly string[];
}

/** Members who take turns, so that nobody lives on what their own last query left behind. */
export interface Tenant {
  readonly name: string;
  readonly isLarge: boolean;
  readonly members: readonly MemberWithDeals[];
}

const MEMBERS = 10;
const DEALS_EACH = 20;

/**
 * Reads the people of a world.
 *
 * @param admin A connection as the superuser.
 */
export async function readTenants(admin: pg.Client): Promise<Tenant[]> {
  return [
    {
      name: "large organization",
      isLarge: true,
      members: await readMembers(admin, (index) => 1 + index * 10),
    },
    {
      name: "small organizations",
      isLarge: false,
      // One of ten in each small organization owns nothing; five further on is never that one.
      members: await readMembers(admin, (index) => 101 + index * 10 + (index + 5) % 10),
    },
  ];
}

async function readMembers(
  admin: pg.Client,
  personOf: (index: number) => number,
): Promise<MemberWithDeals[]> {
  const members: MemberWithDeals[] = [];
  for (let index = 0; index < MEMBERS; index++) {
    const person = personOf(index);
    const { rows: [member] } = await admin.query<MemberWithDeals>(
      `select m.org_id as org, m.user_id as person, ${idSql("session", person)} as session,
         array(select d.id::text from public.deals as d
           where d.org_id = m.org_id and d.user_id = m.user_id
           order by d.id limit ${DEALS_EACH}) as deals
       from public.organization_members as m where m.user_id = ${idSql("person", person)}`,
    );
    if (member === undefined) throw new Error(`Cannot find person ${person}`);
    members.push(member);
  }
  return members;
}

/** Takes turns through a list. */
export function pick<T>(items: readonly T[], turn: number): T {
  const item = items[turn % items.length];
  if (item === undefined) throw new RangeError("Cannot pick from an empty list");
  return item;
}
