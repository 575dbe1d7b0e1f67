import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { formatStoredPlace, parseStoredPlace } from "./stored_place.ts";

const uuid = fc.uuid();

Deno.test("a place that was written is read back", () => {
  fc.assert(
    fc.property(
      uuid,
      uuid,
      uuid,
      fc.constantFrom("video.mp4", "audio.flac"),
      (org, user, id, file) => {
        const place = {
          bucket: "sixty-development",
          key: `meeting-recordings/${org}/${user}/${id}/${file}`,
        };
        deepStrictEqual(parseStoredPlace(formatStoredPlace(place)), place);
      },
    ),
  );
});

Deno.test("what is no recording of ours is no place", () => {
  for (
    const text of [
      "",
      "https://bucket.test/meeting-recordings/a/video.mp4",
      "s3://bucket/other/a/video.mp4",
      "s3://bucket/meeting-recordings/a/../../secret",
      "s3://bucket/meeting-recordings/a video.mp4",
      "s3://Bucket/meeting-recordings/a",
      "s3:///meeting-recordings/a",
      "s3://bucket/meeting-recordings/a?versionId=1",
      "s3://bucket/meeting-recordings/a\n",
    ]
  ) strictEqual(parseStoredPlace(text), null, text);
});
