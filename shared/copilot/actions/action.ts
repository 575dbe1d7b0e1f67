// What an action of the copilot is: a name, a contract both ways, and one verb under the caller's
// own rights. What decides whether it may is the database, never the model that asked for it.
import type { z } from "zod";
import type { RequestContext } from "../../platform/request_context.ts";
import type { StructuredResponse } from "../panels/catalogue.ts";
import type { Proposal } from "../proposals/proposal.ts";
import type { ProposeActionName, ReadActionName } from "./action_names.ts";

/** Tables whose rows an answer may rest on. */
export const EVIDENCE_TABLES = [
  "activities",
  "calendar_events",
  "companies",
  "contacts",
  "deals",
  "emails",
  "meeting_action_items",
  "meeting_insights",
  "meetings",
  "org_knowledge",
  "recordings",
  "tasks",
  "transcript_segments",
] as const;

/** A row that the caller may read and that an answer rests on. */
export interface EvidenceRow {
  readonly table: (typeof EVIDENCE_TABLES)[number];
  readonly id: string;
}

/** The person who asks, as the database knows them. */
export interface Person {
  /** Our user id, whatever the token's subject is. */
  readonly id: string;
  readonly firstName: string | null;
  readonly fullName: string | null;
  readonly email: string | null;
  /** IANA zone in which the person's days begin and end. */
  readonly timeZone: string;
}

/** What an action gets: the caller's request, and the organization that was checked for them. */
export interface ActionContext extends RequestContext {
  readonly orgId: string;
  readonly organizationName: string;
  readonly person: Person;
}

/** What a look-up found. */
export interface ReadResult<R> {
  /** What the model, a skill or a panel is made from; only what the caller may read. */
  readonly data: R;
  /** Every row that `data` was made from. */
  readonly evidence: readonly EvidenceRow[];
  /** How many things were found, also those that are not in `data`. */
  readonly count: number;
  /** The panel that shows it; null where there is nothing to draw. */
  readonly panel: StructuredResponse | null;
  /** Plain text that says the same; no markup. */
  readonly text: string;
}

/**
 * An action that looks something up. Its `data` goes to a model as it is: names, dates and numbers
 * as the rows have them, lists with a stated limit, no secrets, no ids of other people's logins.
 */
export interface ReadAction<A extends z.ZodType = z.ZodType, R extends z.ZodType = z.ZodType> {
  readonly kind: "read";
  readonly name: ReadActionName;
  /** One sentence for the model and the documents of the library: what it finds, from what. */
  readonly description: string;
  /** What the step does, for the person who waits: "Looking up your meetings". */
  readonly label: string;
  /** A strict object. */
  readonly args: A;
  readonly result: R;
  /**
   * Whether `data` can hold words of people outside: transcripts, emails, calendar texts, messages,
   * notes. Whoever has read such words may no longer choose recipients freely.
   */
  readonly readsForeignText: boolean;
  /** The least of the arguments that explains the step, without names, addresses or texts. */
  explainArgs(args: z.output<A>): Readonly<Record<string, string | number | boolean>>;
  /** @throws {AppError} `not_found` and the like; what the caller may not read does not exist. */
  run(ctx: ActionContext, args: z.output<A>): Promise<ReadResult<z.output<R>>>;
}

/** An action that would change something or leave the company: it can only propose (law 6). */
export interface ProposeAction<A extends z.ZodType = z.ZodType> {
  readonly kind: "propose";
  readonly name: ProposeActionName;
  readonly description: string;
  readonly label: string;
  /** A strict object. */
  readonly args: A;
  explainArgs(args: z.output<A>): Readonly<Record<string, string | number | boolean>>;
  /**
   * Works out exactly what would happen; nothing does.
   *
   * @throws {AppError} When its target does not exist for the caller, or they may not change it.
   */
  prepare(ctx: ActionContext, args: z.output<A>): Promise<Proposal>;
}
