// The kill points of the notetaker's pipelines, each named as in the fault matrix and each at one call
// of one function, or within the transaction of one.
import type { Kind } from "../convergence/round.ts";
import { type Call, type CallPhase } from "./call.ts";
import type { Act, Rival } from "./trap.ts";

/** One side of a call. */
export interface Step {
  /** Of which function; of any without it. */
  readonly of?: string;
  readonly matches: (call: Call) => boolean;
  readonly phase: CallPhase;
  /** Counts only when the database had some work to hand out. */
  readonly isTaking?: boolean;
}

/** A point at which things go wrong. */
export interface KillPoint {
  readonly pipeline: "webhook" | "job" | "scheduler" | "upload" | "transcription" | "cron";
  readonly name: string;
  readonly at: Step;
  /** The place within the call's transaction; see holds.sql. */
  readonly place?: string;
  /** The kind of meeting that comes by here. */
  readonly kind: Kind;
  /** What has to have happened before. */
  readonly prelude?: { readonly at: Step; readonly act: Act };
  /** Waits until the point was reached. */
  readonly parks?: Step;
  /** Does the same at the same time, whatever the fault is. */
  readonly rival?: Rival;
  /** Two meetings, and the organization may send one bot a day. */
  readonly isCapped?: true;
  /** Is passed often enough to be hit at the first or the second pass. */
  readonly isRepeated?: true;
}

function rpc(name: string, phase: CallPhase, of?: string): Step {
  return {
    ...(of === undefined ? {} : { of }),
    phase,
    matches: ({ url }) => url.includes(`/rest/v1/rpc/${name}`),
    ...(name.startsWith("claim_") ? { isTaking: true } : {}),
  };
}

function provider(route: RegExp, phase: CallPhase, of?: string): Step {
  return {
    ...(of === undefined ? {} : { of }),
    phase,
    matches: ({ method, url }) => route.test(`${method} ${url}`),
  };
}

const UPLOADER = "upload-recording-to-s3";
const SENDER = "deploy-recording-bot";
const SEND_BOT = /^POST .*\/v2\/bots(\?|$)/;

const killWorker: Act = async ({ room }, worker) => {
  await room.kill(worker);
  return undefined;
};
const replay: Rival = ({ room }, served) =>
  served === undefined ? Promise.resolve() : room.serve(served);

const failNextStorePart: Act = async ({ house }) => {
  await house.controlStore({
    action: "fault",
    do: "error",
    code: "InternalError",
    operation: "UploadPart",
    count: 1,
  });
  return undefined;
};

/** The provider has another file under the same address, of the same length. */
const changeSourceAndKill: Act = async (scene, worker, call) => {
  const [, recordingId] = /([0-9a-f-]{36})\/video\.mp4/.exec(call.url) ?? [];
  // The simulators' ledger is written by this project
  const { meeting_baas: { bots } } = await scene.house.ledgers() as unknown as BotLedger;
  for (const { extra, artifacts } of bots) {
    if (extra?.recording_id !== recordingId || !artifacts?.video) continue;
    await scene.house.control({
      provider: "artifacts",
      action: "change",
      id: artifacts.video,
      seed: crypto.randomUUID(),
    });
  }
  return await killWorker(scene, worker, call);
};

interface BotLedger {
  readonly meeting_baas: {
    readonly bots: readonly {
      readonly extra?: { readonly recording_id?: string } | null;
      readonly artifacts: { readonly video: string | null } | null;
    }[];
  };
}

const WEBHOOK = "meetingbaas-webhook";

/** All of them. */
export const KILL_POINTS: readonly KillPoint[] = [
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
  { pipeline: "job", name: "mid handler", at: provider(SEND_BOT, "before"), kind: "usual" },
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
    parks: provider(SEND_BOT, "before"),
  },
  {
    pipeline: "scheduler",
    name: "after select",
    at: rpc("claim_due_meetings", "before"),
    place: "recording selected",
    kind: "usual",
  },
  {
    pipeline: "scheduler",
    name: "after bot row",
    at: rpc("claim_due_meetings", "before"),
    place: "recording inserted",
    kind: "usual",
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
    rival: ({ callAgain }) => callAgain("auto-join-scheduler"),
  },
  {
    pipeline: "upload",
    name: "create multipart",
    at: provider(/^POST .*\?uploads/, "after", UPLOADER),
    kind: "large",
  },
  {
    pipeline: "upload",
    name: "part n sent, etag not saved",
    at: provider(/^PUT .*partNumber=2/, "after", UPLOADER),
    kind: "large",
  },
  {
    pipeline: "upload",
    name: "part boundary",
    at: provider(/^PUT .*partNumber=3/, "before", UPLOADER),
    kind: "large",
  },
  {
    pipeline: "upload",
    name: "source URL expires",
    at: provider(/^GET .*\/v2\/bots\/[^/]+$/, "after", UPLOADER),
    kind: "large",
    prelude: {
      at: provider(/^GET .*\/artifacts\//, "before", UPLOADER),
      act: async ({ house, round }) => {
        // Its own date says that it has ended; whoever reads it now is told so
        await house.sql(
          "update private.recording_sources set expires_at = now() - interval '1 minute' where org_id = $1",
          [round.orgId],
        );
        await house.control({ provider: "artifacts", action: "fault", do: "error", status: 403 });
        return undefined;
      },
    },
  },
  {
    pipeline: "upload",
    name: "5xx on part",
    at: provider(/^PUT .*partNumber=/, "after", UPLOADER),
    kind: "large",
    prelude: { at: provider(/^POST .*\?uploads/, "after", UPLOADER), act: failNextStorePart },
  },
  {
    pipeline: "upload",
    name: "complete sent, answer lost",
    at: provider(/^POST .*\?uploadId=/, "after", UPLOADER),
    kind: "large",
  },
  {
    pipeline: "upload",
    name: "after complete before DB",
    at: rpc("complete_recording_upload", "before", UPLOADER),
    kind: "large",
  },
  {
    pipeline: "upload",
    name: "abort",
    at: provider(/^DELETE .*[?&]uploadId=/, "before"),
    kind: "large",
    prelude: {
      at: provider(/^PUT .*partNumber=2/, "after", UPLOADER),
      act: changeSourceAndKill,
    },
  },
  {
    pipeline: "upload",
    name: "resume in a second invocation",
    at: rpc("claim_recording_upload", "after", UPLOADER),
    kind: "large",
    prelude: { at: provider(/^PUT .*partNumber=2/, "after", UPLOADER), act: killWorker },
  },
  {
    pipeline: "transcription",
    name: "both arrive",
    at: rpc("store_recording_transcript", "before"),
    kind: "usual",
    rival: ({ callAgain }) => callAgain("process-recording"),
  },
  {
    pipeline: "transcription",
    name: "S3 before and after",
    at: rpc("complete_recording_upload", "before", UPLOADER),
    place: "meeting synced",
    kind: "usual",
  },
  {
    pipeline: "transcription",
    name: "partial segments",
    at: rpc("store_recording_transcript", "before"),
    place: "segment inserted",
    kind: "usual",
  },
  {
    pipeline: "transcription",
    name: "re-delivery after edit",
    at: rpc("store_recording_transcript", "after"),
    kind: "usual",
    rival: async (scene, served) => {
      await scene.house.sql(
        `with edited as (
           update public.meetings set title = 'Edited by a person' where org_id = $1 returning org_id, id, title
         ) insert into house.edits select * from edited`,
        [scene.round.orgId],
      );
      await replay(scene, served);
    },
  },
  {
    pipeline: "transcription",
    name: "merge commit",
    at: rpc("store_recording_transcript", "before"),
    place: "transcript at commit",
    kind: "usual",
  },
  {
    pipeline: "transcription",
    name: "asked for, id not saved",
    at: provider(/^POST .*\/v2\/pre-recorded/, "after"),
    kind: "usual",
  },
  {
    pipeline: "transcription",
    name: "thumbnail call",
    at: provider(/^POST .*\/thumbnail-lambda/, "after"),
    kind: "usual",
  },
  {
    pipeline: "cron",
    name: "tick missed",
    at: rpc("consume_cron_nonce", "before"),
    kind: "usual",
    isRepeated: true,
  },
  {
    pipeline: "cron",
    name: "tick doubled",
    at: rpc("consume_cron_nonce", "after"),
    kind: "usual",
    rival: ({ callAgain }, served) => served ? callAgain(served.name) : Promise.resolve(),
    isRepeated: true,
  },
  {
    pipeline: "cron",
    name: "daily job straddles midnight",
    at: rpc("record_s3_usage", "before"),
    place: "usage written",
    kind: "usual",
  },
  {
    pipeline: "cron",
    name: "counter reset race",
    isCapped: true,
    at: rpc("claim_due_meetings", "before"),
    place: "recording inserted",
    kind: "usual",
    rival: ({ callAgain }) => callAgain("auto-join-scheduler"),
  },
];
