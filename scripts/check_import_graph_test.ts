import { deepStrictEqual, match } from "node:assert/strict";
import { checkStartGraph, startGraph } from "./check_import_graph.ts";

const GRAPH = {
  roots: ["file:///index.ts"],
  modules: [
    {
      specifier: "file:///index.ts",
      dependencies: [
        { code: { specifier: "file:///app.ts" } },
        { code: { specifier: "npm:zod@4.6.7" } },
      ],
    },
    {
      specifier: "file:///app.ts",
      dependencies: [
        { code: { specifier: "npm:/@supabase/server@1.8.1/core" }, isDynamic: true },
        { code: { specifier: "file:///lazy.ts" }, isDynamic: true },
        {},
        { code: { specifier: "npm:/@supabase/postgrest-js@2.119.1" } },
        { code: { specifier: "file:///index.ts" } },
      ],
    },
    {
      specifier: "file:///lazy.ts",
      dependencies: [{ code: { specifier: "npm:@aws-sdk/client-s3@3" } }],
    },
  ],
};

Deno.test("startGraph() follows what runs at start, not types and not what is imported on demand", () => {
  const { files, packages } = startGraph(GRAPH);
  deepStrictEqual([...files].sort(), ["file:///app.ts", "file:///index.ts"]);
  deepStrictEqual([...packages].sort(), ["@supabase/postgrest-js", "zod"]);
});

Deno.test("checkStartGraph() finds packages that are not on the list, and too many files", () => {
  deepStrictEqual(checkStartGraph("notes", startGraph(GRAPH)), []);
  const heavy = { files: new Set<string>(), packages: new Set(["@supabase/supabase-js"]) };
  match(checkStartGraph("notes", heavy).join(), /loads @supabase\/supabase-js at start/);
  const many = {
    files: new Set(Array.from({ length: 81 }, (_, index) => String(index))),
    packages: new Set<string>(),
  };
  match(checkStartGraph("notes", many).join(), /81 files/);
});
