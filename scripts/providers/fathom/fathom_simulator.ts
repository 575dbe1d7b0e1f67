// The simulated Fathom: routes, authentication, limits, the OAuth token endpoint, and control.
import { CallLimit } from "../call_limit.ts";
import { FailureScript } from "../failure_script.ts";
import type { Simulator } from "../simulator.ts";
import type { VirtualClock } from "../virtual_clock.ts";
import {
  createWebhook,
  deleteWebhook,
  emptyError,
  type FathomCall,
  getRecordingPart,
  listMeetings,
  listTeamMembers,
  listTeams,
} from "./fathom_api.ts";
import { controlFathom } from "./fathom_control.ts";
import { EVERYBODY, FathomStore } from "./fathom_store.ts";
import { WebhookDelivery } from "./webhook_delivery.ts";

/** A destination that gets every recording from the start. */
export interface DefaultWebhook {
  readonly url: string;
  readonly secret: string;
}

const CALLS_PER_WINDOW = 60;
const WINDOW_SECONDS = 60;

/** Fathom, as far as its API and webhook go. */
export class FathomSimulator implements Simulator {
  readonly name = "fathom";
  readonly prefix = "fathom";
  readonly store: FathomStore;
  readonly delivery: WebhookDelivery;
  readonly limit: CallLimit;
  readonly failures = new FailureScript();
  readonly #defaultWebhook: DefaultWebhook | undefined;
  readonly #background = new Set<Promise<void>>();

  /**
   * @param clock The simulators' time.
   * @param defaultWebhook Where recordings go that nobody asked for.
   */
  constructor(readonly clock: VirtualClock, defaultWebhook?: DefaultWebhook) {
    this.store = new FathomStore(clock);
    this.delivery = new WebhookDelivery(clock);
    this.limit = new CallLimit(clock, CALLS_PER_WINDOW, WINDOW_SECONDS);
    this.#defaultWebhook = defaultWebhook;
    this.#registerDefault();
  }

  async answer(request: Request, path: string): Promise<Response> {
    const route = path.replace(/^\/external\/v1/, "");
    if (route === path) return emptyError(404);
    if (route === "/oauth2/token") return await this.#answerToken(request);
    const failure = this.failures.take(routeName(request.method, route));
    if (failure !== undefined) {
      await new Promise<void>((resolve) => setTimeout(resolve, failure.delayMs));
      return emptyError(failure.status);
    }
    const caller = this.store.identify(request.headers);
    if (caller === undefined) return emptyError(401);
    const limit = this.limit.count(caller.email);
    const response = limit.isExceeded ? emptyError(429) : await this.#dispatch(route, {
      request,
      url: new URL(request.url),
      caller,
      store: this.store,
      later: (work) => void this.#track(work),
    });
    response.headers.set("RateLimit-Limit", String(limit.limit));
    response.headers.set("RateLimit-Remaining", String(limit.remaining));
    response.headers.set("RateLimit-Reset", String(limit.resetSeconds));
    return response;
  }

  async #dispatch(route: string, call: FathomCall): Promise<Response> {
    const recording = /^\/recordings\/(\d+)\/(summary|transcript)$/.exec(route);
    const webhook = /^\/webhooks\/([\w-]+)$/.exec(route);
    const [, recordingId, part] = recording ?? [];
    switch (call.request.method) {
      case "GET":
        if (route === "/meetings") return listMeetings(call);
        if (route === "/teams") return listTeams(call);
        if (route === "/team_members") return listTeamMembers(call);
        if (part === "summary" || part === "transcript") {
          return getRecordingPart(call, Number(recordingId), part);
        }
        return emptyError(404);
      case "POST":
        return route === "/webhooks" ? await createWebhook(call) : emptyError(404);
      case "DELETE":
        return webhook?.[1] === undefined ? emptyError(404) : deleteWebhook(call, webhook[1]);
      default:
        return emptyError(404);
    }
  }

  async #answerToken(request: Request): Promise<Response> {
    const failure = this.failures.take("oauth2.token");
    if (failure !== undefined) return emptyError(failure.status);
    if (request.method !== "POST") return emptyError(404);
    const form = new URLSearchParams(await request.text());
    if (!form.get("client_id") || !form.get("client_secret")) {
      return Response.json({ error: "invalid_client" }, { status: 401 });
    }
    const grantType = form.get("grant_type") ?? "";
    const grant = form.get(grantType === "refresh_token" ? "refresh_token" : "code") ?? "";
    if (!["refresh_token", "authorization_code"].includes(grantType)) {
      return Response.json({ error: "unsupported_grant_type" }, { status: 400 });
    }
    const token = this.store.issueToken(grantType, grant);
    if (token === undefined) return Response.json({ error: "invalid_grant" }, { status: 400 });
    return Response.json(token);
  }

  async control(input: unknown): Promise<unknown> {
    return await controlFathom(this, input);
  }

  state(): unknown {
    return {
      accounts: this.store.accounts(),
      webhooks: [...this.store.webhooks.values()].map(({ secret: _, ...webhook }) => webhook),
      deliveries: this.delivery.log(),
      failures: this.failures.list(),
    };
  }

  reset(): void {
    this.delivery.reset();
    this.store.reset();
    this.failures.reset();
    this.limit.reset();
    this.#registerDefault();
  }

  async close(): Promise<void> {
    this.delivery.reset();
    await this.delivery.settle();
    await Promise.allSettled(this.#background);
  }

  #registerDefault(): void {
    if (this.#defaultWebhook === undefined) return;
    this.store.registerWebhook(EVERYBODY, {
      url: this.#defaultWebhook.url,
      triggered_for: ["my_recordings"],
      include_transcript: true,
      include_summary: true,
      include_action_items: true,
      include_crm_matches: true,
    }, this.#defaultWebhook.secret);
  }

  async #track(work: Promise<void>): Promise<void> {
    this.#background.add(work);
    try {
      await work;
    } catch {
      // The receiver of an unsigned post is not reachable; the provider would not care either.
    } finally {
      this.#background.delete(work);
    }
  }
}

function routeName(method: string, route: string): string {
  const [, first = "", , last] = route.split("/");
  return `${method} ${last === undefined ? first : last}`;
}
