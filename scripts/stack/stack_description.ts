// How a running stack is found and entered: what `status` prints and what tests connect with.

import { z } from "zod";

const port = z.number().int().positive();

/** Shape of a stack's description, as it stands in files. */
export const stackDescription = z.object({
  pid: z.number().int(),
  projectDir: z.string(),
  dataDir: z.string(),
  /** Base URL of the gateway. */
  url: z.string(),
  ports: z.object({
    gateway: port,
    database: port,
    storage: port,
    providers: port,
    cron: port,
  }),
  publishableKey: z.string(),
  secretKey: z.string(),
  cronKey: z.string(),
  /** Connection strings, by role. */
  databaseUrls: z.object({
    supabase_admin: z.string(),
    postgres: z.string(),
    authenticator: z.string(),
  }),
  storage: z.object({
    url: z.string(),
    accessKeyId: z.string(),
    secretAccessKey: z.string(),
  }),
  providersUrl: z.string(),
  cronUrl: z.string(),
});

/** Everything needed to use a running stack. */
export type StackDescription = z.infer<typeof stackDescription>;

/**
 * Reads a description from a file.
 *
 * @throws {z.ZodError} When the file holds something else.
 */
export async function readDescription(path: string): Promise<StackDescription> {
  return stackDescription.parse(JSON.parse(await Deno.readTextFile(path)));
}
