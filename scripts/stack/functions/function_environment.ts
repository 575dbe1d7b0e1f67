// The variables that a function sees: what the platform injects, the project's own secrets, and
// nothing of the machine that it runs on.

// The platform keeps these of its own process from functions.
const MACHINE_VARIABLES = new Set(["HOME", "HOSTNAME", "PATH", "PWD"]);
const INTERNAL_PREFIX = "SUPABASE_INTERNAL_";

/**
 * Makes the environment of one function.
 *
 * @param variables What the stack injects and the project's settings; nothing else is inherited.
 * @param slug The function's name, as `SUPABASE_FUNCTION_SLUG`.
 */
export function functionEnvironment(
  variables: Readonly<Record<string, string>>,
  slug: string,
): Record<string, string> {
  const allowed = Object.entries(variables).filter(([name]) =>
    !MACHINE_VARIABLES.has(name) && !name.startsWith(INTERNAL_PREFIX)
  );
  return { ...Object.fromEntries(allowed), SUPABASE_FUNCTION_SLUG: slug };
}
