import { ok, strictEqual } from "node:assert/strict";
import { isProcessGone } from "./process_gone.ts";

Deno.test({
  name: "isProcessGone() knows a process that ends between the opening of its file and the reading",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const child = new Deno.Command("sleep", { args: ["60"] }).spawn();
    using file = await Deno.open(`/proc/${child.pid}/stat`);
    child.kill("SIGKILL");
    await child.status;
    const error = await file.read(new Uint8Array(10)).then(() => null, (cause) => cause);
    ok(error instanceof Error);
    strictEqual(isProcessGone(error), true, error.message);
  },
});

Deno.test("isProcessGone() takes no other failure for one", () => {
  strictEqual(isProcessGone(new Deno.errors.NotFound("gone")), true);
  strictEqual(isProcessGone(new Deno.errors.PermissionDenied("no")), false);
  strictEqual(isProcessGone("No such process"), false);
});
