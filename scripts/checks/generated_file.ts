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
  const text = file.path.endsWith(".md") ? await formatText(file.text, "md") : file.text;
  if (args.includes("--check")) {
    const current = await readIfThere(file.path);
    return current === text ? [] : [`${file.path} is not up to date; run ${file.command}`];
  }
  await Deno.mkdir(dirname(file.path), { recursive: true });
  await Deno.writeTextFile(file.path, text);
  return [];
}

/**
 * Formats a text as the project's files are.
 *
 * @param text The text.
 * @param extension What kind of file it is for.
 * @returns The formatted text.
 * @throws {Error} When it is not of that kind; with the formatter's words.
 */
export async function formatText(text: string, extension: "md" | "ts"): Promise<string> {
  return await runCommand(
    Deno.execPath(),
    ["fmt", "--no-config", "--line-width=100", `--ext=${extension}`, "-"],
    text,
  );
}

/**
 * Runs a command to its end.
 *
 * @param command The program.
 * @param args Its arguments.
 * @param input What it reads.
 * @returns What it wrote.
 * @throws {Error} When it fails; with its words.
 */
export async function runCommand(
  command: string,
  args: readonly string[],
  input = "",
): Promise<string> {
  const process = new Deno.Command(command, {
    args: [...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = process.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { success, stdout, stderr } = await process.output();
  if (!success) throw new Error(`${command} ${args[0]}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}
