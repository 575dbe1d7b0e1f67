// What to ask and what to answer, from what was said and what the organization knows about itself.
import type { PlaybookItem } from "../../copilot/panels/playbook.ts";
import { readDeals } from "./deal_facts.ts";
import { dealId, item, openDeal, openMeeting, row } from "./items.ts";
import { readBrief } from "./meeting_facts.ts";
import { OrgKnowledge, type RuleContext, type RuleResult } from "./rule.ts";
import { view } from "./views.ts";

const QUESTIONS_MAX = 12;

/** Products and pains that the organization has written down. */
export function knowledgeFacts(
  from: Readonly<Record<string, unknown>>,
  _context: RuleContext,
): RuleResult {
  const knowledge = view(OrgKnowledge, from["knowledge"]);
  if (knowledge === null) return { items: [], values: {} };
  const evidence = [row("org_knowledge", knowledge.org_id)];
  const { products, pain_points: pains } = knowledge;
  const items = [
    ...products.map((product) => item(`We sell: ${product}`, { evidence })),
    ...pains.map((pain) => item(`Customers come to us because of: ${pain}`, { evidence })),
  ];
  return { items, values: { product: products[0] ?? null, pain: pains[0] ?? null } };
}

/** Questions: one for each pain the organization knows, one for each thing the deal leaves open. */
export function questionList(
  from: Readonly<Record<string, unknown>>,
  _context: RuleContext,
): RuleResult {
  const knowledge = view(OrgKnowledge, from["knowledge"]);
  const evidence = [row("org_knowledge", knowledge?.org_id)];
  const pains = (knowledge?.pain_points ?? []).flatMap((pain) => [
    item(`How do you deal with this today: ${pain}?`, { evidence }),
    item(`What does it cost you in a month that goes badly: ${pain}?`, { evidence }),
  ]);
  const questions = [...pains, ...dealQuestions(from), ...saidQuestions(from)];
  return { items: questions.slice(0, QUESTIONS_MAX), values: { count: questions.length } };
}

function dealQuestions(from: Readonly<Record<string, unknown>>): PlaybookItem[] {
  return Object.values(from).flatMap(readDeals).slice(0, 3).flatMap((deal) => {
    const parts = { evidence: [row("deals", dealId(deal))], actions: [openDeal(dealId(deal))] };
    const questions = [
      deal.contact !== null ? null : `Who besides you has to say yes to ${deal.name}?`,
      deal.expected_close_on
        ? null
        : `By when do you need ${deal.name} to be in place, and why then?`,
      deal.next_step ? null : `What would you need to see next to go on with ${deal.name}?`,
      deal.amount > 0 ? null : `What has been set aside for ${deal.name}?`,
    ];
    return questions.filter((text) => text !== null).map((text) => item(text, parts));
  });
}

function saidQuestions(from: Readonly<Record<string, unknown>>): PlaybookItem[] {
  return readBrief(from["brief"]).history.insights.filter(({ kind }) => kind === "objection")
    .slice(0, 2).map((insight) =>
      item(`Last time you said: ${insight.text} What has changed since?`, {
        evidence: [row("meeting_insights", insight.insight_id)],
        actions: [openMeeting(insight.meeting_id)],
      })
    );
}

/** How to answer an objection: the ones on record first, then the way for its kind. */
export function objectionAnswers(
  from: Readonly<Record<string, unknown>>,
  _context: RuleContext,
): RuleResult {
  const brief = readBrief(from["brief"]);
  const asked = typeof from["objection"] === "string" ? from["objection"] : "";
  const recorded = [...brief.outcome.insights, ...brief.history.insights]
    .filter(({ kind }) => kind === "objection").slice(0, 4)
    .map((insight) =>
      item(`On record: ${insight.text}`, {
        tone: "warning",
        evidence: [
          row("meeting_insights", insight.insight_id),
          row("meetings", insight.meeting_id),
        ],
        actions: [openMeeting(insight.meeting_id)],
      })
    );
  const words = `${asked} ${recorded.map(({ text }) => text).join(" ")}`;
  const kinds = KINDS.filter(({ test }) => test.test(words));
  const answers = (kinds.length > 0 ? kinds : [OTHER]).flatMap(({ name, lines }) =>
    lines.map((line) => item(`${name}: ${line}`))
  );
  const knowledge = view(OrgKnowledge, from["knowledge"]);
  const proof = (knowledge?.pain_points ?? []).slice(0, 2).map((pain) =>
    item(`Tie it back to why they came: ${pain}`, {
      evidence: [row("org_knowledge", knowledge?.org_id)],
    })
  );
  return {
    items: [...recorded, ...answers, ...proof],
    values: { kinds: kinds.map(({ name }) => name) },
  };
}

interface ObjectionKind {
  readonly name: string;
  readonly test: RegExp;
  readonly lines: readonly string[];
}

const OTHER: ObjectionKind = {
  name: "Any objection",
  test: /./,
  lines: [
    "repeat it in their words and ask whether you understood it before you answer",
    "ask what would have to be true for it to go away, and write the answer down",
    "answer one thing, then ask whether that settles it; do not pile up arguments",
  ],
};

const KINDS: readonly ObjectionKind[] = [
  {
    name: "Price",
    test: /\b(?:price|pricing|expensive|budget|cost|costs|afford|discount|cheaper)\b/i,
    lines: [
      "ask compared with what: another offer, the budget, or doing nothing",
      "put the cost of staying as they are beside the price, in their own figures",
      "trade, never give: a lower price only for a longer term, a smaller scope or a reference",
    ],
  },
  {
    name: "Timing",
    test: /\b(?:later|next (?:quarter|year)|not now|timing|busy|postpone|too (?:early|soon))\b/i,
    lines: [
      "ask what happens before that date that makes it better than today",
      "work back from the day they need it in place, and show when the work has to begin",
      "agree one small step that costs them nothing and keeps the date",
    ],
  },
  {
    name: "Competitor",
    test:
      /\b(?:competitor|alternative|other (?:vendor|tool|offer)|already (?:use|have)|compared?)\b/i,
    lines: [
      "ask what they like about it, and what they would change; never run it down",
      "name the one difference that matters for what they told you, and prove it",
      "offer a test that both sides can lose",
    ],
  },
  {
    name: "Authority",
    test: /\b(?:boss|board|cfo|ceo|committee|approval|approve|sign[- ]?off|procurement)\b/i,
    lines: [
      "ask how such a decision was made last time, and who could stop it",
      "offer to meet that person together, with a page that answers their question",
      "give your contact the words and figures to defend it when you are not in the room",
    ],
  },
  {
    name: "Risk",
    test:
      /\b(?:risk|risky|security|compliance|gdpr|legal|integration|migrat\w+|implement\w+|downtime)\b/i,
    lines: [
      "ask what went wrong the last time, and what they would do differently",
      "bring the person who does this work into the next call; do not answer for them",
      "propose a first step that can be undone, with the measure that says it worked",
    ],
  },
  {
    name: "Need",
    test: /\b(?:no need|don't need|not a priority|happy with|good enough|works fine)\b/i,
    lines: [
      "ask what good enough costs them, in hours or in lost deals, and stay silent",
      "tell of one customer like them, what they noticed first, and how long it took",
      "offer to come back on a date, with one question to answer until then",
    ],
  },
];
