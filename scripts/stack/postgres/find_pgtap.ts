// Where pgTAP comes from: Debian's package where it is installed, or what the project brings.

import { fileURLToPath } from "node:url";
import type { ExtensionFile } from "./server_tree.ts";

const DEBIAN_DIR = "/usr/share/postgresql/15/extension";
const STAND_IN = ["pgtap.control", "pgtap--1.2.0.sql"];

/**
 * Finds the files of pgTAP: the real ones of Debian's package, or the stand-in with the functions
 * that the project's tests use.
 */
export async function findPgtap(): Promise<ExtensionFile[]> {
  return await readDebian() ?? STAND_IN.map((name) => ({
    name,
    source: fileURLToPath(import.meta.resolve(`./extensions/pgtap/${name}`)),
  }));
}

async function readDebian(): Promise<ExtensionFile[] | null> {
  try {
    const control = await Deno.readTextFile(`${DEBIAN_DIR}/pgtap.control`);
    const version = control.match(/default_version\s*=\s*'([^']+)'/)?.[1];
    const script = `pgtap--${version}.sql`;
    await Deno.stat(`${DEBIAN_DIR}/${script}`);
    return ["pgtap.control", script].map((name) => ({ name, source: `${DEBIAN_DIR}/${name}` }));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}
