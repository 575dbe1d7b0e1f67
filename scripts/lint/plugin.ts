// The project's own lint rules: what would otherwise be review remarks. Loaded by deno.json.
import {
  noClientElsewhere,
  noClosedTables,
  noSelectStar,
  noUnregisteredService,
} from "./rules/database_access.ts";
import { noDoubleCast, noThen, shortFunctions, testNames } from "./rules/form.ts";
import { noConsole, noEnvironment, noModuleState } from "./rules/surroundings.ts";

const plugin: Deno.lint.Plugin = {
  name: "sixty",
  rules: {
    "no-client-elsewhere": noClientElsewhere,
    "no-closed-tables": noClosedTables,
    "no-console": noConsole,
    "no-double-cast": noDoubleCast,
    "no-environment": noEnvironment,
    "no-module-state": noModuleState,
    "no-select-star": noSelectStar,
    "no-then": noThen,
    "no-unregistered-service": noUnregisteredService,
    "short-functions": shortFunctions,
    "test-names": testNames,
  },
};

export default plugin;
