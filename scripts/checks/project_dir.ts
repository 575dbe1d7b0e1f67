// Where the project is, for commands that are run from anywhere in it.
import { fileURLToPath } from "node:url";

/**
 * The repository that these scripts belong to.
 *
 * @returns Its absolute path, without a slash at the end.
 */
export function projectDir(): string {
  return fileURLToPath(new URL("../../", import.meta.url)).replace(/[\\/]$/, "");
}
