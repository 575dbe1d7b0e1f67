// Where a file stands in the project; most rules hold in some places only.

/** Path of a linted file from the project's root, with forward slashes. */
export function projectPath(filename: string): string {
  const path = filename.replaceAll("\\", "/");
  const match = /(?:^|\/)((?:shared|supabase|scripts|tests)\/.*)$/.exec(path);
  return match?.[1] ?? path;
}

/** Tests, beside their source or in tests/. */
export function isTest(path: string): boolean {
  return path.endsWith("_test.ts") || path.startsWith("tests/");
}

/** What is deployed: the domain and the functions, without their tests. */
export function isProduct(path: string): boolean {
  return /^(?:shared|supabase\/functions)\//.test(path) && !isTest(path);
}
