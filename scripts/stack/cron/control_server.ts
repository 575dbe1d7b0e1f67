// The worker's control interface: health, and the clock for tests. Loopback only, not for browsers.

import { z } from "zod";
import type { CronControl } from "./cron_control.ts";

const command = z.union([
  z.strictObject({ advance: z.string() }),
  z.strictObject({ run: z.string() }),
  z.strictObject({ settle: z.literal(true) }),
]);

/** A serving control interface. */
export interface ControlServer {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves `GET /health` and `POST /_control` with `{"advance": "PT1H"}`, `{"run": "<job name>"}` or
 * `{"settle": true}`.
 */
export function serveControl(control: CronControl, port: number): ControlServer {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port, onListen: () => {} },
    (request) => answer(control, request),
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    close: () => server.shutdown(),
  };
}

async function answer(control: CronControl, request: Request): Promise<Response> {
  const { pathname, hostname } = new URL(request.url);
  // A page in the developer's browser must not move the clock: neither by a request to this port nor
  // by a name of its own that leads here.
  if (request.headers.has("origin") || !["127.0.0.1", "localhost"].includes(hostname)) {
    return Response.json({ error: "not for browsers" }, { status: 403 });
  }
  if (request.method === "GET" && pathname === "/health") {
    return Response.json({ status: "ok", now: control.now() });
  }
  if (request.method === "POST" && pathname === "/_control") return await obey(control, request);
  return Response.json({ error: "not found" }, { status: 404 });
}

async function obey(control: CronControl, request: Request): Promise<Response> {
  const body = await request.text();
  const parsed = command.safeParse(readJson(body));
  if (!parsed.success) {
    return Response.json({ error: z.prettifyError(parsed.error) }, { status: 400 });
  }
  if ("advance" in parsed.data) {
    const duration = readDuration(parsed.data.advance);
    if (duration === null) {
      return Response.json({ error: "advance is no ISO 8601 duration" }, { status: 400 });
    }
    const report = await control.advance(duration);
    return Response.json({ ...report, now: control.now() });
  }
  if ("run" in parsed.data) {
    const isFound = await control.run(parsed.data.run);
    return Response.json(
      isFound ? { runs: 1, now: control.now() } : { error: "no such job" },
      { status: isFound ? 200 : 404 },
    );
  }
  await control.settle();
  return Response.json({ now: control.now() });
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readDuration(text: string): Temporal.Duration | null {
  try {
    const duration = Temporal.Duration.from(text);
    // Months and years have no fixed length.
    return duration.total("milliseconds") >= 0 ? duration : null;
  } catch {
    return null;
  }
}
