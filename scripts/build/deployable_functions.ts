// Which folders of supabase/functions the platform would deploy, by the platform's own rule.

/** A folder that becomes a deployed function. */
export interface DeployableFunction {
  readonly name: string;
  /** Absolute path of its `index.ts`. */
  readonly entrypoint: string;
}

const DEPLOYABLE_NAME = /^[A-Za-z][A-Za-z0-9_-]*$/;

/**
 * Lists the functions in name order: folders with a deployable name and an `index.ts`.
 *
 * @param functionsDir The project's `supabase/functions`.
 */
export async function deployableFunctions(functionsDir: string): Promise<DeployableFunction[]> {
  const found: DeployableFunction[] = [];
  for await (const entry of Deno.readDir(functionsDir)) {
    if (!entry.isDirectory || !DEPLOYABLE_NAME.test(entry.name)) continue;
    const entrypoint = `${functionsDir}/${entry.name}/index.ts`;
    if (await isFile(entrypoint)) found.push({ name: entry.name, entrypoint });
  }
  return found.sort((a, b) => a.name.localeCompare(b.name));
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
