// Reading stored query trees.

import assert from "node:assert/strict";
import { readLineage } from "./view_lineage.ts";

Deno.test("readLineage() finds the origins of output columns, and only theirs", () => {
  const tree = "({QUERY :commandType 1 :rtable ({RANGETBLENTRY :subquery {QUERY :targetList " +
    "({TARGETENTRY :resno 1 :resorigtbl 999 :resorigcol 9 :resjunk false}) :override 0}}) " +
    ":targetList ({TARGETENTRY :expr {VAR :varno 1 :varattno 1} :resno 1 :resname id " +
    ":ressortgroupref 0 :resorigtbl 16386 :resorigcol 1 :resjunk false} {TARGETENTRY :expr " +
    "{CONST :constvalue 4 [ 1 0 ]} :resno 2 :resname odd\\ \\{name\\} :ressortgroupref 0 " +
    ":resorigtbl 0 :resorigcol 0 :resjunk false}) :override 0 :onConflict <>})";
  assert.deepEqual(readLineage(tree), [
    { viewColumn: 1, originTable: "16386", originColumn: 1 },
  ]);
});
