// Tells which functions have to be loaded anew when a source file changes.

import { join, relative, sep } from "node:path";

/** A running watch. */
export interface SourceWatch {
  close(): void;
}

const DEBOUNCE_MS = 60;
const IGNORED = /(_test\.tsx?|\.test\.sql|~|\.swp|\.tmp|\/deno\.lock)$/;
const SHARED_FILES = ["deno.json", "import_map.json", join("supabase", "config.toml")];

/**
 * Watches a project's sources.
 *
 * @param projectDir The folder that holds `supabase/`.
 * @param onChange Called with the functions that changed, or with `null` when it may be any of them.
 */
export function watchSources(
  projectDir: string,
  onChange: (slugs: ReadonlySet<string> | null) => void,
): SourceWatch {
  const watcher = Deno.watchFs(watchedPaths(projectDir));
  let changed: Set<string> | null = new Set();
  let timer: ReturnType<typeof setTimeout> | undefined;

  function flush(): void {
    const slugs = changed;
    changed = new Set();
    onChange(slugs);
  }
  async function follow(): Promise<void> {
    for await (const event of watcher) {
      if (event.kind === "access") continue;
      const paths = event.paths.filter((path) => !IGNORED.test(path));
      if (paths.length === 0) continue;
      for (const path of paths) changed = withChange(changed, slugOf(projectDir, path));
      clearTimeout(timer);
      timer = setTimeout(flush, DEBOUNCE_MS);
    }
  }
  void follow();
  return {
    close() {
      clearTimeout(timer);
      watcher.close();
    },
  };
}

function watchedPaths(projectDir: string): string[] {
  return [join("supabase", "functions"), "shared", ...SHARED_FILES]
    .map((path) => join(projectDir, path))
    .filter((path) => {
      try {
        Deno.statSync(path);
        return true;
      } catch (error) {
        if (error instanceof Deno.errors.NotFound) return false;
        throw error;
      }
    });
}

function withChange(changed: Set<string> | null, slug: string | null): Set<string> | null {
  if (changed === null || slug === null) return null;
  return changed.add(slug);
}

/** The function that owns a path, or `null` when several may depend on it. */
function slugOf(projectDir: string, path: string): string | null {
  const [folder, ...rest] = relative(join(projectDir, "supabase", "functions"), path).split(sep);
  if (!folder || folder === ".." || folder.startsWith("_") || rest.length === 0) return null;
  return folder;
}
