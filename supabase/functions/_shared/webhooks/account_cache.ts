// Remembers for seconds whose address a webhook called, so that accepting a burst is one round trip
// each. Short, because an address that was given up must stop working; processing checks the
// connection again in any case.
import type { Clock } from "@shared/platform/clock.ts";
import type { ServiceUse } from "../clients/service_client.ts";
import type { WebhookAccount } from "../http/create_webhook.ts";

/** Looks an account up by the unguessable part of its address. */
export type FindAccount = (key: string, use: ServiceUse) => Promise<WebhookAccount | null>;

interface Remembered {
  readonly account: WebhookAccount;
  readonly untilMs: number;
}

const KEPT_MS = 15_000;
const ENTRIES_MAX = 500;

/**
 * Puts a memory before a look-up. Only accounts that exist are kept: addresses that were made up
 * must not push real ones out.
 *
 * @param find The look-up.
 * @param clock Tells when an entry has passed.
 * @returns The same look-up, faster the second time.
 */
export function createAccountCache(find: FindAccount, clock: Clock): FindAccount {
  const entries = new Map<string, Remembered>();
  return async (key, use) => {
    const nowMs = clock.now().getTime();
    const known = entries.get(key);
    if (known !== undefined && known.untilMs > nowMs) return known.account;
    entries.delete(key);
    const account = await find(key, use);
    if (account !== null) {
      const [oldest] = entries.keys();
      if (entries.size >= ENTRIES_MAX && oldest !== undefined) entries.delete(oldest);
      entries.set(key, { account, untilMs: nowMs + KEPT_MS });
    }
    return account;
  };
}
