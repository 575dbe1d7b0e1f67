// Where a turn is kept: functions of the database that check whose it is, and nothing beside them.
import { z } from "zod";
import { type ChatAnswer, ToolExecution } from "../contract.ts";
import { ModelTurn } from "../../model/model_turn.ts";

/** A message of the conversation, as the model is shown it. */
export const HistoryMessage = z.object({
  role: z.enum(["user", "assistant"]),
  text: z.string(),
  created_at: z.iso.datetime({ offset: true }),
});
/** See the schema of the same name. */
export type HistoryMessage = z.infer<typeof HistoryMessage>;

/** What waits for a yes, as far as a reply is read by it. */
export const OpenAction = z.object({
  id: z.uuid(),
  turn_id: z.uuid(),
  summary: z.string(),
  payload_sha256: z.string(),
  created_at: z.iso.datetime({ offset: true }),
});
/** See the schema of the same name. */
export type OpenAction = z.infer<typeof OpenAction>;

/** How an organization has set a document of the library. */
export const OrgSkill = z.looseObject({
  key: z.string(),
  is_active: z.boolean(),
});

/** What a turn begins with: who asks, where, and what was said before. */
export const TurnContext = z.object({
  org_id: z.uuid(),
  organization_name: z.string(),
  conversation_id: z.uuid(),
  turn_id: z.uuid(),
  is_replay: z.boolean().default(false),
  user_id: z.uuid(),
  first_name: z.string().nullable(),
  full_name: z.string().nullable(),
  email: z.string().nullable(),
  time_zone: z.string(),
  /** Two contexts of one conversation with equal versions ask a model the same. */
  context_version: z.string(),
  persona: z.object({ version: z.union([z.string(), z.number()]), text: z.string() }).nullable(),
  org_skills: z.array(OrgSkill),
  /** The conversation before this message, oldest first. */
  history: z.array(HistoryMessage),
  /** Whether words of people outside were read before any of `history` was said. */
  is_tainted: z.boolean(),
  open_actions: z.array(OpenAction),
  /** What the last answer asked, with what each option does; its form is the question's own. */
  clarification: z.unknown(),
  has_model_budget: z.boolean(),
});
/** See the schema of the same name. */
export type TurnContext = z.infer<typeof TurnContext>;

/** A turn that broke off, as it was last saved. */
export const ResumedTurn = TurnContext.extend({
  message: z.string(),
  tool_executions: z.array(ToolExecution),
  /** What was asked of the model and what it said, from the message on, unchanged. */
  model_turns: z.array(ModelTurn),
  next_seq: z.int().positive(),
});
/** See the schema of the same name. */
export type ResumedTurn = z.infer<typeof ResumedTurn>;

/** An event as it is kept. */
export const StoredEvent = z.object({
  seq: z.int().positive(),
  event: z.string(),
  data: z.unknown(),
});
/** See the schema of the same name. */
export type StoredEvent = z.infer<typeof StoredEvent>;

/** A turn as its owner reads it back. */
export const ReadTurn = z.object({
  turn_id: z.uuid(),
  conversation_id: z.uuid(),
  status: z.enum(["running", "done", "failed", "cancelled"]),
  error_code: z.string().nullable(),
  is_interrupted: z.boolean(),
  events: z.array(StoredEvent),
  answer: z.unknown(),
});
/** See the schema of the same name. */
export type ReadTurn = z.infer<typeof ReadTurn>;

/** What one request to the model cost. */
export interface CallUsage {
  readonly call_id: string;
  readonly model: string;
  readonly model_version: string | null;
  readonly outcome: string;
  readonly prompt_tokens: number;
  readonly cached_tokens: number;
  readonly answer_tokens: number;
  readonly thought_tokens: number;
}

/** What is kept at once; all of it may be sent again. */
export interface TurnBatch {
  readonly events: readonly StoredEvent[];
  readonly toolExecutions: readonly ToolExecution[];
  readonly modelTurns: { readonly from: number; readonly turns: readonly ModelTurn[] } | null;
  readonly usage: readonly CallUsage[];
  readonly isTainted: boolean;
}

/** How a turn ended, and what it came to. */
export interface TurnEnd {
  readonly status: "done" | "failed" | "cancelled";
  /** Null where nothing was answered. */
  readonly answer: StoredAnswer | null;
  readonly events: readonly StoredEvent[];
  readonly usage: readonly CallUsage[];
}

/** What the conversation keeps of an answer: all of it, and what stays inside. */
export interface StoredAnswer extends ChatAnswer {
  /** What was asked back, with what each option does; read again by the next turn. */
  readonly clarification: unknown;
  /** Why there is no better answer, where the turn failed. */
  readonly error_code: string | null;
}

/** How to begin. */
export interface TurnBeginning {
  readonly orgId: string | null;
  readonly conversationId: string;
  readonly turnId: string;
  readonly message: string;
  /** Who works on it; nobody else may save. */
  readonly worker: string;
}

/** What a save tells the worker. */
export interface SaveAnswer {
  readonly isCancelled: boolean;
  readonly hasModelBudget: boolean;
}

/** Keeps turns. Everything throws `AppError`: what is not the caller's does not exist for them. */
export interface TurnStore {
  /** Lets a message in, keeps it, and gives what its turn begins with. */
  begin(beginning: TurnBeginning): Promise<TurnContext>;
  /** @throws {AppError} `turn_not_held` when somebody else has taken the turn over. */
  save(turnId: string, worker: string, batch: TurnBatch): Promise<SaveAnswer>;
  /** Ends the turn, once. */
  finish(turnId: string, worker: string, end: TurnEnd): Promise<void>;
  cancel(turnId: string): Promise<void>;
  /** Takes over a turn that broke off. */
  resume(turnId: string, worker: string): Promise<ResumedTurn>;
  read(turnId: string, after: number): Promise<ReadTurn>;
}
