// Ids and rows that the examples of several panels have in common. All of it is invented.
import type { DealLine } from "./crm_parts.ts";

/** Ids of the examples, by what they are of. */
export const EXAMPLE_IDS = {
  contact: "00000000-0000-4000-8000-000000000002",
  company: "00000000-0000-4000-8000-000000000003",
  deal: "00000000-0000-4000-8000-000000000004",
  meeting: "00000000-0000-4000-8000-000000000005",
  event: "00000000-0000-4000-8000-000000000001",
  activity: "00000000-0000-4000-8000-000000000006",
  task: "00000000-0000-4000-8000-000000000007",
  email: "00000000-0000-4000-8000-000000000008",
  segment: "00000000-0000-4000-8000-000000000009",
  otherContact: "00000000-0000-4000-8000-00000000000a",
  clarification: "00000000-0000-4000-8000-00000000000b",
} as const;

/** A deal of the examples. */
export const EXAMPLE_DEAL: DealLine = {
  deal_id: EXAMPLE_IDS.deal,
  name: "Northwind: pilot",
  amount: 24000,
  currency: "USD",
  status: "open",
  stage: "Proposal",
  probability: 50,
  weighted_amount: 12000,
  expected_close_on: "2026-12-11",
  next_step: "Send the order form",
  company: { company_id: EXAMPLE_IDS.company, name: "Northwind" },
  contact: { contact_id: EXAMPLE_IDS.contact, name: "Ada Park" },
  owner_name: "Robin Vale",
  is_mine: false,
  last_activity_at: "2026-11-20T17:30:00+00:00",
};
