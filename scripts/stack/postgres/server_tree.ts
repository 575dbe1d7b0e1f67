// A PostgreSQL installation of the stack's own: the binary, links to everything that the original
// has, and the extensions that the stack adds. PostgreSQL 15 and 17 look for extensions beside
// their binary only, and neither node_modules nor a system folder is ours to write to.

import { dirname, join, relative } from "node:path";
import { readIfExists } from "./data_folder.ts";
import { StackError } from "./stack_error.ts";

/** An installation as it was found. */
export interface PostgresInstallation {
  readonly majorVersion: number;
  readonly initdb: string;
  readonly postgres: string;
  /** The folder with the libraries, `../lib` of the binary. */
  readonly libDir: string;
  /** The folder that has `extension/` in it. */
  readonly shareDir: string;
}

/** A control or script file to add to an installation. */
export type ExtensionFile =
  | { readonly name: string; readonly source: string }
  | { readonly name: string; readonly text: string };

/**
 * Builds the installation's twin, or leaves the one that is up to date.
 *
 * @param root Where to build it.
 * @param installation What to take the server from.
 * @param extensionFiles Control and script files to add, or to put in place of the original's.
 * @returns The path of the twin's `postgres`.
 */
export async function buildServerTree(
  root: string,
  installation: PostgresInstallation,
  extensionFiles: readonly ExtensionFile[],
): Promise<string> {
  const binDir = dirname(installation.postgres);
  // PostgreSQL finds its folders by their place relative to the binary, which must stay the same.
  const base = commonFolder(binDir, installation.shareDir);
  const twin = (path: string): string => join(root, relative(base, path));
  const postgres = twin(installation.postgres);
  const stamp = await describeSources(installation, extensionFiles);
  const stampFile = join(root, "stamp");
  const isBuilt = await readIfExists(stampFile) === stamp;
  if (isBuilt && await sizeOf(postgres) === await sizeOf(installation.postgres)) return postgres;

  await Deno.mkdir(root, { recursive: true });
  for await (const entry of Deno.readDir(root)) {
    await Deno.remove(join(root, entry.name), { recursive: true });
  }
  const shareDir = twin(installation.shareDir);
  await linkEntries(installation.shareDir, shareDir, new Set(["extension"]));
  await linkEntries(join(installation.shareDir, "extension"), join(shareDir, "extension"));
  for (const file of extensionFiles) {
    const target = join(shareDir, "extension", file.name);
    // Written as a new file: a link of the same name leads into the original installation.
    await Deno.remove(target).catch(ignoreMissing);
    const text = "text" in file ? file.text : await Deno.readTextFile(file.source);
    await Deno.writeTextFile(target, text);
  }
  await Deno.mkdir(dirname(postgres), { recursive: true });
  await Deno.symlink(installation.libDir, twin(installation.libDir));
  // A symbolic link would lead the server back to the original's folders.
  await Deno.copyFile(installation.postgres, postgres);
  await Deno.chmod(postgres, 0o755);
  await Deno.writeTextFile(stampFile, stamp);
  return postgres;
}

async function linkEntries(
  source: string,
  target: string,
  except: ReadonlySet<string> = new Set(),
): Promise<void> {
  await Deno.mkdir(target, { recursive: true });
  for await (const entry of Deno.readDir(source)) {
    if (!except.has(entry.name)) {
      await Deno.symlink(join(source, entry.name), join(target, entry.name));
    }
  }
}

// Changes when the server or one of the files does.
async function describeSources(
  installation: PostgresInstallation,
  extensionFiles: readonly ExtensionFile[],
): Promise<string> {
  const lines = [await describeFile(installation.postgres)];
  for (const file of extensionFiles) {
    lines.push(`${file.name} ${"text" in file ? file.text : await describeFile(file.source)}`);
  }
  return lines.join("\n");
}

async function describeFile(path: string): Promise<string> {
  try {
    const { size, mtime } = await Deno.stat(path);
    return `${path} ${size} ${mtime?.getTime()}`;
  } catch (cause) {
    throw new StackError(
      `A file of the database server is missing: ${path}`,
      "Run `deno install` in the project folder and start again.",
      { cause },
    );
  }
}

async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await Deno.stat(path)).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

function commonFolder(first: string, second: string): string {
  const firstParts = first.split("/");
  const secondParts = second.split("/");
  let length = 0;
  while (length < firstParts.length && firstParts[length] === secondParts[length]) length++;
  return firstParts.slice(0, length).join("/");
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
