// Control of the artifact host.
//
//   put           id?, kind? (video|audio|file), bytes, seed?, content_type?     → its address
//   presign       id, lifetime_seconds?                                          → a fresh address
//   checksum      id                                                             → bytes, sha256, etag
//   change        id, seed?, bytes?          the file is another one from now on: new bytes, new tag
//   delete        id
//   fault         do: error {status?} | cut {after_bytes|at_byte} | stall {after_bytes|at_byte} |
//                 delay {ms} | redirect {location?} | wrong_etag | wrong_length | ignore_range |
//                 corrupt | content_type {value} | throttle {bytes_per_second};
//                 id? (or the beginning of one and "*"), kind?, method?, nth?, count?
//   clear_faults, reads {id?}, configure {head: "allowed"|"refused"}
import { z } from "zod";
import { ControlError } from "../simulator.ts";
import type { ArtifactSimulator } from "./artifact_simulator.ts";
import type { Artifact } from "./artifact_store.ts";
import { MediaFile } from "./media_bytes.ts";

const Count = z.int().nonnegative();
const Place = { after_bytes: Count.optional(), at_byte: Count.optional() };
const Scope = {
  action: z.literal("fault"),
  id: z.string().optional(),
  kind: z.string().optional(),
  method: z.string().optional(),
  nth: z.int().positive().default(1),
  count: z.int().positive().default(1),
};

const Fault = z.discriminatedUnion("do", [
  z.strictObject({
    ...Scope,
    do: z.literal("error"),
    status: z.int().min(400).max(599).default(503),
  }),
  z.strictObject({ ...Scope, do: z.literal("cut"), ...Place }),
  z.strictObject({ ...Scope, do: z.literal("stall"), ...Place }),
  z.strictObject({ ...Scope, do: z.literal("delay"), ms: z.number().nonnegative() }),
  z.strictObject({ ...Scope, do: z.literal("redirect"), location: z.string().optional() }),
  z.strictObject({ ...Scope, do: z.literal("wrong_etag") }),
  z.strictObject({ ...Scope, do: z.literal("wrong_length") }),
  z.strictObject({ ...Scope, do: z.literal("ignore_range") }),
  z.strictObject({ ...Scope, do: z.literal("corrupt") }),
  z.strictObject({ ...Scope, do: z.literal("content_type"), value: z.string() }),
  z.strictObject({ ...Scope, do: z.literal("throttle"), bytes_per_second: z.number().positive() }),
]);

const Action = z.discriminatedUnion("action", [
  z.object({
    action: z.literal("put"),
    id: z.string().min(1).optional(),
    kind: z.enum(["video", "audio", "file"]).default("video"),
    bytes: Count,
    seed: z.string().optional(),
    content_type: z.string().optional(),
  }),
  z.object({
    action: z.literal("presign"),
    id: z.string(),
    lifetime_seconds: z.number().positive().optional(),
  }),
  z.object({ action: z.literal("checksum"), id: z.string() }),
  z.object({
    action: z.literal("change"),
    id: z.string(),
    seed: z.string().optional(),
    bytes: Count.optional(),
  }),
  z.object({ action: z.literal("delete"), id: z.string() }),
  z.object({ action: z.literal("clear_faults") }),
  z.object({ action: z.literal("reads"), id: z.string().optional() }),
  z.object({ action: z.literal("configure"), head: z.enum(["allowed", "refused"]) }),
]);
type Action = z.infer<typeof Action>;

const SMALL_BYTES = 64 * 1024 * 1024;

/**
 * Carries out a control request.
 *
 * @param simulator The host.
 * @param input The request.
 * @throws {ControlError} When it makes no sense.
 */
export async function controlArtifacts(
  simulator: ArtifactSimulator,
  input: unknown,
): Promise<unknown> {
  const named = z.looseObject({ action: z.string() }).safeParse(input);
  if (named.data?.action === "fault") {
    const { data, error } = Fault.safeParse(withoutProvider(input));
    if (error) throw new ControlError(z.prettifyError(error));
    const { action: _, id, kind, method, nth, count, ...fault } = data;
    simulator.faults.arm(fault, { id, kind, method, nth, count });
    return simulator.faults.list();
  }
  const parsed = Action.safeParse(input);
  if (!parsed.success) throw new ControlError(z.prettifyError(parsed.error));
  return await obey(simulator, parsed.data);
}

async function obey(simulator: ArtifactSimulator, request: Action): Promise<unknown> {
  const { store, faults, reads } = simulator;
  switch (request.action) {
    case "put": {
      const id = request.id ?? crypto.randomUUID();
      const { kind, bytes, seed, content_type: contentType } = request;
      return await describe(simulator, store.putMedia({ id, kind, bytes, seed, contentType }));
    }
    case "presign":
      requireArtifact(simulator, request.id);
      return { url: store.presign(request.id, request.lifetime_seconds) };
    case "checksum": {
      const { content, etag } = requireArtifact(simulator, request.id);
      return { bytes: content.bytes, sha256: await content.checksum(), etag };
    }
    case "change":
      return await describe(simulator, change(simulator, request));
    case "delete":
      return { deleted: store.delete(request.id) };
    case "clear_faults":
      faults.clear();
      return {};
    case "reads":
      return reads.list(request.id);
    case "configure":
      simulator.answersHead = request.head === "allowed";
      return {};
  }
}

function change(
  { store }: ArtifactSimulator,
  request: {
    readonly id: string;
    readonly seed?: string | undefined;
    readonly bytes?: number | undefined;
  },
): Artifact {
  const old = store.get(request.id);
  if (!(old?.content instanceof MediaFile)) {
    throw new ControlError(`No media file has the id ${request.id}`);
  }
  const { kind, bytes } = old.content.spec;
  return store.putMedia({
    id: request.id,
    kind,
    bytes: request.bytes ?? bytes,
    seed: request.seed ?? crypto.randomUUID(),
    contentType: old.contentType,
  });
}

async function describe({ store }: ArtifactSimulator, artifact: Artifact): Promise<unknown> {
  const { id, kind, content, etag } = artifact;
  return {
    id,
    kind,
    bytes: content.bytes,
    etag,
    url: store.presign(id),
    ...(content.bytes <= SMALL_BYTES && { sha256: await content.checksum() }),
  };
}

function requireArtifact({ store }: ArtifactSimulator, id: string): Artifact {
  const found = store.get(id);
  if (found === undefined) throw new ControlError(`No artifact has the id ${id}`);
  return found;
}

function withoutProvider(input: unknown): unknown {
  const { provider: _, ...rest } = Object(input);
  return rest;
}
