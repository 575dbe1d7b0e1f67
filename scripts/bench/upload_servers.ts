// The two ends of a measured upload, each a process of its own, as cheap as can be: one makes bytes up,
// the other forgets them. It speaks as much of S3 as an upload needs.
//
//   deno run -A scripts/bench/upload_servers.ts source|sink [<folder with cert.pem and key.pem>]
//
// The first line on standard output is {"url": …}; it ends when its input does.

const BLOCK = crypto.getRandomValues(new Uint8Array(65_536));
const [role = "", tlsDir] = Deno.args;

/** Answers `?bytes=n`, whole or from an offset on. */
function serveSource(request: Request): Response {
  const bytes = Number(new URL(request.url).searchParams.get("bytes"));
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.get("range") ?? "")?.[1] ?? 0);
  let left = bytes - from;
  const body = new ReadableStream({
    type: "bytes",
    pull(controller) {
      const size = Math.min(left, BLOCK.byteLength);
      if (size === 0) return controller.close();
      left -= size;
      controller.enqueue(BLOCK.slice(0, size));
    },
  });
  return new Response(body, {
    status: from === 0 ? 200 : 206,
    headers: {
      "content-type": "video/mp4",
      "content-length": String(bytes - from),
      etag: `"${bytes}"`,
      ...(from === 0 ? {} : { "content-range": `bytes ${from}-${bytes - 1}/${bytes}` }),
    },
  });
}

/** What the last upload was said to be. */
const stored = { bytes: 0, mark: "" };

async function serveSink(request: Request): Promise<Response> {
  const { searchParams } = new URL(request.url);
  if (request.method === "PUT") {
    let size = 0;
    for await (const chunk of request.body ?? []) size += chunk.byteLength;
    return new Response(null, { headers: { etag: `"${searchParams.get("partNumber")}-${size}"` } });
  }
  if (request.method === "HEAD") {
    const headers = {
      "content-length": String(stored.bytes),
      etag: '"whole"',
      "x-amz-meta-sixty-upload": stored.mark,
    };
    return new Response(null, { headers });
  }
  await request.body?.cancel();
  if (request.method === "POST" && searchParams.has("uploads")) {
    stored.mark = request.headers.get("x-amz-meta-sixty-upload") ?? "";
    return new Response("<R><UploadId>upload</UploadId></R>");
  }
  if (request.method === "POST") {
    stored.bytes = Number(request.headers.get("x-amz-mp-object-size") ?? 0);
    return new Response('<R><ETag>"whole"</ETag></R>');
  }
  return new Response("<R></R>");
}

const handler = role === "source" ? serveSource : serveSink;
const listen = {
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }: Deno.NetAddr) =>
    console.log(JSON.stringify({ url: `http${tlsDir ? "s" : ""}://127.0.0.1:${port}` })),
};
if (tlsDir === undefined) Deno.serve(listen, handler);
else {
  const cert = Deno.readTextFileSync(`${tlsDir}/cert.pem`);
  Deno.serve({ ...listen, cert, key: Deno.readTextFileSync(`${tlsDir}/key.pem`) }, handler);
}
for await (const _ of Deno.stdin.readable);
Deno.exit(0);
