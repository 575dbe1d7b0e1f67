// Answers one message: routes it, runs what it asks for under the caller's own rights, and tells the
// story of the work while it goes on. No model is called.
import { AppError } from "../errors/app_error.ts";
import type { RequestContext } from "../platform/request_context.ts";
import {
  findMeetings,
  type MeetingsForPeriodArgs,
} from "./actions/read/get_meetings_for_period.ts";
import type { ChatAnswer, ChatEvent, ChatInput, ToolExecution } from "./contract.ts";
import { describeMeetings } from "./panels/describe_meetings.ts";
import {
  buildMeetingList,
  type MeetingList,
  type MeetingsForPeriod,
} from "./panels/meeting_list.ts";
import { type MeetingsIntent, routeMessage } from "./route_message.ts";

/** What the copilot can do so far, said to whoever asks for something else. */
const WHAT_IT_CAN_DO = "I can't do that yet. So far I can list your meetings. Try, for example:\n" +
  "• What meetings do I have today?\n" +
  "• What meetings do I have this week?\n" +
  "• What meetings do I have on Friday?\n" +
  "• What meetings do I have with Acme?";

/** What happens while a message is answered; the last event holds the whole answer. */
type ChatEvents = AsyncGenerator<ChatEvent, void, void>;

/**
 * Answers one message.
 *
 * @param ctx The caller; row-level security decides what the answer can contain.
 * @param input The message, and the organization if the client names one.
 * @returns The events of the work in order: steps, text, panel, and `done` with the whole answer.
 * @throws {AppError} `organization_not_found` or `no_active_organization`, after the step's own
 *   `step_finished` that says it failed.
 */
export async function* answerMessage(ctx: RequestContext, input: ChatInput): ChatEvents {
  const emit = eventFactory(crypto.randomUUID());
  const intent = routeMessage(input.message);
  if (intent === null) {
    yield emit({ event: "text", data: { text: WHAT_IT_CAN_DO } });
    yield emit({ event: "done", data: declined(emit.answerId) });
    return;
  }

  const step = startStep(ctx, intent);
  yield emit({ event: "step_started", data: step });
  let found: MeetingsForPeriod;
  try {
    found = await findMeetings(ctx, argsOf(intent), input.org_id ?? ctx.orgId);
  } catch (error) {
    yield emit({ event: "step_finished", data: failStep(ctx, step, error) });
    throw error;
  }
  const finished = finishStep(ctx, step, found);
  yield emit({ event: "step_finished", data: finished });

  const panel = buildMeetingList(found);
  const text = describeMeetings(panel, spelledAs(input.message, intent.withWhom));
  yield emit({ event: "text", data: { text } });
  yield emit({ event: "structured_response", data: panel });
  yield emit({
    event: "done",
    data: answered(emit.answerId, { text, panel, step: finished, orgId: found.org_id }),
  });
}

type EventBody = ChatEvent extends infer E ? E extends ChatEvent ? Omit<E, "id"> : never : never;

interface EventFactory {
  (body: EventBody): ChatEvent;
  readonly answerId: string;
}

function eventFactory(answerId: string): EventFactory {
  let count = 0;
  const emit = (body: EventBody): ChatEvent => ({ id: `${answerId}:${++count}`, ...body });
  return Object.assign(emit, { answerId });
}

function argsOf({ period, withWhom }: MeetingsIntent): MeetingsForPeriodArgs {
  return {
    period: period.kind,
    ...("weekday" in period ? { weekday: period.weekday } : {}),
    ...(withWhom === null ? {} : { with_whom: withWhom }),
  };
}

function startStep(ctx: RequestContext, intent: MeetingsIntent): ToolExecution {
  const weekday = "weekday" in intent.period ? { weekday: intent.period.weekday } : {};
  return {
    id: crypto.randomUUID(),
    tool: "execute_action",
    action: "get_meetings_for_period",
    label: "Looking up your meetings",
    args: { period: intent.period.kind, ...weekday, has_name: intent.withWhom !== null },
    status: "running",
    started_at: ctx.clock.now().toISOString(),
    finished_at: null,
    duration_ms: null,
    result_count: null,
    evidence: [],
    error_code: null,
  };
}

function finishStep(
  ctx: RequestContext,
  step: ToolExecution,
  found: MeetingsForPeriod,
): ToolExecution {
  const evidence: ToolExecution["evidence"] = [];
  for (const { calendar_event_id: eventId, meeting_id: meetingId } of found.meetings) {
    if (eventId) evidence.push({ table: "calendar_events", id: eventId });
    if (meetingId) evidence.push({ table: "meetings", id: meetingId });
  }
  return { ...endStep(ctx, step), status: "succeeded", result_count: found.total, evidence };
}

function failStep(ctx: RequestContext, step: ToolExecution, error: unknown): ToolExecution {
  const code = error instanceof AppError ? error.code : "internal_error";
  return { ...endStep(ctx, step), status: "failed", error_code: code };
}

function endStep(ctx: RequestContext, step: ToolExecution): ToolExecution {
  const finishedAt = ctx.clock.now();
  const durationMs = Math.max(0, finishedAt.getTime() - new Date(step.started_at).getTime());
  return { ...step, finished_at: finishedAt.toISOString(), duration_ms: durationMs };
}

interface AnswerParts {
  readonly text: string;
  readonly panel: MeetingList;
  readonly step: ToolExecution;
  readonly orgId: string;
}

function answered(id: string, { text, panel, step, orgId }: AnswerParts): ChatAnswer {
  return {
    id,
    org_id: orgId,
    text,
    tool_executions: [step],
    structuredResponse: panel,
    routing: {
      decided_by: "rules",
      intent: "meetings_for_period",
      skill_key: "meetings_for_period",
      model_calls: 0,
    },
  };
}

function declined(id: string): ChatAnswer {
  return {
    id,
    org_id: null,
    text: WHAT_IT_CAN_DO,
    tool_executions: [],
    structuredResponse: null,
    routing: { decided_by: "rules", intent: "none", skill_key: null, model_calls: 0 },
  };
}

/** The router works in lower case; the answer repeats a name as the person wrote it. */
function spelledAs(message: string, name: string | null): string | null {
  if (name === null) return null;
  const written = message.normalize("NFKC").replaceAll(/[’‘`]/g, "'").replaceAll(/\s+/g, " ");
  const start = written.toLowerCase().lastIndexOf(name);
  return start < 0 ? name : written.slice(start, start + name.length);
}
