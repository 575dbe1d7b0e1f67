// One server with a simulator for each third party, on loopback only.
import { ArtifactSimulator } from "./artifacts/artifact_simulator.ts";
import { answerControl, type Controlled } from "./control.ts";
import { type DefaultWebhook, FathomSimulator } from "./fathom/fathom_simulator.ts";
import { GeminiSimulator } from "./gemini/gemini_simulator.ts";
import { GmailSimulator } from "./gmail/gmail_simulator.ts";
import { GladiaSimulator } from "./gladia/gladia_simulator.ts";
import { CalendarSimulator } from "./google_calendar/calendar_simulator.ts";
import { SlackSimulator } from "./slack/slack_simulator.ts";
import { ThumbnailSimulator } from "./thumbnail_lambda/thumbnail_simulator.ts";
import {
  type MeetingBaasAccount,
  MeetingBaasSimulator,
} from "./meeting_baas/meeting_baas_simulator.ts";
import { VirtualClock } from "./virtual_clock.ts";

/** How the simulators are started. */
export interface ProvidersOptions {
  /** 0 takes a free one. */
  readonly port: number;
  /** Where every recording is posted, as if somebody had registered it with Fathom. */
  readonly fathomWebhook?: DefaultWebhook;
  /** Whose bots are simulated, and where their events are posted. */
  readonly meetingBaas?: MeetingBaasAccount;
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
  const calendar = new CalendarSimulator(clock);
  const artifacts = new ArtifactSimulator(clock);
  const meetingBaas = new MeetingBaasSimulator(
    clock,
    artifacts,
    (meetingUrl) => calendar.guestsAt(meetingUrl),
    options.meetingBaas,
  );
  const controlled: Controlled = {
    clock,
    simulators: [
      new FathomSimulator(clock, options.fathomWebhook),
      calendar,
      artifacts,
      meetingBaas,
      new ThumbnailSimulator(clock),
      new GeminiSimulator(clock),
      new GladiaSimulator(clock, artifacts.conversations),
      new GmailSimulator(clock, calendar.oauth),
      new SlackSimulator(clock),
    ],
  };
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: options.port,
    onListen: () => {},
  }, (request) => answer(request, controlled));
  const { port } = server.addr;
  artifacts.store.origin = `http://127.0.0.1:${port}`;
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
