// Puts a word where a value is missing, so that no text goes out with `${…}` in it (U60-098).

const VARIABLE = /\$\{([^{}]*)\}/g;
/** Last names of a path → the word a reader expects there. */
const WORDS: Readonly<Record<string, string>> = {
  account: "account",
  amount: "amount",
  channel: "channel",
  company: "company",
  company_name: "company",
  competitor: "competitor",
  contact: "contact",
  contact_name: "contact",
  customer: "customer",
  date: "date",
  deal: "deal",
  deal_name: "deal",
  due_at: "due date",
  due_date: "due date",
  email: "email",
  first_name: "contact",
  full_name: "contact",
  last_name: "contact",
  lead: "lead",
  meeting: "meeting",
  meeting_title: "meeting",
  name: "contact",
  next_step: "next step",
  organization: "company",
  owner: "owner",
  person: "contact",
  product: "product",
  stage: "stage",
  subject: "subject",
  task: "task",
  time: "time",
  title: "title",
  topic: "topic",
};
/** What a name belongs to says more than the name: `company.name` is a company. */
const HOLDERS: ReadonlySet<string> = new Set([
  "account",
  "channel",
  "company",
  "competitor",
  "customer",
  "deal",
  "lead",
  "meeting",
  "organization",
  "owner",
  "product",
  "stage",
  "task",
]);

/**
 * Replaces every `${…}` that is left by a plain word.
 *
 * @param text `Task for ${name}`
 * @returns `Task for contact`; a variable that no word fits is taken out with its space.
 */
export function cleanUnresolvedVariables(text: string): string {
  let cleaned = text;
  // What is taken out may bring halves of another together; each round takes one `$` more.
  while (hasUnresolvedVariables(cleaned)) {
    cleaned = cleaned.replaceAll(VARIABLE, (_, path: string) => wordFor(path));
  }
  return cleaned === text ? text : tidy(cleaned);
}

/**
 * Says whether a text still has a `${…}` in it.
 *
 * @param text Any text.
 */
export function hasUnresolvedVariables(text: string): boolean {
  return text.search(VARIABLE) !== -1;
}

/**
 * Cleans every text in a value.
 *
 * @param value Plain data.
 */
export function cleanDeep(value: unknown): unknown {
  if (typeof value === "string") return cleanUnresolvedVariables(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(cleanDeep);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, cleanDeep(item)]));
}

function wordFor(path: string): string {
  const names = path.replaceAll(/\[\d*\]/g, "").split(".").map((name) =>
    name.trim().replaceAll(/([a-z])([A-Z])/g, "$1_$2").toLowerCase()
  );
  const last = names.at(-1) ?? "";
  const holder = (names.at(-2) ?? "").replace(/s$/, "");
  if (last === "name" && HOLDERS.has(holder)) {
    return Object.hasOwn(WORDS, holder) ? WORDS[holder] ?? holder : holder;
  }
  return Object.hasOwn(WORDS, last) ? WORDS[last] ?? "" : "";
}

function tidy(text: string): string {
  return text.replaceAll(/[^\S\n]+([,.;:!?])/g, "$1").replaceAll(/(\S)[^\S\n]{2,}(?=\S)/g, "$1 ")
    .replaceAll(/[^\S\n]+(?=\n|$)/g, "");
}
