// The library: every document that ships, in every version that an organization may still be held at.
import type { SkillDocument } from "./document.ts";
import { LIBRARY_ENTRIES } from "./library.generated.ts";

/** A document of the library. */
export interface LibraryEntry {
  readonly document: SkillDocument;
  /** SHA-256 of the document's text, in hex. */
  readonly sha256: string;
}

/** Everything, by key and then version. */
export const LIBRARY: readonly LibraryEntry[] = LIBRARY_ENTRIES;

/**
 * Finds a document.
 *
 * @param key Its key.
 * @param version The version; the newest where this is missing or is not there any more.
 * @returns The document; null where there is none of that key.
 */
export function findInLibrary(key: string, version: number | null = null): LibraryEntry | null {
  const versions = LIBRARY.filter(({ document }) => document.key === key);
  return versions.find(({ document }) => document.version === version) ?? versions.at(-1) ?? null;
}

/** Keys of all documents, each once, in order. */
export function libraryKeys(): string[] {
  return [...new Set(LIBRARY.map(({ document }) => document.key))];
}
