// Makes the examples of the panels of runs: the same deal and the same people in all of them.
import type { Playbook, PlaybookItem } from "./playbook.ts";

const EVENT_ID = "6f1d2c3b-4a59-4e68-8b7c-1d2e3f405162";
const CONTACT_ID = "0b7c1d2e-3f40-4162-9d8c-7b6a5f4e3d2c";
const DEAL_ID = "3f405162-7d8c-4b6a-8f4e-3d2c1b0a9f8e";

type ExampleItem = "meeting" | "person" | "deal" | "risk" | "email" | "line";

/** Findings that examples are made of. */
export const EXAMPLE_ITEMS: Readonly<Record<ExampleItem, PlaybookItem>> = {
  meeting: {
    text: "TechCorp: pilot review, Tuesday 24 November 15:00–15:45",
    detail: null,
    tone: "neutral",
    evidence: [{ table: "calendar_events", id: EVENT_ID }],
    actions: [{ type: "open_meeting", calendar_event_id: EVENT_ID }],
  },
  person: {
    text: "Dana Reyes, VP Operations at TechCorp, has accepted",
    detail: null,
    tone: "neutral",
    evidence: [{ table: "contacts", id: CONTACT_ID }],
    actions: [{ type: "open_contact", contact_id: CONTACT_ID }],
  },
  deal: {
    text: "TechCorp rollout: Proposal, $48,000, 60 %, should close Fri 18 Dec",
    detail: null,
    tone: "neutral",
    evidence: [{ table: "deals", id: DEAL_ID }],
    actions: [{ type: "open_deal", deal_id: DEAL_ID }],
  },
  risk: {
    text: "TechCorp rollout: nothing has happened for 16 days",
    detail: null,
    tone: "risk",
    evidence: [{ table: "deals", id: DEAL_ID }],
    actions: [{ type: "open_deal", deal_id: DEAL_ID }],
  },
  email: {
    text: "To Dana Reyes: Follow-up: TechCorp: pilot review",
    detail: "Hi Dana,\n\nThank you for your time on Tuesday 24 November.\n\nBest,\nSarah",
    tone: "neutral",
    evidence: [{ table: "contacts", id: CONTACT_ID }],
    actions: [{ type: "open_contact", contact_id: CONTACT_ID }],
  },
  line: {
    text: "What happens if you do nothing until the summer?",
    detail: null,
    tone: "neutral",
    evidence: [],
    actions: [],
  },
};

/** What an example of a panel says. */
export interface ExampleParts<T extends string, S extends string> {
  readonly type: T;
  readonly key: string;
  readonly name: string;
  readonly title: string;
  /** Section, its heading, and what stands in it. */
  readonly sections: readonly (readonly [S, string, ExampleItem])[];
  /** What waits for a yes, in words. */
  readonly proposes?: string;
}

/**
 * Makes an example.
 *
 * @param parts What it says.
 */
export function playbookExample<const T extends string, const S extends string>(
  parts: ExampleParts<T, S>,
): Omit<Playbook, "type" | "sections"> & { type: T; sections: ExampleSection<S>[] } {
  const proposed = parts.proposes === undefined ? [] : [{
    kind: "create_task",
    summary: parts.proposes,
    recipients: [],
    is_reversible: true,
  }];
  return {
    type: parts.type,
    version: 1,
    title: parts.title,
    subtitle: null,
    skill: { key: parts.key, version: 1, name: parts.name },
    execution_id: "9e8d7c6b-5a4f-4e3d-8c1b-0a9f8e7d6c5b",
    is_simulation: true,
    sections: parts.sections.map(([id, heading, item]) => ({
      id,
      heading,
      items: [structuredClone(EXAMPLE_ITEMS[item])],
      total: 1,
      empty: null,
    })),
    proposed,
    pending_action_id: proposed.length === 0 ? null : "1b0a9f8e-7d6c-4b5a-8f4e-3d2c1b0a9f8e",
    missing: [],
  };
}

interface ExampleSection<S extends string> {
  id: S;
  heading: string;
  items: PlaybookItem[];
  total: number;
  empty: string | null;
}
