// How rules write findings down: on one line, money and days the same way everywhere, with the rows
// that they rest on and what can be clicked.
import type { EvidenceRow } from "../../copilot/actions/action.ts";
import { type ClickableAction, isExternalUrl } from "../../copilot/clickable_action.ts";
import { dayOf, formatDay, plainLine } from "../../copilot/panels/plain_text.ts";
import type { PlaybookItem } from "../../copilot/panels/playbook.ts";
import type { DealView } from "./views.ts";

const DAY_MS = 86_400_000;

/** The parts of a finding that have a usual value. */
export interface ItemParts {
  readonly detail?: string | null;
  readonly tone?: PlaybookItem["tone"];
  readonly evidence?: readonly (EvidenceRow | null)[];
  readonly actions?: readonly (ClickableAction | null)[];
}

/**
 * Writes a finding.
 *
 * @param text What was found; foreign words in it are put on one line.
 * @param parts What else is known of it.
 */
export function item(text: string, parts: ItemParts = {}): PlaybookItem {
  const line = plainLine(text, 600);
  return {
    text: line === "" ? "Untitled" : line,
    detail: parts.detail?.slice(0, 8_000).toWellFormed() ?? null,
    tone: parts.tone ?? "neutral",
    evidence: (parts.evidence ?? []).filter((row) => row !== null).slice(0, 30),
    actions: (parts.actions ?? []).filter((action) => action !== null).slice(0, 5),
  };
}

/** A row, where there is one. */
export function row(
  table: EvidenceRow["table"],
  id: string | null | undefined,
): EvidenceRow | null {
  return id ? { table, id } : null;
}

/** Opens a contact, where there is one. */
export function openContact(id: string | null | undefined): ClickableAction | null {
  return id ? { type: "open_contact", contact_id: id } : null;
}

/** Opens a deal, where there is one. */
export function openDeal(id: string | null | undefined): ClickableAction | null {
  return id ? { type: "open_deal", deal_id: id } : null;
}

/** Opens a task, where there is one. */
export function openTask(id: string | null | undefined): ClickableAction | null {
  return id ? { type: "open_task", task_id: id } : null;
}

/** Opens a meeting, recorded or planned, where there is one. */
export function openMeeting(
  meetingId: string | null | undefined,
  eventId?: string | null,
): ClickableAction | null {
  if (meetingId) return { type: "open_meeting", meeting_id: meetingId };
  return eventId ? { type: "open_meeting", calendar_event_id: eventId } : null;
}

/** Opens an address outside, where it is one that a browser may open. */
export function openUrl(url: string | null | undefined, label: string): ClickableAction | null {
  return url && url.length <= 2_048 && isExternalUrl(url)
    ? { type: "open_external_url", url, label }
    : null;
}

/** Money, as `$48,000`. */
export function money(amount: number, currency: string): string {
  return new Intl.NumberFormat("en-US", {
    style: "currency",
    currency,
    minimumFractionDigits: 0,
    maximumFractionDigits: 2,
  }).format(amount);
}

/** A day, as `Mon 23 Nov`; the day of a moment is that of the person's zone. */
export function shortDay(at: string, timeZone: string): string {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(at) ? at : dayOf(at, timeZone);
  return formatDay(day, "short");
}

/** Whole days from one date to another; below 0 where it is past. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T12:00:00Z`) - Date.parse(`${from}T12:00:00Z`)) / DAY_MS);
}

/** A date some days later. */
export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T12:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** The id of a deal, under either of its names. */
export function dealId(deal: DealView): string | null {
  return deal.deal_id ?? deal.id ?? null;
}

/** The name of a deal's stage. */
export function stageName(deal: DealView): string {
  return typeof deal.stage === "string" ? deal.stage : deal.stage.name;
}

/** Names in a row: `Dana, Priya and Tom`. */
export function joinNames(names: readonly string[]): string {
  const [last, ...rest] = names.toReversed();
  if (last === undefined) return "";
  return rest.length === 0 ? last : `${rest.toReversed().join(", ")} and ${last}`;
}
