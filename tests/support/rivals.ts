// Two rival organizations of a test file's own, so that files can run side by side on one stack.
import type { TestStack } from "./stack.ts";

/** Somebody who can sign in. */
export interface Actor {
  readonly userId: string;
  readonly email: string;
  readonly orgId: string;
  readonly token: string;
}

/** The cast: a rep and a colleague in one organization, a rep in the other. */
export interface Rivals {
  readonly rep: Actor;
  readonly colleague: Actor;
  readonly rival: Actor;
}

/** Longer than the shortest that is accepted. */
const PASSWORD = "a test password 1";

/**
 * Makes the cast. The first organization shares meetings, as organizations do by default.
 *
 * @param stack The running stack.
 * @returns Everybody, signed in, each working in their organization, in Berlin's time zone.
 */
export async function createRivals(stack: TestStack): Promise<Rivals> {
  const mark = crypto.randomUUID().slice(0, 8);
  const [home, away] = [crypto.randomUUID(), crypto.randomUUID()];
  for (const [id, name] of [[home, "home"], [away, "away"]]) {
    await stack.sql(
      `with o as (insert into public.organizations (id, name, slug) values ($1, $2, $2) returning id)
       insert into public.org_settings (org_id) select id from o`,
      [id, `${name}-${mark}`],
    );
  }
  const [rep, colleague, rival] = await Promise.all([
    createActor(stack, `rep-${mark}@home.test`, home, "manager"),
    createActor(stack, `colleague-${mark}@home.test`, home, "manager"),
    createActor(stack, `rival-${mark}@away.test`, away, "owner"),
  ]);
  return { rep, colleague, rival };
}

/**
 * Makes one person.
 *
 * @param stack The running stack.
 * @param email Their address.
 * @param orgId Their organization.
 * @param role Their role in it.
 */
export async function createActor(
  stack: TestStack,
  email: string,
  orgId: string,
  role: string,
): Promise<Actor> {
  const { data, error } = await stack.service().auth.admin.createUser({
    email,
    password: PASSWORD,
    email_confirm: true,
  });
  if (error) throw error;
  const userId = data.user.id;
  await stack.sql(
    "insert into public.organization_members (org_id, user_id, role, status) values ($1, $2, $3, 'active')",
    [orgId, userId, role],
  );
  await stack.sql(
    "update public.profiles set active_org_id = $1, time_zone = 'Europe/Berlin' where id = $2",
    [orgId, userId],
  );
  return { userId, email, orgId, token: await stack.tokenOf(email, PASSWORD) };
}

/**
 * Calls a function as somebody.
 *
 * @param stack The running stack.
 * @param actor Who.
 * @param path Path below the functions.
 * @param body Posted as JSON; without one it is a GET.
 * @param headers Further headers.
 */
export async function callAs(
  stack: TestStack,
  actor: Actor,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number; json: Record<string, unknown> }> {
  const response = await stack.callFunction(path, {
    method: body === undefined ? "GET" : "POST",
    headers: {
      authorization: `Bearer ${actor.token}`,
      "content-type": "application/json",
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, json: await response.json() };
}

/**
 * Waits until something is so.
 *
 * @param what Says what is waited for.
 * @param isSo Asks.
 * @param limitMs How long at most.
 * @throws When it never is.
 */
export async function eventually(
  what: string,
  isSo: () => Promise<boolean>,
  limitMs = 15_000,
): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (performance.now() < deadline) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 60));
  }
  throw new Error(`Never came true: ${what}`);
}
