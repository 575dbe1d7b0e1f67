// Control of the simulated Gladia, provider "gladia":
//   configure    any of: job_seconds (0.3), concurrency (25), queue_size (300), api_key,
//                delivery ("normal"|"duplicate"|"never"|"late"), late_seconds (600, virtual clock),
//                zero_retention (results are in callbacks only)
//   plan         how the next jobs go; count? (1), hold? (stays processing), error_code? with
//                error_message?, empty? (nothing heard), utterances? ([{speaker?, text, start, end}]),
//                delivery?
//   finish       job_id                     a held job ends now
//   fail_job     job_id, error_code?, error_message?
//   redeliver    job_id, count?             its callback once more, in sequence
//   post         url, body, method?         any body to any address, as anybody could
//   fail_call    route? ("POST /v2/pre-recorded", "GET /v2/pre-recorded", "GET /v2/pre-recorded/{id}",
//                "DELETE /v2/pre-recorded/{id}"), status?, message?, retry_after?, delay_ms?, count?,
//                lose_answer? (the job is made, the answer never arrives whole)
//   jobs, callbacks, settle                 look; wait until jobs and callbacks are through
import { z } from "zod";
import { ControlError } from "../simulator.ts";
import { type GladiaJob, listJob } from "./gladia_job.ts";
import type { GladiaSimulator } from "./gladia_simulator.ts";

const DeliveryName = z.enum(["normal", "duplicate", "never", "late"]);
const Status = z.int().min(400).max(599);

const GladiaControl = z.discriminatedUnion("action", [
  z.strictObject({
    provider: z.literal("gladia"),
    action: z.literal("configure"),
    job_seconds: z.number().nonnegative().optional(),
    concurrency: z.int().positive().optional(),
    queue_size: z.int().nonnegative().optional(),
    api_key: z.string().min(1).optional(),
    delivery: DeliveryName.optional(),
    late_seconds: z.number().nonnegative().optional(),
    zero_retention: z.boolean().optional(),
  }),
  z.strictObject({
    provider: z.literal("gladia"),
    action: z.literal("plan"),
    count: z.int().positive().default(1),
    hold: z.boolean().optional(),
    error_code: Status.optional(),
    error_message: z.string().optional(),
    empty: z.boolean().optional(),
    utterances: z.array(z.strictObject({
      speaker: z.int().nonnegative().optional(),
      text: z.string(),
      start: z.number(),
      end: z.number(),
    })).optional(),
    delivery: DeliveryName.optional(),
  }),
  z.strictObject({
    provider: z.literal("gladia"),
    action: z.literal("finish"),
    job_id: z.string(),
  }),
  z.strictObject({
    provider: z.literal("gladia"),
    action: z.literal("fail_job"),
    job_id: z.string(),
    error_code: Status.default(500),
    error_message: z.string().default("Transcription failed"),
  }),
  z.strictObject({
    provider: z.literal("gladia"),
    action: z.literal("redeliver"),
    job_id: z.string(),
    count: z.int().positive().default(1),
  }),
  z.strictObject({
    provider: z.literal("gladia"),
    action: z.literal("post"),
    url: z.url(),
    method: z.enum(["POST", "PUT"]).default("POST"),
    body: z.unknown(),
  }),
  z.strictObject({
    provider: z.literal("gladia"),
    action: z.literal("fail_call"),
    route: z.string().optional(),
    status: Status.optional(),
    message: z.string().default("Scripted failure"),
    retry_after: z.int().nonnegative().optional(),
    delay_ms: z.number().nonnegative().default(0),
    count: z.int().positive().default(1),
    lose_answer: z.boolean().default(false),
  }),
  z.strictObject({ provider: z.literal("gladia"), action: z.literal("jobs") }),
  z.strictObject({ provider: z.literal("gladia"), action: z.literal("callbacks") }),
  z.strictObject({ provider: z.literal("gladia"), action: z.literal("settle") }),
]);
type GladiaControl = z.infer<typeof GladiaControl>;

/**
 * Carries out a control request.
 *
 * @param simulator The simulator.
 * @param input The request.
 * @throws {ControlError} When it makes no sense.
 */
export async function controlGladia(simulator: GladiaSimulator, input: unknown): Promise<unknown> {
  const parsed = GladiaControl.safeParse(input);
  if (!parsed.success) throw new ControlError(z.prettifyError(parsed.error));
  const request = parsed.data;
  switch (request.action) {
    case "configure":
      return configure(simulator, request);
    case "plan":
      simulator.queue.plan({
        hold: request.hold,
        errorCode: request.error_code,
        errorMessage: request.error_message,
        isEmpty: request.empty,
        utterances: request.utterances,
        delivery: request.delivery,
      }, request.count);
      return {};
    case "finish":
      return await end(simulator, request.job_id);
    case "fail_job":
      return await end(simulator, request.job_id, {
        code: request.error_code,
        message: request.error_message,
      });
    case "redeliver": {
      const sent: unknown[] = [];
      const job = requireJob(simulator, request.job_id);
      for (let n = 0; n < request.count; n++) sent.push(await simulator.post(job));
      return sent;
    }
    case "post":
      return await simulator.callbacks.send({
        jobId: null,
        url: request.url,
        method: request.method,
        body: typeof request.body === "string" ? request.body : JSON.stringify(request.body),
      }, AbortSignal.timeout(15_000));
    case "fail_call":
      simulator.faults.arm({
        route: request.route,
        status: request.status,
        message: request.message,
        retryAfterSeconds: request.retry_after,
        delayMs: request.delay_ms,
        loseAnswer: request.lose_answer,
        count: request.count,
      });
      return {};
    case "jobs":
      return simulator.queue.all().map(listJob);
    case "callbacks":
      return simulator.callbacks.log();
    case "settle":
      await simulator.settle();
      return simulator.queue.all().map(listJob);
  }
}

function configure(
  simulator: GladiaSimulator,
  request: Extract<GladiaControl, { action: "configure" }>,
): Record<string, never> {
  const { queue, settings } = simulator;
  queue.limits.jobSeconds = request.job_seconds ?? queue.limits.jobSeconds;
  queue.limits.concurrency = request.concurrency ?? queue.limits.concurrency;
  queue.limits.queueSize = request.queue_size ?? queue.limits.queueSize;
  settings.apiKey = request.api_key ?? settings.apiKey;
  settings.delivery = request.delivery ?? settings.delivery;
  settings.lateSeconds = request.late_seconds ?? settings.lateSeconds;
  settings.isZeroRetention = request.zero_retention ?? settings.isZeroRetention;
  return {};
}

async function end(
  simulator: GladiaSimulator,
  jobId: string,
  error?: { code: number; message: string },
): Promise<unknown> {
  const job = requireJob(simulator, jobId);
  await simulator.queue.finish(job, error);
  return listJob(job);
}

function requireJob(simulator: GladiaSimulator, id: string): GladiaJob {
  const job = simulator.queue.get(id);
  if (job === undefined) throw new ControlError(`No job has the id ${id}`);
  return job;
}
