// Prints what the database lets whom do now, in the form of expectations.json. Read every line of the
// difference before copying it: the file is the declaration, the database only the claim.
import { openDatabase } from "./support/database.ts";
import { prepareMatrix } from "./support/matrix.ts";

const runnerSql = await Deno.readTextFile(new URL("./support/runner.sql", import.meta.url));
await using database = await openDatabase();
const matrix = await prepareMatrix(database.client, runnerSql);
const tables: Record<string, unknown> = {};
for (const relation of matrix.relations) {
  tables[relation.name] = await matrix.expectationOf(relation);
}
console.log(JSON.stringify({ tables, functions: await matrix.routines() }, null, 2));
