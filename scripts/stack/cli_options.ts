// The command line of the stack, as data.

import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { StackPorts } from "./contracts.ts";
import { freePorts, portsWithOffset } from "./ports.ts";
import { StackError } from "./postgres/stack_error.ts";

/** What can be asked of the command line. */
export const COMMANDS = ["start", "stop", "status", "reset"] as const;
/** One of {@link COMMANDS}. */
export type Command = (typeof COMMANDS)[number];

/** A parsed command line. */
export interface CliOptions {
  readonly command: Command;
  readonly projectDir: string;
  readonly dataDir: string;
  readonly portOffset: number;
  readonly hasFreePorts: boolean;
  readonly isDetached: boolean;
  /** Tests: leave, with the data, when standard input ends. */
  readonly isEphemeral: boolean;
  readonly isQuiet: boolean;
  readonly seed: boolean;
  readonly watch: boolean;
  readonly format: "text" | "json" | "env";
  /** Where to write the description once everything serves. */
  readonly describeTo: string | null;
}

const PROJECT_DIR = fileURLToPath(new URL("../../", import.meta.url));

/** What `--help` says. */
export const HELP = `deno task start [--detach] [--port-offset <n>] [--no-seed] [--no-watch]
deno task status [--json | --env]
deno task stop
deno task reset

  --detach             come back once everything serves; deno task stop ends it
  --port-offset <n>    move all five ports by n, to run beside another stack
  --data-dir <folder>  keep the data there instead of in .stack
  --no-seed            leave the database empty on its first boot
  --no-watch           do not reload functions when their sources change`;

/**
 * Reads the command line.
 *
 * @throws {StackError} When it makes no sense.
 */
export function parseCommandLine(args: readonly string[]): CliOptions {
  const { values, positionals } = parse(args);
  const command = COMMANDS.find((name) => name === positionals[0]);
  if (!command || positionals.length > 1) {
    throw new StackError(`Unknown command "${positionals.join(" ")}".`, HELP);
  }
  const portOffset = Number(values["port-offset"]);
  if (!Number.isInteger(portOffset) || portOffset < 0 || portOffset > 11_000) {
    throw new StackError(
      `"${values["port-offset"]}" is no port offset.`,
      "Give a whole number up to 11000, such as 1000.",
    );
  }
  const projectDir = resolve(values["project-dir"] ?? PROJECT_DIR);
  return {
    command,
    projectDir,
    dataDir: resolve(values["data-dir"] ?? join(projectDir, ".stack")),
    portOffset,
    hasFreePorts: values["free-ports"],
    isDetached: values.detach,
    isEphemeral: values.ephemeral,
    isQuiet: values.quiet,
    seed: !values["no-seed"],
    watch: !values["no-watch"],
    format: values.json ? "json" : values.env ? "env" : "text",
    describeTo: values["describe-to"] ?? null,
  };
}

/** The ports that a command line asks for. */
export function portsOf(options: CliOptions): StackPorts {
  return options.hasFreePorts ? freePorts() : portsWithOffset(options.portOffset);
}

// deno-lint-ignore explicit-function-return-type -- the options below are the type
function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        "project-dir": { type: "string" },
        "data-dir": { type: "string" },
        "port-offset": { type: "string", default: "0" },
        "free-ports": { type: "boolean", default: false },
        "describe-to": { type: "string" },
        detach: { type: "boolean", default: false },
        ephemeral: { type: "boolean", default: false },
        quiet: { type: "boolean", default: false },
        "no-seed": { type: "boolean", default: false },
        "no-watch": { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        env: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    throw new StackError(error instanceof Error ? error.message : String(error), HELP);
  }
}
