// What a verb gets to work with: handles only, opened elsewhere and made for one request.
import type { PostgrestClient } from "@supabase/postgrest-js";
import type { ApiDatabase } from "../database/api_database.ts";
import type { Clock } from "./clock.ts";

/** A database client that carries one caller's authority; row-level security decides what it sees. */
export type UserClient = PostgrestClient<ApiDatabase>;

/** A database client with the service role's authority; only webhooks and jobs ever hold one. */
export type ServiceClient = PostgrestClient<ApiDatabase> & { readonly isService: true };

/** Fields that a log line may carry; anything else is dropped. */
export interface LogFields {
  /** What was being done, such as `calendar.sync`. */
  readonly operation?: string;
  readonly org_id?: string;
  readonly provider?: string;
  /** An id of ours or of a provider; never a name or an address. */
  readonly entity_id?: string;
  readonly event_id?: string;
  readonly job_id?: string;
  /** The request that called for the job. */
  readonly job_request_id?: string;
  readonly state?: string;
  readonly outcome?: string;
  readonly reason?: string;
  readonly error_code?: string;
  /** Status that another service answered with. */
  readonly upstream_status?: number;
  readonly attempt?: number;
  readonly count?: number;
  readonly duration_ms?: number;
  /** What went wrong; reduced to kind and code before it is written. */
  readonly cause?: unknown;
}

/** Writes JSON lines that name the request they belong to. */
export interface Logger {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

/** One signed-in caller and one request of theirs. */
export interface RequestContext {
  /** The caller's own client. */
  readonly db: UserClient;
  /** The token's subject: our user id, or the identity provider's. */
  readonly userId: string;
  /** The organization that the token names; null leaves it to the profile's active one. */
  readonly orgId: string | null;
  readonly requestId: string;
  readonly log: Logger;
  readonly clock: Clock;
  /** Ends when the caller went away or the time is up. */
  readonly signal: AbortSignal;
  /** For calls to other services; replaced in tests. */
  readonly fetch: typeof globalThis.fetch;
}

/** Work without a person behind it: a verified webhook's event, or a scheduled job. */
export interface ServiceContext {
  /** A client with the service role, opened for the reason that was registered. */
  readonly db: ServiceClient;
  readonly requestId: string;
  readonly log: Logger;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly fetch: typeof globalThis.fetch;
}
