// Gladia's callbacks prove nothing: no signature, no secret. What stands for a proof
// is the unguessable end of the address, which the frame has looked up before this is asked; so the
// body is kept as a hint only, and whoever applies it reads the job with our key.
import { GladiaCallback, GladiaJobId } from "@shared/recordings/gladia_contract.ts";
import { sha256Hex } from "@shared/platform/sha256.ts";
import { decodeUtf8 } from "../http/parse_json.ts";
import type {
  SignedCall,
  VerifiedCall,
  WebhookRefusal,
  WebhookVerifier,
} from "./webhook_verifier.ts";

/** What the inbox can hold beside the row that it came through. */
const EVENT_ID = /^[\w.:-]{1,160}$/;
const DIGEST_CHARACTERS = 32;

/** The verifier. */
export const gladiaCallbacks: WebhookVerifier = {
  // Only accounts are called, and theirs is the address
  secretVariables: [],
  signatures: [{
    header: "path",
    description: "None: the last part of the address is an unguessable token of one job.",
  }],
  keptHeaders: ["content-type"],
  verify: identify,
};

/**
 * Names the event, so that the same one is stored once; by its body as well, so that a made-up one is
 * not taken for the real one that comes later.
 */
async function identify({ body }: SignedCall): Promise<VerifiedCall | WebhookRefusal> {
  let value: unknown;
  try {
    value = JSON.parse(decodeUtf8(body));
  } catch {
    return "malformed";
  }
  const callback = GladiaCallback.safeParse(value);
  const jobId = GladiaJobId.safeParse(value);
  if (!callback.success || !jobId.success) return "malformed";
  const eventId = `${jobId.data}:${callback.data.event}`;
  if (!EVENT_ID.test(eventId)) return "malformed";
  const hex = await sha256Hex(body);
  return { eventId: `${eventId}:${hex.slice(0, DIGEST_CHARACTERS)}` };
}
