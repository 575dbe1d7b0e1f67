// Unit tests of a calendar run: paging, the end of a sync token, failures midway, whose turn it is.
import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { type AnswerRpc, serviceContext } from "../../tests/support/rpc_context.ts";
import {
  type CalendarFailure,
  type CalendarProvider,
  CalendarProviderError,
  type EventsPageRequest,
} from "./calendar_provider.ts";
import type { CalendarClaim } from "./contract.ts";
import { GoogleEventsPage } from "./google_event.ts";
import { syncCalendar } from "./sync_calendar.ts";
import type { CalendarSyncDeps } from "./sync_deps.ts";

const CLAIM: CalendarClaim = {
  connection_id: "20000000-0000-4000-8000-000000000001",
  org_id: "10000000-0000-4000-8000-000000000001",
  user_id: "30000000-0000-4000-8000-000000000001",
  calendar_id: "primary",
  sync_token: "sync-1",
  page_token: null,
  time_min: "2026-10-23T00:00:00+00:00",
};

type Answer = Record<string, unknown> | CalendarFailure;

interface Rig {
  readonly deps: CalendarSyncDeps;
  readonly requests: EventsPageRequest[];
  readonly calls: { name: string; args: Record<string, unknown> }[];
  readonly waits: number[];
  readonly refreshes: string[];
}

/** A worker whose calendar service gives the answers in turn. */
function rig(answers: Answer[], overrides: Record<string, AnswerRpc> = {}): Rig {
  const requests: EventsPageRequest[] = [];
  const calls: Rig["calls"] = [];
  const waits: number[] = [];
  const refreshes: string[] = [];
  const provider: CalendarProvider = {
    listEvents(request) {
      requests.push(request);
      const answer = answers.shift() ?? "unavailable";
      if (typeof answer === "string") return Promise.reject(new CalendarProviderError(answer));
      return Promise.resolve(GoogleEventsPage.parse(answer));
    },
    refreshTokens(token) {
      refreshes.push(token);
      return Promise.resolve({ accessToken: "new", expiresInSeconds: 3599, refreshToken: null });
    },
  };
  const database: AnswerRpc = (name, args) => {
    calls.push({ name, args });
    const own = overrides[name];
    if (own) return own(name, args);
    if (name === "begin_calendar_access") {
      return args["p_rejected_token"]
        ? { status: "refresh", refresh_token: "rt" }
        : { status: "fresh", access_token: "at" };
    }
    if (name === "apply_calendar_page") return { created: 1, updated: 0, cancelled: 0, removed: 0 };
    return null;
  };
  const deps: CalendarSyncDeps = {
    ctx: serviceContext(database),
    provider,
    workerId: "worker",
    wait: (ms) => {
      waits.push(ms);
      return Promise.resolve();
    },
  };
  return { deps, requests, calls, waits, refreshes };
}

const names = (calls: Rig["calls"]): string[] => calls.map((call) => call.name);

Deno.test("U60-056 syncCalendar() reads all pages and stores the token with the last", async () => {
  const { deps, requests, calls } = rig([
    { items: [], nextPageToken: "p2" },
    { items: [], nextPageToken: "p3" },
    { items: [], nextSyncToken: "sync-2" },
  ]);
  const result = await syncCalendar(deps, CLAIM);
  deepStrictEqual([result.mode, result.pages, result.created, result.is_complete], [
    "incremental",
    3,
    3,
    true,
  ]);
  deepStrictEqual(requests.map((request) => request.pageToken), [null, "p2", "p3"]);
  deepStrictEqual(
    calls.filter((call) => call.name === "apply_calendar_page")
      .map((call) => call.args["p_next_sync_token"]),
    [null, null, "sync-2"],
  );
  // With a sync token, timeMin is not allowed
  deepStrictEqual(requests.map((request) => request.timeMin), [null, null, null]);
});

Deno.test("U60-056 syncCalendar() starts over, once, when the sync token has died", async () => {
  const { deps, requests, calls } = rig([
    "sync_token_expired",
    { items: [], nextSyncToken: "sync-9" },
  ]);
  const result = await syncCalendar(deps, CLAIM);
  strictEqual(result.mode, "full");
  deepStrictEqual(requests.map((request) => [request.syncToken, request.timeMin]), [
    ["sync-1", null],
    [null, CLAIM.time_min],
  ]);
  deepStrictEqual(names(calls), [
    "begin_calendar_access",
    "restart_calendar_sync",
    "apply_calendar_page",
  ]);

  const again = rig(["sync_token_expired", "sync_token_expired"]);
  await rejects(syncCalendar(again.deps, CLAIM), { failure: "sync_token_expired" });
});

Deno.test("U60-056 syncCalendar() gives the lease back when a page fails, with the reason", async () => {
  const { deps, calls } = rig([
    { items: [], nextPageToken: "p2" },
    "unavailable",
    "unavailable",
    "unavailable",
  ]);
  await rejects(syncCalendar(deps, CLAIM), { failure: "unavailable" });
  const release = calls.at(-1);
  deepStrictEqual([release?.name, release?.args["p_error"]], [
    "release_calendar_sync",
    "unavailable",
  ]);
});

Deno.test("U60-056 syncCalendar() goes on at the page where the last run stopped", async () => {
  const { deps, requests } = rig([{ items: [], nextSyncToken: "s" }]);
  await syncCalendar(deps, { ...CLAIM, page_token: "p7" });
  strictEqual(requests[0]?.pageToken, "p7");
});

Deno.test("U60-056 syncCalendar() waits and tries again when it is told to slow down", async () => {
  const { deps, waits } = rig(["rate_limited", "unavailable", { items: [], nextSyncToken: "s" }]);
  strictEqual((await syncCalendar(deps, CLAIM)).pages, 1);
  strictEqual(waits.length, 2);
});

Deno.test("U60-056 syncCalendar() refreshes a refused access token once", async () => {
  const good = rig(["access_token_rejected", { items: [], nextSyncToken: "s" }]);
  await syncCalendar(good.deps, CLAIM);
  deepStrictEqual(good.refreshes, ["rt"]);
  deepStrictEqual(good.requests.map((request) => request.accessToken), ["at", "new"]);

  const bad = rig(["access_token_rejected", "access_token_rejected"]);
  await rejects(syncCalendar(bad.deps, CLAIM), { failure: "access_token_rejected" });
});

Deno.test("U60-056 syncCalendar() waits for another worker's refresh instead of doing its own", async () => {
  let asked = 0;
  const { deps, refreshes, waits } = rig([{ items: [], nextSyncToken: "s" }], {
    begin_calendar_access: () =>
      ++asked < 4 ? { status: "wait" } : { status: "fresh", access_token: "theirs" },
  });
  await syncCalendar(deps, CLAIM);
  deepStrictEqual([refreshes.length, waits.length], [0, 3]);
});

Deno.test("U60-056 syncCalendar() asks for a reconnect when the grant is gone", async () => {
  const { deps, calls } = rig([], {
    begin_calendar_access: () => ({ status: "refresh", refresh_token: "rt" }),
  });
  const dead = {
    ...deps,
    provider: {
      ...deps.provider,
      refreshTokens: () => Promise.reject(new CalendarProviderError("grant_revoked", 400)),
    },
  };
  await rejects(syncCalendar(dead, CLAIM), { failure: "grant_revoked" });
  const failed = calls.find((call) => call.name === "fail_calendar_refresh");
  strictEqual(failed?.args["p_is_final"], true);
});

Deno.test("U60-056 syncCalendar() stops between pages when the time is up, and says so", async () => {
  const { deps, calls } = rig([{ items: [], nextPageToken: "p2" }]);
  const ended = { ...deps, ctx: { ...deps.ctx, signal: AbortSignal.abort() } };
  strictEqual((await syncCalendar(ended, CLAIM)).is_complete, false);
  deepStrictEqual([calls.at(-1)?.name, calls.at(-1)?.args["p_error"]], [
    "release_calendar_sync",
    null,
  ]);
});
