// The project's own files: what is neither installed, built nor left by a running stack.
import { join, relative } from "node:path";

/** One file of the project. */
export interface SourceFile {
  /** Path from the project's root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

const SKIPPED = /^(?:node_modules|dist|coverage|\.git|\.stack.*|\.ci-cache)$/;

/**
 * Reads files of the project, in path order.
 *
 * @param projectDir The repository.
 * @param folders Where to look, from the root; what is not there is skipped.
 * @param extensions Endings of the names that count.
 * @returns The files.
 */
export async function sourceFiles(
  projectDir: string,
  folders: readonly string[],
  extensions: readonly string[],
): Promise<SourceFile[]> {
  const files: SourceFile[] = [];
  for (const folder of folders) {
    for await (const path of walk(join(projectDir, folder))) {
      if (!extensions.some((extension) => path.endsWith(extension))) continue;
      files.push({
        path: relative(projectDir, path).replaceAll("\\", "/"),
        text: await Deno.readTextFile(path),
      });
    }
  }
  return files.sort((a, b) => a.path < b.path ? -1 : 1);
}

async function* walk(folder: string): AsyncGenerator<string> {
  for (const entry of await entriesOf(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory && !SKIPPED.test(entry.name)) yield* walk(path);
    else if (entry.isFile) yield path;
  }
}

async function entriesOf(folder: string): Promise<Deno.DirEntry[]> {
  try {
    return await Array.fromAsync(Deno.readDir(folder));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
