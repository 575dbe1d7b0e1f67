// Changes each number, name and date of a panel, one at a time: what a check of faithfulness is
// graded by.

/** A panel with one value changed. */
export interface Corruption {
  readonly path: string;
  readonly panel: unknown;
}

const KEPT = /(?:^|\.)(?:type|version|status|kind|key|priority|time_zone|time)$/;
const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;
const ENUM = /^[a-z]+(?:_[a-z]+)*$/;

/**
 * Makes every change.
 *
 * @param panel A panel.
 */
export function corruptions(panel: unknown): Corruption[] {
  return leavesOf(panel, "").flatMap(({ path, value, put }) => {
    const changed = KEPT.test(path) ? null : change(value);
    return changed === null ? [] : [{ path, panel: put(changed) }];
  });
}

interface Leaf {
  readonly path: string;
  readonly value: unknown;
  put(changed: unknown): unknown;
}

function leavesOf(value: unknown, path: string): Leaf[] {
  if (Array.isArray(value)) {
    return value.flatMap((item, index) =>
      leavesOf(item, `${path}[${index}]`).map((leaf): Leaf => ({
        ...leaf,
        put: (changed) => value.with(index, leaf.put(changed)),
      }))
    );
  }
  if (typeof value === "object" && value !== null) {
    return Object.entries(value).flatMap(([key, item]) =>
      leavesOf(item, path === "" ? key : `${path}.${key}`).map((leaf): Leaf => ({
        ...leaf,
        put: (changed) => ({ ...value, [key]: leaf.put(changed) }),
      }))
    );
  }
  return [{ path, value, put: (changed) => changed }];
}

/** Null for what is neither a number nor a date, and no name is in it. */
function change(value: unknown): unknown {
  if (typeof value === "number") return value + 7_919;
  if (typeof value !== "string" || value === "") return null;
  // An id is no fact; a wrong one finds no row, and the values beside it trace to nothing
  if (UUID.test(value) || ENUM.test(value)) return null;
  if (/^\d{4}-\d{2}-\d{2}/.test(value)) {
    return value.replace(/^\d{4}/, (year) => `${Number(year) + 7}`);
  }
  if (/^https?:/.test(value)) return "https://zorblat.test/";
  const named = /\p{Lu}[\p{L}'-]*/u;
  return named.test(value) ? value.replace(named, "Zorblatova") : `${value} 7919`;
}
