import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { checkLanded, hashMigrations, readLanded } from "./check_landed_migrations.ts";
import { projectDir } from "./checks/project_dir.ts";

const ONE = "1".repeat(64);
const TWO = "2".repeat(64);
const LANDED = { "20260101_first.sql": ONE, "20260102_second.sql": TWO };

Deno.test("checkLanded() accepts what is as it was, and new migrations that sort after it", () => {
  deepStrictEqual(checkLanded(LANDED, LANDED), []);
  deepStrictEqual(checkLanded({ ...LANDED, "20260103_third.sql": ONE }, LANDED), []);
  deepStrictEqual(checkLanded(LANDED, {}), []);
});

Deno.test("checkLanded() finds a landed migration that changed, is gone or got a new name", () => {
  const changed = { ...LANDED, "20260101_first.sql": TWO };
  match(checkLanded(changed, LANDED).join(), /^20260101_first\.sql: has landed and was changed/);
  const renamed = { "20260101_first.sql": ONE, "20260109_second.sql": TWO };
  deepStrictEqual(checkLanded(renamed, LANDED), ["20260102_second.sql: has landed and is gone"]);
});

Deno.test("checkLanded() finds a new migration that landed databases have already passed", () => {
  match(
    checkLanded({ ...LANDED, "20260101_late.sql": ONE }, LANDED).join(),
    /20260101_late\.sql: is new and sorts before 20260102_second\.sql/,
  );
});

Deno.test("the project's own migrations are as they landed, the first ones among them", async () => {
  const landed = await readLanded(projectDir());
  ok(Object.keys(landed).length >= 27, `${Object.keys(landed).length} landed`);
  strictEqual(Object.keys(landed)[0], "20261122000000_foundation.sql");
  deepStrictEqual(checkLanded(await hashMigrations(projectDir()), landed), []);
});
