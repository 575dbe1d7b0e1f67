// Gladia's callbacks prove nothing: no signature, no secret (providers.md 2.4). What stands for a proof
// is the unguessable end of the address, which the frame has looked up before this is asked; so the
// body is kept as a hint only, and whoever applies it reads the job with our key.
import { GladiaCallback, GladiaJobId } from "@shared/recordings/gladia_contract.ts";
import { decodeUtf8 } from "../http/parse_json.ts";
import type {
  SignedCall,
  VerifiedCall,
  WebhookRefusal,
  WebhookVerifier,
} from "./webhook_verifier.ts";

/** What the inbox can hold beside the row that it came through. */
const EVENT_ID = /^[\w.:-]{1,160}$/;

/** The verifier. */
export const gladiaCallbacks: WebhookVerifier = {
  // Only accounts are called, and theirs is the address
  secretVariables: [],
  signatures: [{
    header: "path",
    description: "None: the last part of the address is an unguessable token of one job.",
  }],
  keptHeaders: ["content-type"],
  verify: (call) => Promise.resolve(identify(call)),
};

/** Names the event, so that the same one is stored once. */
function identify({ body }: SignedCall): VerifiedCall | WebhookRefusal {
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
  return EVENT_ID.test(eventId) ? { eventId } : "malformed";
}
