// Files that are made from other files: written, or compared with what they would be.
import { dirname } from "node:path";
import type { Finding } from "./report_findings.ts";

/** A file as it should be. */
export interface GeneratedFile {
  readonly path: string;
  readonly text: string;
  /** The command that makes it. */
  readonly command: string;
}

/**
 * Writes the file, or with `--check` among the arguments only compares it.
 *
 * @param file The file as it should be.
 * @param args Arguments of the command.
 * @returns A finding when the file on disk differs and was not to be written.
 */
export async function writeOrCheck(
  file: GeneratedFile,
  args: readonly string[] = Deno.args,
): Promise<Finding[]> {
  if (args.includes("--check")) {
    const current = await readIfThere(file.path);
    return current === file.text ? [] : [`${file.path} is not up to date; run ${file.command}`];
  }
  await Deno.mkdir(dirname(file.path), { recursive: true });
  await Deno.writeTextFile(file.path, file.text);
  return [];
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}
