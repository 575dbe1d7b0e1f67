// Unit tests of the router: every documented phrasing is taken, and nothing with more to it.
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { READ_ACTION_CATALOGUE } from "../actions/catalogue.ts";
import { type Route, routeMessage } from "./route_message.ts";

const DAYS = ["today", "tomorrow", "on Friday", "this week"];
const NAMES = ["Acme", "Dana Reeves", "dana.reeves@techcorp.test"];

const documentUrl = new URL("../../../docs/copilot-routing.md", import.meta.url);

/** Phrasings with what they run, out of the page that lists them. */
async function documented(): Promise<(readonly [phrasing: string, runs: string])[]> {
  const [page = ""] = (await Deno.readTextFile(documentUrl)).split("\n## ");
  return page.split("\n### ").slice(1).flatMap((section) => {
    const [runs = "", ...lines] = section.split("\n");
    return lines.flatMap((line) => {
      const phrasing = /^- (.+)$/.exec(line)?.[1];
      return phrasing === undefined ? [] : fillIn(phrasing).map((text) => [text, runs] as const);
    });
  });
}

function fillIn(phrasing: string): string[] {
  return DAYS.flatMap((day) =>
    NAMES.map((name) => phrasing.replace("<day>", day).replace("<who>", name))
  ).filter((text, index, all) => all.indexOf(text) === index);
}

function runsOf(route: Route | null): string {
  switch (route?.kind) {
    case "action":
      return `execute_action: ${route.action}`;
    case "sequence":
      return `run_sequence: ${route.key}`;
    case "tool":
      return route.tool;
    default:
      return "nothing";
  }
}

Deno.test("U60-083 U60-084 U60-085 U60-086 every documented phrasing runs what the page says", async () => {
  const cases = await documented();
  ok(cases.length >= 120, `only ${cases.length} phrasings`);
  const wrong = cases.filter(([text, runs]) => runsOf(routeMessage(text)) !== runs);
  deepStrictEqual(wrong, []);
});

Deno.test("U60-083 case, politeness and punctuation make no difference", async () => {
  for (const [text] of await documented()) {
    const route = routeMessage(text);
    for (
      const variant of [
        text.toUpperCase(),
        `  ${text.toLowerCase()}  `,
        `Please ${text}`,
        `Hey copilot, ${text.replace(/\?$/, "")}, please!`,
        `${text.replaceAll(" ", "  ")} `,
      ]
    ) deepStrictEqual(routeMessage(variant), route, variant);
  }
});

Deno.test("U60-083 what a route asks for fits the action's own contract", async () => {
  for (const [text] of await documented()) {
    const route = routeMessage(text);
    if (route?.kind !== "action") continue;
    const action = READ_ACTION_CATALOGUE[route.action];
    ok(action !== undefined, route.action);
    strictEqual(action.args.safeParse(route.args).success, true, JSON.stringify(route));
  }
});

Deno.test("U60-083 a documented phrasing with more to it is not taken", async () => {
  const more = [
    " and email it to Dana",
    " for Marcus",
    " but not the ones with Acme",
    ", then cancel them",
    " in Spanish",
    " without the notes",
    " if there are any",
    "\nand send it",
    " because I am late",
    " that matter",
  ];
  const before = [
    "Don't ",
    "Never ",
    "Tell Dana to ",
    "Remind me to ",
    "Why should I ",
    "He said: ",
    '"',
    "If I asked ",
  ];
  const cases = (await documented()).flatMap(([text]) => {
    const plain = text.replace(/[?.!]$/, "");
    return [...more.map((rest) => plain + rest), ...before.map((start) => start + plain)];
  });
  const taken = cases.filter((message) => routeMessage(message) !== null);
  deepStrictEqual(taken, []);
});

Deno.test("U60-083 the same message gives the same route, in microseconds", async () => {
  const messages = (await documented()).map(([text]) => text);
  const first = messages.map((message) => routeMessage(message));
  const started = performance.now();
  for (let round = 0; round < 20; round++) {
    deepStrictEqual(messages.map((message) => routeMessage(message)), first);
  }
  const each = (performance.now() - started) * 1_000 / (20 * messages.length);
  ok(each < 500, `${each} µs`);
  const nasty = [
    "show me ".repeat(19),
    "prep me for my next meeting ".repeat(5),
    `create ${"follow-".repeat(20)}ups`,
    " ".repeat(4_000),
    "x".repeat(4_000),
  ];
  const begin = performance.now();
  for (let round = 0; round < 100; round++) for (const text of nasty) routeMessage(text);
  ok(performance.now() - begin < 500);
});
