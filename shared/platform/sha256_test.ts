import { strictEqual } from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { sha256Hex } from "./sha256.ts";

Deno.test("sha256Hex() is what everybody else calls SHA-256, of text and of its bytes", async () => {
  strictEqual(
    await sha256Hex(""),
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  );
  await fc.assert(fc.asyncProperty(fc.string({ unit: "binary" }), async (text) => {
    const expected = createHash("sha256").update(text, "utf8").digest("hex");
    strictEqual(await sha256Hex(text), expected);
    strictEqual(await sha256Hex(new TextEncoder().encode(text)), expected);
  }));
});
