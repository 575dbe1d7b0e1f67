// Runs the storage server as a process of its own, until its standard input closes.
//
//   deno run -A scripts/stack/storage/main.ts --port 54330 --data-dir .stack/storage \
//     [--region us-east-1] [--bucket recordings …]
//
// The key pair comes from STORAGE_ACCESS_KEY_ID and STORAGE_SECRET_ACCESS_KEY, so that it is not in
// the process list. The first line on standard output is `{"url": …}`, once it serves.
import { parseArgs } from "node:util";
import { serveStorage } from "./server.ts";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "54330" },
    "data-dir": { type: "string" },
    region: { type: "string", default: "us-east-1" },
    bucket: { type: "string", multiple: true, default: [] },
  },
});
const accessKeyId = Deno.env.get("STORAGE_ACCESS_KEY_ID");
const secretAccessKey = Deno.env.get("STORAGE_SECRET_ACCESS_KEY");
const dataDir = values["data-dir"];
if (accessKeyId === undefined || secretAccessKey === undefined || dataDir === undefined) {
  console.error(
    "Cannot start storage: --data-dir, STORAGE_ACCESS_KEY_ID and STORAGE_SECRET_ACCESS_KEY are needed",
  );
  Deno.exit(2);
}
const server = await serveStorage({
  port: Number(values.port),
  dataDir,
  region: values.region,
  buckets: values.bucket,
  credentials: { accessKeyId, secretAccessKey },
});
console.log(JSON.stringify({ url: server.url }));
for await (const _ of Deno.stdin.readable);
// Whoever started this process is gone, and with it everybody who could still be served.
Deno.exit(0);
