// Ends the database of a run that was killed, for those who need its port or its folder.

import { openDataFolder } from "./data_folder.ts";
import { clearLeftovers } from "./postmaster.ts";

/**
 * Stops the server that a killed run left in a folder.
 *
 * @param dataDir Folder of the database; it may be missing.
 * @returns Whether there was one.
 * @throws {StackError} When the server's own stack still runs, or it does not stop.
 */
export async function stopLeftServer(dataDir: string): Promise<boolean> {
  try {
    await Deno.stat(dataDir);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
  return await clearLeftovers(await openDataFolder(dataDir));
}
