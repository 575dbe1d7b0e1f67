import { rejects, strictEqual } from "node:assert/strict";
import { type Artifact, ArtifactError, readArtifactText } from "./fetch_artifact.ts";

/** A file whose body brings these pieces, and then breaks off if it is to. */
function artifact(pieces: readonly string[], totalBytes: number | null, isCut = false): Artifact {
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      for (const piece of pieces) {
        controller.enqueue(Uint8Array.from(piece, (letter) => letter.charCodeAt(0)));
      }
      if (isCut) controller.error(new TypeError("connection lost"));
      else controller.close();
    },
  });
  return { body, offset: 0, totalBytes, etag: null, contentType: "application/json" };
}

async function failsAs(reading: Promise<string>, failure: ArtifactError["failure"]): Promise<void> {
  await rejects(
    reading,
    (error) => error instanceof ArtifactError && (strictEqual(error.failure, failure), true),
  );
}

Deno.test("R-11 a small file is read whole, letters that two pieces share included", async () => {
  strictEqual(await readArtifactText(artifact(["J\xc3", "\xb6rg"], 5), 5), "Jörg");
});

Deno.test("R-11 a file that is longer than it said is read no further than it may be", async () => {
  await failsAs(readArtifactText(artifact(["12345", "6"], 5), 5), "too_large");
  await failsAs(readArtifactText(artifact(["12345", "6"], null), 5), "too_large");
});

Deno.test("R-11 a connection that breaks may hold later; bytes that are no text never become one", async () => {
  await failsAs(readArtifactText(artifact([], 100, true), 500), "unavailable");
  await failsAs(readArtifactText(artifact(["\xff\xfe"], 2), 500), "malformed_answer");
});
