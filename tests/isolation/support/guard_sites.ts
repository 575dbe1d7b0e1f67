// Finds the guards in the body of a PL/pgSQL function: what raises, what asks for a permission, what
// returns early, and the terms of a condition that keep a lease, a state or a person apart.

/** A guard and how to take it out. */
export interface GuardSite {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

const RAISE = /\braise\s+(?:exception|sqlstate)\b[^;]*;/gi;
const MESSAGE = /message\s*=\s*'([^']*)'/i;
const ASKED = /\bperform\s+private\.((?:require|assert)_\w+|manage_member)\([^;]*?\);/gi;
const ASSIGNED = /:=\s*(private\.(?:require_permission|require_org|manage_member)\(([^;()]*)\))/gi;
const EARLY_RETURN = /\bif\s+(?:(?!\bthen\b)[^;])+?\bthen\s+(return\b[^;]*;)\s+end\s+if;/gi;
/** Terms worth losing: leases, states, times, people. Joins and organizations are the matrix's. */
const FENCE =
  /worker|locked|leased?_|_until|expires|status|state\b|confirmed|deleted_at|not_after|attempts|user_id|is_anonymous|email\s*=|role\b/i;
const TERM_END =
  /^(?:and|or|order|group|returning|limit|for|on|union|then|loop|having|join|left|from|where|when|end|else|offset|filter|do|using|into|set)\b/i;

/** Every guard of a body, in order. */
export function guardsIn(source: string): GuardSite[] {
  const sites = [
    ...raises(source),
    ...permissions(source),
    ...earlyReturns(source),
    ...fences(source),
  ];
  // A second one of the same name has a name of its own, or a reason for the one would excuse the other.
  const seen = new Map<string, number>();
  return sites.sort((a, b) => a.start - b.start).map((found) => {
    const count = (seen.get(found.name) ?? 0) + 1;
    seen.set(found.name, count);
    return count === 1 ? found : { ...found, name: `${found.name} (${count})` };
  });
}

function raises(source: string): GuardSite[] {
  return [...source.matchAll(RAISE)].map((match) => {
    const message = MESSAGE.exec(match[0])?.[1];
    return site(match, `raise ${message ?? shorten(match[0])}`, "null;");
  });
}

function permissions(source: string): GuardSite[] {
  return [
    ...[...source.matchAll(ASKED)].map((match) => site(match, shorten(match[0]), "null;")),
    ...[...source.matchAll(ASSIGNED)].map((match) => {
      const [whole, call = "", argument = ""] = match;
      const start = match.index + whole.indexOf(call);
      return {
        name: call,
        start,
        end: start + call.length,
        replacement: call.startsWith("private.require_org")
          ? `coalesce(${argument}, (select p.active_org_id from public.profiles as p where p.id = private.current_user_id()))`
          : "private.current_user_id()",
      };
    }),
  ];
}

function earlyReturns(source: string): GuardSite[] {
  return [...source.matchAll(EARLY_RETURN)].map((match) =>
    site(match, `return early ${shorten(match[0].replace(/\bthen\b[\s\S]*/i, ""))}`, "")
  );
}

/** Terms after `where` or `and`, outside of quotes and comments, that say whose or when. */
function fences(source: string): GuardSite[] {
  const code = blankOut(source);
  return [...code.matchAll(/\b(where|and)\s+/gi)].flatMap((match): GuardSite[] => {
    const start = match.index + match[0].length;
    const end = endOfTerm(code, start);
    const term = source.slice(start, end).trim();
    const before = code.slice(Math.max(0, match.index - 80), match.index);
    const isBetween = /\bbetween\s+[^\s]+(?:\s*\([^)]*\))?\s*$/i.test(before);
    if (term === "" || isBetween || !FENCE.test(term) || isJoin(term)) return [];
    return [{ name: `without ${shorten(term)}`, start, end, replacement: "true " }];
  });
}

function endOfTerm(code: string, start: number): number {
  let depth = 0;
  for (let index = start; index < code.length; index++) {
    const character = code[index];
    if (character === "(") depth++;
    if (character === ")" && --depth < 0) return index;
    if (depth > 0) continue;
    if (character === ";" || character === ",") return index;
    const isWordStart = /\w/.test(character ?? "") && !/\w/.test(code[index - 1] ?? " ");
    if (index > start && isWordStart && TERM_END.test(code.slice(index, index + 12))) return index;
  }
  return code.length;
}

/** `a.x = b.y`, as in a join: losing it is not losing a guard. */
function isJoin(term: string): boolean {
  return /^[a-z_]+\.\w+\s*=\s*(?!p_|v_)[a-z]\w*\.\w+$/i.test(term) && !/\bexcluded\b/.test(term);
}

/** Replaces what stands in quotes and comments by spaces; every position stays where it is. */
function blankOut(source: string): string {
  return source
    .replace(/'(?:[^']|'')*'|--[^\n]*/g, (text) => " ".repeat(text.length))
    .replace(/\bdistinct from\b/gi, "distinct_from");
}

function site(match: RegExpMatchArray, name: string, replacement: string): GuardSite {
  const start = match.index ?? 0;
  return { name, start, end: start + match[0].length, replacement };
}

function shorten(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > 70 ? `${line.slice(0, 67)}…` : line;
}
