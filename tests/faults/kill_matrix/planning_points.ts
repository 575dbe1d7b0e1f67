// Kill points on the way to a recording: reports, jobs, and the scheduler that plans bots.
import { type KillPoint, provider, rpc } from "./kill_point.ts";
import { replay } from "./rivals.ts";

const SENDER = "deploy-recording-bot";
const WEBHOOK = "meetingbaas-webhook";
const SEND_BOT = /^POST .*\/v2\/bots(\?|$)/;

/** Webhook ingest, job worker, auto-join scheduler. */
export const PLANNING_POINTS: readonly KillPoint[] = [
  {
    pipeline: "webhook",
    name: "after verify",
    at: rpc("accept_webhook", "before", WEBHOOK),
    kind: "usual",
    isRepeated: true,
  },
  {
    pipeline: "webhook",
    name: "after event insert",
    at: rpc("accept_webhook", "before", WEBHOOK),
    place: "report inserted",
    kind: "usual",
  },
  {
    pipeline: "webhook",
    name: "before commit",
    at: rpc("accept_webhook", "before", WEBHOOK),
    place: "report at commit",
    kind: "usual",
  },
  {
    pipeline: "webhook",
    name: "after commit before 2xx",
    at: rpc("accept_webhook", "after", WEBHOOK),
    kind: "usual",
    isRepeated: true,
  },
  {
    pipeline: "webhook",
    name: "during enqueue",
    at: rpc("claim_webhook_events", "before"),
    kind: "usual",
    isRepeated: true,
  },
  {
    pipeline: "webhook",
    name: "retry arrives during processing",
    at: rpc("apply_bot_event", "before", WEBHOOK),
    kind: "usual",
    rival: replay,
    isRepeated: true,
  },
  {
    pipeline: "job",
    name: "after claim",
    at: rpc("claim_jobs", "after"),
    kind: "usual",
    isRepeated: true,
  },
  {
    pipeline: "job",
    name: "mid handler",
    at: provider(SEND_BOT, "before"),
    kind: "usual",
    isHeldAlone: true,
  },
  {
    pipeline: "job",
    name: "after external effect before record",
    at: provider(SEND_BOT, "after"),
    kind: "usual",
  },
  {
    pipeline: "job",
    name: "before complete",
    at: rpc("complete_jobs", "before"),
    kind: "usual",
    isRepeated: true,
  },
  {
    pipeline: "job",
    name: "during retry backoff write",
    at: rpc("fail_job", "before"),
    place: "job put off",
    kind: "usual",
    prelude: {
      at: provider(/\/thumbnail-lambda/, "before"),
      act: async ({ house }) => {
        await house.control({ provider: "thumbnail_lambda", action: "fail_call", status: 503 });
        return undefined;
      },
    },
  },
  {
    pipeline: "job",
    name: "at dead-letter",
    at: rpc("fail_job", "before"),
    place: "job buried",
    kind: "usual",
    prelude: {
      at: provider(/\/thumbnail-lambda/, "before"),
      act: async ({ house }) => {
        await house.control({ provider: "thumbnail_lambda", action: "fail_call", status: 422 });
        return undefined;
      },
    },
  },
  {
    pipeline: "job",
    name: "lease renewal",
    at: rpc("renew_jobs", "before"),
    kind: "usual",
    parks: rpc("begin_bot_deployment", "before", SENDER),
  },
  {
    pipeline: "scheduler",
    name: "after select",
    at: rpc("claim_due_meetings", "before"),
    place: "recording selected",
    kind: "usual",
    isHeldAlone: true,
  },
  {
    pipeline: "scheduler",
    name: "after bot row",
    at: rpc("claim_due_meetings", "before"),
    place: "recording inserted",
    kind: "usual",
    isHeldAlone: true,
  },
  {
    pipeline: "scheduler",
    name: "provider call",
    at: rpc("begin_bot_deployment", "after", SENDER),
    kind: "usual",
  },
  {
    pipeline: "scheduler",
    name: "after provider 200",
    at: rpc("finish_bot_deployment", "before", SENDER),
    kind: "usual",
  },
  {
    pipeline: "scheduler",
    name: "two schedulers overlap",
    at: rpc("claim_due_meetings", "before"),
    place: "recording inserted",
    kind: "usual",
    isHeldAlone: true,
    rival: ({ callAgain }) => callAgain("auto-join-scheduler"),
  },
];
