// The stack's command line: start, stop, status, reset. Run it through the tasks in deno.json.

import { parseCommandLine } from "./cli_options.ts";
import { withCommandPrefix } from "./command_prefix.ts";
import { requireOwnFolder } from "./stack_state.ts";

async function main(): Promise<number> {
  const options = parseCommandLine(Deno.args);
  await requireOwnFolder(options.dataDir);
  switch (options.command) {
    case "start": {
      const { startCommand, startDetached } = await import("./start_command.ts");
      return await (options.isDetached ? startDetached(options) : startCommand(options));
    }
    case "stop":
      return await (await import("./running_commands.ts")).stopCommand(options);
    case "status":
      return await (await import("./running_commands.ts")).statusCommand(options);
    case "reset":
      return await (await import("./running_commands.ts")).resetCommand(options);
  }
}

/** Prints what a person can act on; anything else is a defect and keeps its trace. */
function printFailure(error: unknown): void {
  if (error instanceof Error && "wayOut" in error && typeof error.wayOut === "string") {
    console.error(withCommandPrefix(`\n${error.message}\n\n${error.wayOut}`));
  } else {
    console.error(error);
    console.error(withCommandPrefix(
      "\nThis was not expected. Had files of the data folder been changed or cut off, start over with: deno task reset",
    ));
  }
}

try {
  Deno.exit(await main());
} catch (error) {
  printFailure(error);
  Deno.exit(1);
}
