// One server with a simulator for each third party, on loopback only.
import { answerControl, type Controlled } from "./control.ts";
import { type DefaultWebhook, FathomSimulator } from "./fathom/fathom_simulator.ts";
import { GeminiSimulator } from "./gemini/gemini_simulator.ts";
import { CalendarSimulator } from "./google_calendar/calendar_simulator.ts";
import { ThumbnailSimulator } from "./thumbnail_lambda/thumbnail_simulator.ts";
import { VirtualClock } from "./virtual_clock.ts";

/** How the simulators are started. */
export interface ProvidersOptions {
  /** 0 takes a free one. */
  readonly port: number;
  /** Where every recording is posted, as if somebody had registered it with Fathom. */
  readonly fathomWebhook?: DefaultWebhook;
}

/** The running simulators. */
export interface Providers {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Starts the simulators.
 *
 * @param options Where, and whom recordings are posted to.
 * @returns Their address, and how to stop them.
 */
export function serveProviders(options: ProvidersOptions): Promise<Providers> {
  const clock = new VirtualClock();
  const controlled: Controlled = {
    clock,
    simulators: [
      new FathomSimulator(clock, options.fathomWebhook),
      new CalendarSimulator(clock),
      new ThumbnailSimulator(clock),
      new GeminiSimulator(clock),
    ],
  };
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: options.port,
    onListen: () => {},
  }, (request) => answer(request, controlled));
  const { port } = server.addr;
  return Promise.resolve({
    url: `http://127.0.0.1:${port}`,
    port,
    close: async () => {
      for (const simulator of controlled.simulators) await simulator.close();
      await server.shutdown();
    },
  });
}

async function answer(request: Request, controlled: Controlled): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (pathname === "/_health") return Response.json({ status: "ok" });
  if (pathname.startsWith("/_control")) return await answerControl(request, pathname, controlled);
  const [, prefix = ""] = pathname.split("/");
  const simulator = controlled.simulators.find((candidate) => candidate.prefix === prefix);
  if (simulator === undefined) return new Response(null, { status: 404 });
  return await simulator.answer(request, pathname.slice(prefix.length + 1));
}
