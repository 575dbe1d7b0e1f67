// Which bytes of a file a request asks for (RFC 9110, section 14), as object stores understand it.

/** A part of a file. */
export interface ByteRange {
  readonly first: number;
  /** The last byte that belongs to it. */
  readonly last: number;
}

/**
 * Reads a Range header.
 *
 * @param header Its value.
 * @param size The file's length.
 * @returns The part; `whole` when the header is none that is understood, several ranges among them;
 * `unsatisfiable` when the file has no such bytes.
 */
export function readRange(
  header: string | null,
  size: number,
): ByteRange | "whole" | "unsatisfiable" {
  const [, from, to] = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? "") ?? [];
  if (from === undefined || to === undefined || (from === "" && to === "")) return "whole";
  if (from === "") {
    const length = Math.min(Number(to), size);
    return length === 0 ? "unsatisfiable" : { first: size - length, last: size - 1 };
  }
  if (to !== "" && Number(to) < Number(from)) return "whole";
  if (Number(from) >= size) return "unsatisfiable";
  return { first: Number(from), last: to === "" ? size - 1 : Math.min(Number(to), size - 1) };
}
