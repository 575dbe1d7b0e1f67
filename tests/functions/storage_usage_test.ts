// What recordings cost, over HTTP: the job that our own schedule calls, and the figures for admins.
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { createRecording } from "../support/bot_reports.ts";
import { type Actor, callAs, createActor, createRivals, eventually } from "../support/rivals.ts";
import { testStack } from "../support/stack.ts";

const stack = await testStack();
const { rep, rival } = await createRivals(stack);
const mark = crypto.randomUUID().slice(0, 8);
const admin = await createActor(stack, `admin-${mark}@home.test`, rep.orgId, "admin");
const GIB = 1024 ** 3;

/** Admins' powers want a second factor unless an organization says otherwise. */
await stack.sql("update public.org_settings set mfa_required_for = 'none' where org_id = any($1)", [
  [rep.orgId, rival.orgId],
]);

async function storeFile(actor: Actor, bytes: number, daysAgo: number): Promise<void> {
  const { id, orgId } = await createRecording(stack, actor);
  await stack.sql(
    `insert into private.recording_uploads (org_id, recording_id, kind, object_key, state, source_bytes,
       bytes_done, part_size, completed_at)
     values ($1, $2, 'video', $3, 'complete', $4, $4, 5242880, now() - make_interval(days => $5))`,
    [orgId, id, `${id}/video.mp4`, bytes, daysAgo],
  );
}

async function storedDays(actor: Actor): Promise<number> {
  const [row] = await stack.sql<{ count: number }>(
    "select count(distinct day)::int as count from public.s3_usage_metrics where org_id = $1",
    [actor.orgId],
  );
  return row?.count ?? 0;
}

interface Usage {
  readonly scope: string;
  readonly org_id: string | null;
  readonly total_gb: number;
  readonly current_month: { readonly cost_usd: number };
  readonly next_month: { readonly cost_usd: number; readonly estimated: boolean };
  readonly days: readonly {
    readonly day: string;
    readonly storage_gb: number;
    readonly estimated: boolean;
  }[];
}

async function readUsage(
  actor: Actor,
  query = "",
): Promise<{ status: number; code: unknown; data: Usage }> {
  const { status, json } = await callAs(stack, actor, `recordings/storage-usage${query}`);
  return { status, code: json["code"], data: json["data"] as Usage };
}

Deno.test("U60-134 the scheduled job writes the days that are over, once, however often it is called", async () => {
  await storeFile(rep, 10 * GIB, 3);
  await storeFile(rival, 4 * GIB, 2);
  // Other tests of this stack may have let the job run before these files were stored
  await stack.sql("delete from private.s3_usage_days");
  for (let tick = 0; tick < 3; tick++) {
    await stack.sql("select private.call_function('s3-usage-metrics')");
  }
  await eventually("the days are there", async () => await storedDays(rep) === 3);
  strictEqual(await storedDays(rival), 2);
  const rows = await stack.sql(
    `select metric_type, value::float8, estimated, count(*)::int as days from public.s3_usage_metrics
     where org_id = $1 and metric_type in ('storage_gb', 'download_gb') group by 1, 2, 3 order by 1`,
    [rep.orgId],
  );
  deepStrictEqual(rows, [
    { metric_type: "download_gb", value: 0.085, estimated: true, days: 3 },
    { metric_type: "storage_gb", value: 10, estimated: false, days: 3 },
  ]);
});

Deno.test("U60-133 V-08 an admin sees total, month, projection and days, with what is estimated", async () => {
  const { status, data } = await readUsage(admin, "?days=30");
  strictEqual(status, 200);
  deepStrictEqual([data.scope, data.org_id, data.total_gb], ["organization", rep.orgId, 10]);
  strictEqual(data.days.length, 3);
  ok(data.days.every(({ storage_gb, estimated }) => storage_gb === 10 && estimated));
  ok(data.next_month.estimated && Math.abs(data.next_month.cost_usd - 10 * 0.023) < 0.3);
  ok(data.next_month.cost_usd > 10 * 0.023, "downloads come to it");
  strictEqual((await readUsage(admin, `?org_id=${rep.orgId}&days=1`)).data.days.length, 1);
});

Deno.test("U60-133 nobody else sees it, and the platform's figures only its operators", async () => {
  const refusals = [
    [await readUsage(rep), 403, "forbidden"],
    [await readUsage(rival, `?org_id=${rep.orgId}`), 404, "organization_not_found"],
    [await readUsage(admin, `?org_id=${rival.orgId}`), 404, "organization_not_found"],
    [await readUsage(admin, "?scope=platform"), 403, "forbidden"],
    [await readUsage(rival, "?scope=platform"), 403, "forbidden"],
    [await readUsage(admin, "?days=0"), 400, "invalid_request"],
    [await readUsage(admin, "?days=401"), 400, "invalid_request"],
    [await readUsage(admin, "?scope=everything"), 400, "invalid_request"],
    [await readUsage(admin, "?user_id=1"), 400, "invalid_request"],
  ] as const;
  for (const [answer, status, code] of refusals) {
    deepStrictEqual([answer.status, answer.code], [status, code]);
  }
  const control = await readUsage(rival);
  deepStrictEqual([control.status, control.data.total_gb], [200, 4], "control: an owner's own");
});
