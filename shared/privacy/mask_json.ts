// Masks card numbers in a document of unknown form, such as a provider's webhook. Texts that stand at
// the same place of neighbouring items (`utterances[].text`, `words[].word`) are one conversation.
import { mayHoldCardNumber } from "./may_hold_card_number.ts";
import { maskPieces } from "./mask_pieces.ts";
import { readSpeaker } from "./mask_card_numbers.ts";
import type { Piece } from "./number_token.ts";
import { findWord } from "./card_words.ts";

/** Whole values that are a name for a thing: never text, and useless when changed. */
const OPAQUE =
  /^(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[a-z][a-z0-9+.-]{1,20}:\/\/\S+|\d{4}-\d\d-\d\d[T ][\d:.,+Z -]{5,24})$/i;
const OPAQUE_MAX_LENGTH = 20_000;
/** What is in it is short, and secret by its name alone. */
const SECRET_NAME = /cv[vc]/i;
const LABEL_MAX_LENGTH = 60;
const ID_ENDINGS: ReadonlySet<string> = new Set([
  "id",
  "ids",
  "uuid",
  "guid",
  "number",
  "ref",
  "reference",
]);
const CARD_MIN = 10 ** 12;
const CARD_MAX = 10 ** 19;

/** A container on the way to a text, and its changed copy once there is one. */
interface Frame {
  readonly source: object;
  readonly parent: Frame | null;
  readonly key: string;
  copy: Record<string, unknown> | null;
}

/** Places of the same form: what differs is only which item of a list. */
interface Place {
  readonly children: Map<string, Place>;
  /** The nearest key above it. */
  readonly name: string;
  readonly texts: { frame: Frame; key: string }[];
  readonly pieces: Piece[];
}

interface Visit {
  readonly frame: Frame;
  readonly place: Place;
  readonly speaker: string | null;
}

/**
 * Masks card numbers in every text of a document, however deep, also those that are spread over
 * neighbours in a list. Keys, ids, addresses and times keep their values.
 *
 * @param value A parsed JSON value of any depth; it is not changed.
 * @returns The same value when nothing was found, else a copy of what had to change. Numbers that are
 * card numbers become text.
 */
export function maskJson(value: unknown): unknown {
  const root: Frame = { source: [value], parent: null, key: "", copy: null };
  const places = collect(root);
  for (const { name, pieces, texts } of places) {
    if (!SECRET_NAME.test(name) && !mayHoldCardNumber(pieces)) continue;
    const label = labelOf(name);
    const labelled = label === undefined ? pieces : pieces.map((piece) => ({ ...piece, label }));
    for (const [index, text] of maskPieces(labelled)) {
      const target = texts[index];
      if (target !== undefined) set(copyOf(target.frame), target.key, text);
    }
  }
  return root.copy === null ? value : root.copy["0"];
}

/** Walks without recursion: depth is the sender's choice. */
function collect(root: Frame): Place[] {
  const places: Place[] = [];
  const visits: Visit[] = [{ frame: root, place: newPlace(""), speaker: null }];
  while (true) {
    const visit = visits.pop();
    if (visit === undefined) return places;
    const { frame, place } = visit;
    const isList = Array.isArray(frame.source);
    const speaker = isList ? visit.speaker : readSpeaker(frame.source) ?? visit.speaker;
    const inner: Visit[] = [];
    for (const [key, child] of Object.entries(frame.source)) {
      if (typeof child === "object" && child !== null) {
        const next = childPlace(place, key, isList);
        inner.push({
          frame: { source: child, parent: frame, key, copy: null },
          place: next,
          speaker,
        });
        continue;
      }
      const text = textOf(child);
      if (text === null) continue;
      const next = childPlace(place, key, isList);
      if (next.pieces.length === 0) places.push(next);
      next.pieces.push({ text, speaker });
      next.texts.push({ frame, key });
    }
    // The first child is visited next, so that texts come in the document's order
    while (inner.length > 0) {
      const last = inner.pop();
      if (last !== undefined) visits.push(last);
    }
  }
}

function textOf(value: unknown): string | null {
  if (typeof value === "string") {
    return value === "" || value.length < OPAQUE_MAX_LENGTH && OPAQUE.test(value) ? null : value;
  }
  const isLong = typeof value === "number" && value >= CARD_MIN && value < CARD_MAX;
  return isLong && Number.isInteger(value) ? String(value) : null;
}

function childPlace(place: Place, key: string, isList: boolean): Place {
  const name = isList || /^\d+$/.test(key) ? "[]" : key;
  const known = place.children.get(name);
  if (known !== undefined) return known;
  const made = newPlace(name === "[]" ? place.name : name);
  place.children.set(name, made);
  return made;
}

function newPlace(name: string): Place {
  return { children: new Map(), name, texts: [], pieces: [] };
}

/** `order_id` and `cardNumber` say what their value is; `text` and `message` do not. */
function labelOf(key: string): string | undefined {
  if (key.length > LABEL_MAX_LENGTH) return undefined;
  const words = key.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase().split(/[^a-z0-9]+/);
  const roles = words.map((word) => findWord(word)?.role);
  const isCard = roles.some((role) => role === "card" || role === "brand" || role === "secret");
  const isId = roles.includes("label") && ID_ENDINGS.has(words.at(-1) ?? "");
  return isCard || isId ? words.join(" ") : undefined;
}

function copyOf(frame: Frame): Record<string, unknown> {
  if (frame.copy !== null) return frame.copy;
  const made: Record<string, unknown> = copyContainer(frame.source);
  frame.copy = made;
  let child = frame;
  while (child.parent !== null) {
    const { parent } = child;
    const isCopied = parent.copy !== null;
    parent.copy ??= copyContainer(parent.source);
    set(parent.copy, child.key, child.copy);
    if (isCopied) break;
    child = parent;
  }
  return made;
}

/** A list stays a list: its indexes are its keys. */
function copyContainer(source: object): Record<string, unknown> {
  const copy: object = Array.isArray(source) ? source.slice() : { ...source };
  return copy as Record<string, unknown>;
}

/** Defined, not assigned, so that a key named `__proto__` stays a key. */
function set(container: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(container, key, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}
