// Simulators for one test, and a receiver for what they send.
import type { MeetingBaasAccount } from "../../scripts/providers/meeting_baas/meeting_baas_simulator.ts";
import { serveProviders } from "../../scripts/providers/server.ts";

/** The simulators under test. */
export interface ProvidersUnderTest extends AsyncDisposable {
  readonly url: string;
  /** Sends a control request and gives its answer. */
  control(document: Readonly<Record<string, unknown>>): Promise<unknown>;
}

/** Starts the simulators on a free port. */
export async function startProviders(
  fathomWebhook?: { url: string; secret: string },
  meetingBaas?: MeetingBaasAccount,
): Promise<ProvidersUnderTest> {
  const providers = await serveProviders({
    port: 0,
    ...(fathomWebhook && { fathomWebhook }),
    ...(meetingBaas && { meetingBaas }),
  });
  return {
    url: providers.url,
    control: async (document) => {
      const answer = await fetch(`${providers.url}/_control`, {
        method: "POST",
        body: JSON.stringify(document),
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`Cannot control the simulators: ${text}`);
      return JSON.parse(text);
    },
    [Symbol.asyncDispose]: () => providers.close(),
  };
}

/** A request that arrived. */
export interface Received {
  readonly headers: Headers;
  readonly body: string;
}

/** A server that notes what is posted to it. */
export interface Receiver extends AsyncDisposable {
  readonly url: string;
  readonly received: Received[];
  /** Answers for the next requests; 200 when there are none left. */
  readonly answers: number[];
}

/** Starts a receiver on a free port. */
export function startReceiver(): Receiver {
  const received: Received[] = [];
  const answers: number[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      received.push({ headers: request.headers, body: await request.text() });
      return new Response(null, { status: answers.shift() ?? 200 });
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}/hook`,
    received,
    answers,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
