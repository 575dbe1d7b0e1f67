// A stored action as the examples of its panels show it.
import type { PendingAction } from "../proposals/proposal.ts";

/** An email that waits for its owner's yes. */
export const EXAMPLE_ACTION: PendingAction = {
  id: "00000000-0000-4000-8000-000000000051",
  org_id: "00000000-0000-4000-8000-000000000001",
  conversation_id: "00000000-0000-4000-8000-000000000052",
  turn_id: "00000000-0000-4000-8000-000000000053",
  summary: "Email dana.reeves@techcorp.test: Next steps on the pilot",
  effects: [{
    kind: "send_email",
    summary: "Email dana.reeves@techcorp.test: Next steps on the pilot",
    recipients: ["dana.reeves@techcorp.test"],
    fields: [
      { name: "From", value: "sarah@fernhollow.test" },
      { name: "To", value: "dana.reeves@techcorp.test" },
      { name: "Subject", value: "Next steps on the pilot" },
      { name: "Text", value: "Hello Dana,\nthank you for today. Shall we talk on Friday?" },
    ],
    is_reversible: false,
  }],
  payload_sha256: "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c",
  is_reversible: false,
  is_tainted: false,
  evidence: [{ table: "contacts", id: "00000000-0000-4000-8000-000000000054" }],
  status: "open",
  created_at: "2026-11-22T16:00:00+00:00",
  expires_at: "2026-11-22T16:30:00+00:00",
  decided_at: null,
};
