// Made by `deno task skills:library` from shared/skills/library; change it there.
import type { LibraryEntry } from "./library.ts";

/** Documents by key and then version. */
export const LIBRARY_ENTRIES: readonly LibraryEntry[] = [{
  "document": {
    "key": "seq-next-meeting-command-center",
    "kind": "sequence",
    "version": 1,
    "name": "Next meeting command center",
    "category": "meetings",
    "description":
      "Prepares the person's next meeting - who comes, where the deal stands, what was promised and what to say.",
    "phrases": [
      "prep for my next meeting",
      "get me ready for my next call",
      "prepare my meeting",
      "brief me on the next meeting",
    ],
    "inputs": [{
      "name": "calendar_event_id",
      "type": "id",
      "description": "The planned meeting; the next one where this is missing.",
      "is_required": false,
    }, {
      "name": "meeting_id",
      "type": "id",
      "description": "A recorded meeting to prepare the sequel of.",
      "is_required": false,
    }],
    "variables": [{
      "name": "prep_minutes",
      "description": "Minutes that a rep sets aside to prepare.",
      "default": 15,
    }],
    "steps": [
      {
        "id": "brief",
        "limit": 5,
        "read": "get_meeting_brief_data",
        "args": {
          "calendar_event_id": "${inputs.calendar_event_id}",
          "meeting_id": "${inputs.meeting_id}",
        },
        "is_optional": false,
      },
      { "id": "knowledge", "knowledge": true },
      { "id": "facts", "rule": "meeting_facts", "from": { "brief": "${outputs.brief}" } },
      { "id": "people", "rule": "people_facts", "from": { "brief": "${outputs.brief}" } },
      { "id": "deal", "rule": "deal_facts", "from": { "brief": "${outputs.brief}" } },
      { "id": "commitments", "rule": "open_commitments", "from": { "brief": "${outputs.brief}" } },
      {
        "id": "competitors",
        "rule": "competitor_cards",
        "from": { "brief": "${outputs.brief}", "knowledge": "${outputs.knowledge}" },
      },
      {
        "id": "points",
        "rule": "meeting_talking_points",
        "from": { "brief": "${outputs.brief}", "knowledge": "${outputs.knowledge}" },
      },
      {
        "id": "wording",
        "model":
          "Say each talking point as one sentence that the rep can say aloud. Keep every name, number and date as it is. Leave out what two points have in common.",
        "improves": "points",
      },
    ],
    "panel": "next_meeting_command_center",
    "title": "Your next meeting: ${outputs.brief.event.title}",
    "sections": [{ "id": "meeting", "heading": "The meeting", "items": "${outputs.facts.items}" }, {
      "id": "people",
      "heading": "Who comes",
      "items": "${outputs.people.items}",
      "empty": "Nobody else is invited yet.",
    }, {
      "id": "deal",
      "heading": "Where the deal stands",
      "items": "${outputs.deal.items}",
      "empty": "No deal is linked to this meeting.",
    }, {
      "id": "open_items",
      "heading": "What is still open",
      "items": "${outputs.commitments.items}",
      "empty": "Nothing is open from last time.",
    }, {
      "id": "talking_points",
      "heading": "What to say",
      "items": "${outputs.wording.items}",
      "empty": "There is nothing on record to build on yet.",
    }, {
      "id": "competitors",
      "heading": "Competitors that came up",
      "items": "${outputs.competitors.items}",
      "empty": "No competitor came up.",
    }, {
      "id": "checklist",
      "heading": "Before you join",
      "lines": [
        "Decide the one thing you want agreed at the end, and say it in the first two minutes.",
        "Open with what you promised last time and what became of it.",
        "Set ${variables.prep_minutes} minutes aside to read this and test your links.",
      ],
    }],
    "body":
      "# How to prepare a meeting\n\nThe person wants to walk in knowing who sits there, what was agreed and what the next step is. A\nbrief that takes longer to read than the walk to the room has failed.\n\n1. Find the meeting. If two could be meant, ask which; do not guess.\n2. Say who comes, with their role. Say who decides where that is on record, and that it is not where\n   it is not.\n3. Say where the deal stands: stage, amount, expected close, days since the stage last changed.\n4. Say what is open from last time, the person's own promises first. A promise that was not kept is\n   the first thing to speak about.\n5. Give at most five talking points. Each rests on something that is on record, and says what to ask\n   for.\n6. Where a competitor came up, give ${org.name}'s own positioning, never a claim about the\n   competitor that nobody has written down.\n\nNever fill a gap with an assumption. \"Not on record\" is an answer, and a question to ask in the\nmeeting.",
  },
  "sha256": "e86aa319f928ae50c9261f409a5bb92dd529ce4669c2a9bdcfd11d0c3a0a1874",
}, {
  "document": {
    "key": "seq-post-meeting-followup-pack",
    "kind": "sequence",
    "version": 1,
    "name": "Post-meeting follow-up pack",
    "category": "meetings",
    "description":
      "Turns a meeting that is over into tasks, a note on the deal and a follow-up email, all to be confirmed first.",
    "phrases": [
      "create follow-ups",
      "write the follow-up for my last meeting",
      "send the recap of my meeting",
      "what do I owe after this call",
    ],
    "inputs": [{
      "name": "meeting_id",
      "type": "id",
      "description": "The recorded meeting; the last one where this is missing.",
      "is_required": false,
    }],
    "variables": [{
      "name": "task_days",
      "description": "Days until a promise without a date is due.",
      "default": 2,
    }, {
      "name": "log_activity",
      "description": "Whether a note of the meeting is written on the deal.",
      "default": true,
    }],
    "steps": [
      {
        "id": "brief",
        "limit": 5,
        "read": "get_meeting_brief_data",
        "args": { "meeting_id": "${inputs.meeting_id}", "which": "last" },
        "is_optional": false,
      },
      { "id": "facts", "rule": "meeting_facts", "from": { "brief": "${outputs.brief}" } },
      { "id": "deal", "rule": "deal_facts", "from": { "brief": "${outputs.brief}" } },
      {
        "id": "commitments",
        "rule": "open_commitments",
        "from": { "brief": "${outputs.brief}", "default_days": "${variables.task_days}" },
      },
      { "id": "email", "rule": "draft_followup", "from": { "brief": "${outputs.brief}" } },
      {
        "id": "tasks",
        "each": "${outputs.commitments.values.tasks}",
        "limit": 6,
        "propose": "create_task",
        "args": {
          "title": "${item.title}",
          "details": "${item.details}",
          "due_at": "${item.due_at}",
          "contact_id": "${item.contact_id}",
          "deal_id": "${item.deal_id}",
          "meeting_id": "${item.meeting_id}",
        },
        "is_optional": true,
      },
      {
        "id": "note",
        "when": "${variables.log_activity}",
        "limit": 5,
        "propose": "create_activity",
        "args": {
          "activity_kind": "meeting",
          "subject": "Met: ${outputs.brief.event.title}",
          "details": "${outputs.email.values.recap}",
          "deal_id": "${outputs.deal.values.deal_id}",
          "meeting_id": "${outputs.brief.event.meeting_id}",
        },
        "is_optional": true,
      },
      {
        "id": "send",
        "when": "${outputs.email.values.to}",
        "limit": 5,
        "propose": "send_email",
        "args": {
          "to": "${outputs.email.values.to}",
          "subject": "${outputs.email.values.subject}",
          "body": "${outputs.email.values.body}",
          "meeting_id": "${outputs.brief.event.meeting_id}",
        },
        "is_optional": true,
      },
    ],
    "panel": "post_meeting_followup_pack",
    "title": "Follow-up: ${outputs.brief.event.title}",
    "sections": [{
      "id": "meeting",
      "heading": "What it was about",
      "items": "${outputs.facts.items}",
    }, {
      "id": "commitments",
      "heading": "What was agreed",
      "items": "${outputs.commitments.items}",
      "empty": "Nobody agreed to do anything on record.",
    }, {
      "id": "email",
      "heading": "Draft to send",
      "items": "${outputs.email.items}",
      "empty": "There is nobody outside to write to.",
    }, {
      "id": "deal",
      "heading": "The deal",
      "items": "${outputs.deal.items}",
      "empty": "No deal is linked to this meeting.",
    }, {
      "id": "checklist",
      "heading": "Before you confirm",
      "lines": [
        "Read the email once as its recipient; the date and the next step must be clear without the call.",
        "Every promise has one owner and one date.",
        "Send it on the day of the meeting; a day later it is half as useful.",
      ],
    }],
    "body":
      "# How to follow up on a meeting\n\nA follow-up is a record that both sides would sign. It says what was agreed, who does it and by\nwhen, and asks for the next step. It is short.\n\n1. Take the agreed items from the record of the meeting. Do not add items that would be nice.\n2. The person's own promises become tasks of theirs, with the date that was said, or the\n   organization's default where none was.\n3. What the other side promised goes into the email as a friendly list, not into tasks of ours.\n4. Write the email to the people who were there and are outside ${org.name}, and to nobody else.\n5. Note the meeting on its deal, so that the next person who looks finds it.\n\nEverything is shown first. Nothing is created or sent before the person has confirmed exactly this.",
  },
  "sha256": "5498fb6d3d863ba7c4cd8fba80acd42d5349084b35e9b110ec84d2c0abe9d3d4",
}];
