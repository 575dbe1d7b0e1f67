// What every room of a stack stands on: settings, keys, the claimed data folder and free ports.

import { join, resolve } from "node:path";
import type { Progress, StackKeys, StackPorts } from "./contracts.ts";
import { stopLeftServer } from "./postgres/left_server.ts";
import { requireFreePorts } from "./ports.ts";
import {
  type ProjectConfig,
  readDotEnv,
  readProjectConfig,
  requireDevelopment,
} from "./project_settings.ts";
import { claimDataDir, type StackClaim } from "./stack_state.ts";
import { startWarden, type Warden } from "./warden.ts";

/** How to start a stack. */
export interface StackOptions {
  /** The folder that holds `supabase/`. */
  readonly projectDir: string;
  /** Where the stack keeps its data; made when missing, resumed when not. */
  readonly dataDir: string;
  readonly ports: StackPorts;
  readonly onProgress?: Progress;
  /** Whether the first boot seeds the database; it does, by default. */
  readonly seed?: boolean;
  /** Whether changed function sources are loaded as they change; they are, by default. */
  readonly watch?: boolean;
  /** Rounds of new password hashes, as a power of two; those of the hosted service by default. */
  readonly passwordCost?: number;
  /** Told what a person at the keyboard should see after the start. */
  readonly onTrouble?: (message: string) => void;
}

/** The ground of one stack. */
export interface Foundation {
  readonly options: StackOptions;
  readonly config: ProjectConfig;
  readonly settings: Readonly<Record<string, string>>;
  readonly keys: StackKeys;
  readonly claim: StackClaim;
  readonly warden: Warden;
  readonly url: string;
  readonly issuer: string;
  readonly logDir: string;
}

/**
 * Claims the data folder and gathers what the rooms need.
 *
 * @param cleanup Gets what has to be undone, in reverse order.
 * @throws {StackError} When the stack may not or can't run here.
 */
export async function layFoundation(
  options: StackOptions,
  cleanup: AsyncDisposableStack,
): Promise<Foundation> {
  const projectDir = resolve(options.projectDir);
  const dataDir = resolve(options.dataDir);
  const settings = await readDotEnv(projectDir);
  requireDevelopment([Deno.env.get("SIXTY_ENVIRONMENT"), settings["SIXTY_ENVIRONMENT"]]);
  const config = await readProjectConfig(projectDir);
  const claim = await claimDataDir(dataDir);
  cleanup.defer(() => claim.release());
  if (await stopLeftServer(join(dataDir, "database"))) {
    options.onProgress?.("Stopped the database of a killed run");
  }
  await requireFreePorts(options.ports);
  const logDir = join(dataDir, "logs");
  await Deno.mkdir(logDir, { recursive: true });
  const { loadOrCreateKeys } = await import("./auth/keys.ts");
  const keys = await loadOrCreateKeys(join(dataDir, "keys.json"));
  const warden = startWarden();
  cleanup.defer(() => warden.close());
  const url = `http://127.0.0.1:${options.ports.gateway}`;
  return {
    options: { ...options, projectDir, dataDir },
    config,
    settings,
    keys,
    claim,
    warden,
    url,
    issuer: `${url}/auth/v1`,
    logDir,
  };
}
