// Every error that a caller can meet, in one place. The texts are written for people: they are safe
// to show, never carry a value of the request and never say how the inside works.

import { COPILOT_ERRORS } from "./copilot_errors.ts";
import type { ErrorEntry } from "./error_entry.ts";

/** Code → what the caller sees. Codes are stable: clients branch on them. */
export const ERROR_CATALOGUE = {
  ...COPILOT_ERRORS,
  // The request itself
  invalid_request: {
    status: 400,
    title: "The request is not valid",
    detail: "Some fields are missing or wrong; the issues say which.",
  },
  invalid_json: {
    status: 400,
    title: "The body is not valid JSON",
    detail: "Send one JSON document, encoded in UTF-8.",
  },
  route_not_found: {
    status: 404,
    title: "No such address",
    detail: "There is nothing at this path.",
  },
  method_not_allowed: {
    status: 405,
    title: "Method not allowed",
    detail: "This address does not answer that method; the Allow header lists those it does.",
  },
  request_timeout: {
    status: 408,
    title: "The request took too long to arrive",
    detail: "The body did not arrive in time. Please try again.",
  },
  body_too_large: {
    status: 413,
    title: "The request is too large",
    detail: "Send a smaller body.",
  },
  unsupported_media_type: {
    status: 415,
    title: "This kind of body is not accepted",
    detail: "Send the body as application/json, without a content encoding.",
  },

  // Who is asking
  unauthenticated: {
    status: 401,
    title: "Please sign in",
    detail: "This needs a signed-in user.",
  },
  invalid_token: {
    status: 401,
    title: "Please sign in again",
    detail: "The session is not valid or has ended.",
  },
  invalid_signature: {
    status: 401,
    title: "The signature is not valid",
    detail: "The call could not be proved to come from who it says it does.",
  },
  mfa_required: {
    status: 403,
    title: "A second factor is needed",
    detail: "Confirm it is you with your second factor, then try again.",
  },
  forbidden: {
    status: 403,
    title: "Not allowed",
    detail: "Your role does not allow this.",
  },

  // What is asked for
  not_found: {
    status: 404,
    title: "Not found",
    detail: "It does not exist, or it is not yours to see.",
  },
  organization_not_found: {
    status: 404,
    title: "Organization not found",
    detail: "It does not exist, or you are not a member of it.",
  },
  no_active_organization: {
    status: 409,
    title: "Choose an organization",
    detail: "You belong to no organization, or none is active.",
  },
  conflict: {
    status: 409,
    title: "Already changed",
    detail: "It was changed or made in the meantime. Load it again and retry.",
  },
  already_running: {
    status: 409,
    title: "Already running",
    detail: "The same work is going on. Wait for it to end.",
  },
  preview_first: {
    status: 409,
    title: "Look at the preview first",
    detail: "Ask for a simulation and confirm what it shows; nothing is done before.",
  },
  estimates_refused: {
    status: 400,
    title: "Estimates are not offered",
    detail: "Ask for an exact count.",
  },

  // Organizations and their members
  invalid_actor: {
    status: 400,
    title: "Unknown kind of actor",
    detail: "Work can be done in the name of a job, a webhook or the system only.",
  },
  not_transferable: {
    status: 400,
    title: "Cannot be handed over",
    detail: "Records of this kind have no owner to change.",
  },
  unknown_role: {
    status: 400,
    title: "Unknown role",
    detail: "Choose owner, admin, manager, agent or viewer.",
  },
  unknown_status: {
    status: 400,
    title: "Unknown status",
    detail: "Choose active, suspended or removed.",
  },
  unknown_time_zone: {
    status: 400,
    title: "Unknown time zone",
    detail: "Choose a time zone by its name, such as Europe/London.",
  },
  role_too_high: {
    status: 403,
    title: "Above your role",
    detail: "You can give and change roles up to your own only.",
  },
  invitation_not_found: {
    status: 404,
    title: "Invitation not found",
    detail: "It was withdrawn, or it is for somebody else.",
  },
  member_not_found: {
    status: 404,
    title: "Member not found",
    detail: "This person does not belong to the organization.",
  },
  already_a_member: {
    status: 409,
    title: "Already a member",
    detail: "This person belongs to the organization, or was invited before.",
  },
  identity_already_linked: {
    status: 409,
    title: "Already linked",
    detail: "This sign-in belongs to another account.",
  },
  last_owner: {
    status: 409,
    title: "The last owner stays",
    detail: "Make somebody else an owner first.",
  },
  not_accepted_yet: {
    status: 409,
    title: "Not accepted yet",
    detail: "The person must accept the invitation first.",
  },
  slug_taken: {
    status: 409,
    title: "This short name is taken",
    detail: "Choose another short name for the organization.",
  },
  too_many_organizations: {
    status: 429,
    title: "Too many organizations",
    detail: "You own as many organizations as one person may.",
  },

  // Connected services
  calendar_not_connected: {
    status: 409,
    title: "No calendar is connected",
    detail: "Connect a calendar first.",
  },
  calendar_reconnect_required: {
    status: 409,
    title: "Reconnect your calendar",
    detail: "The calendar no longer accepts our access. Connect it again.",
  },

  // Recording bots
  unsupported_meeting_url: {
    status: 400,
    title: "No bot can go there",
    detail: "Give the https address of a Zoom, Google Meet or Microsoft Teams meeting.",
  },
  meeting_is_over: {
    status: 409,
    title: "The meeting is over",
    detail: "It has ended or was cancelled, so there is no bot to send or to call back.",
  },
  daily_cap_reached: {
    status: 429,
    title: "No more bots today",
    detail:
      "Your plan's bots for the day are used up. More are there tomorrow, or on a larger plan.",
  },

  // Recordings
  recording_not_stored: {
    status: 409,
    title: "Not stored yet",
    detail: "There is no such file of this recording, or it is still on its way.",
  },

  // Limits
  rate_limited: {
    status: 429,
    title: "Too many requests",
    detail: "Wait a little, then try again.",
  },

  // Ours to fix
  internal_error: {
    status: 500,
    title: "Something went wrong",
    detail: "It is our fault and it was recorded. Please try again later.",
  },
  upstream_failed: {
    status: 502,
    title: "A connected service failed",
    detail: "A service that we rely on answered with an error. Please try again later.",
  },
  upstream_unavailable: {
    status: 503,
    title: "Temporarily unavailable",
    detail: "A service that we rely on does not answer. Please try again shortly.",
  },
  webhook_not_configured: {
    status: 503,
    title: "Not configured",
    detail: "This webhook has no secret yet, so nothing can be accepted.",
  },
  not_configured: {
    status: 503,
    title: "Not configured",
    detail: "A setting that this needs is missing.",
  },
  upstream_timeout: {
    status: 504,
    title: "It took too long",
    detail: "The work did not finish in time. Please try again.",
  },
} as const satisfies Record<string, ErrorEntry>;

/** One code of the catalogue. */
export type ErrorCode = keyof typeof ERROR_CATALOGUE;

/**
 * Says whether a text is a code of the catalogue.
 *
 * @param value Anything, such as a message raised by the database.
 * @returns True for a known code.
 */
export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === "string" && Object.hasOwn(ERROR_CATALOGUE, value);
}
