// Kill points on the way from a recording: uploads, transcripts, pictures, and the schedule itself.
import { type KillPoint, provider, rpc } from "./kill_point.ts";
import { replay } from "./rivals.ts";
import type { Act } from "./trap.ts";

const UPLOADER = "upload-recording-to-s3";

const killWorker: Act = async ({ room }, worker) => {
  await room.kill(worker);
  return undefined;
};

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

/** S3 upload, transcription, cron and its figures. */
export const STORING_POINTS: readonly KillPoint[] = [
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
    isHeldAlone: true,
    isRepeated: true,
  },
  {
    pipeline: "cron",
    name: "tick doubled",
    at: rpc("consume_cron_nonce", "after"),
    kind: "usual",
    isHeldAlone: true,
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
