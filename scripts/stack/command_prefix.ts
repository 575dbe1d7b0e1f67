// How the reader of a message runs a task: with their own Deno, or through npx when they have none.

const PINNED = "npx --yes deno@2.9.6 task";

/**
 * The words before a task's name that work in the reader's shell.
 *
 * @param path The search path of this process.
 */
export function commandPrefix(path: string = Deno.env.get("PATH") ?? ""): string {
  // npx puts its own copy on the path of what it runs, and the reader's shell does not have that.
  const folders = path.split(":").filter((folder) =>
    folder && !folder.includes("/_npx/") && !folder.includes("/node_modules/")
  );
  return folders.some(hasDeno) ? "deno task" : PINNED;
}

/** Writes a message's commands in the form that works for its reader. */
export function withCommandPrefix(message: string): string {
  return message.replaceAll("deno task", commandPrefix());
}

function hasDeno(folder: string): boolean {
  try {
    return Deno.statSync(`${folder}/deno`).isFile;
  } catch {
    return false;
  }
}
