// Defects that only a kill, a second delivery or a long sleep brings to light, planted one at a time: a
// matrix that does not see them sees nothing.
import type { House } from "../convergence/house.ts";
import type { Fault } from "./trap.ts";

/** One defect, and the cell of the matrix that has to see it. */
export interface PlantedKillBug {
  readonly name: string;
  /** Plants it; what comes back takes it out again. */
  readonly plant: (house: House) => Promise<() => Promise<void>>;
  readonly pipeline: string;
  readonly point: string;
  readonly fault: Fault;
}

/** Rewrites functions of the database, which must hold the words that are replaced. */
function rewritten(...changes: readonly [routine: string, from: string, to: string][]) {
  return async (house: House): Promise<() => Promise<void>> => {
    const before: string[] = [];
    for (const [routine, from, to] of changes) {
      const [row] = await house.sql<{ definition: string }>(
        "select pg_get_functiondef($1::regproc) as definition",
        [routine],
      );
      const definition = row?.definition ?? "";
      const changed = definition.replaceAll(from, to);
      if (changed === definition) throw new Error(`${routine} does not hold ${from}`);
      before.push(definition);
      await house.sql(changed);
    }
    return async () => {
      for (const definition of before.toReversed()) await house.sql(definition);
    };
  };
}

/** Every defect that is planted. */
export const PLANTED_KILL_BUGS: readonly PlantedKillBug[] = [
  {
    name: "nobody frees what dead workers left open at the store",
    plant: rewritten([
      "private.unknown_recording_uploads",
      "where not exists",
      "where false and not exists",
    ]),
    pipeline: "upload",
    point: "create multipart",
    fault: "F1 process killed",
  },
  {
    name: "a report is acknowledged before it is stored",
    plant: rewritten([
      "private.accept_webhook",
      "insert into private.webhook_events",
      `if random() < 0.5 then
         id := private.new_id();
         is_duplicate := false;
         return next;
         return;
       end if;
       insert into private.webhook_events`,
    ]),
    pipeline: "webhook",
    point: "after commit before 2xx",
    fault: "F1 process killed",
  },
  {
    name: "the figures of a day are added once more with each tick",
    plant: rewritten(
      [
        "private.store_s3_day",
        "set value = excluded.value",
        "set value = m.value + excluded.value",
      ],
      ["private.store_s3_day", "is distinct from", "is not distinct from"],
      ["private.record_s3_usage", "where not exists", "where true or not exists"],
    ),
    pipeline: "cron",
    point: "daily job straddles midnight",
    fault: "F5 delivered again",
  },
  {
    name: "the cap of the day is not looked at",
    plant: rewritten(["private.bots_left", "greatest(v_left, 0)", "1000"]),
    pipeline: "cron",
    point: "counter reset race",
    fault: "F5 delivered again",
  },
  {
    name: "a lease holds for no time",
    plant: rewritten(["private.claim_jobs", "secs => p_lease_seconds", "secs => 0"]),
    pipeline: "job",
    point: "mid handler",
    fault: "F5 delivered again",
  },
  {
    name: "a report that comes again overwrites what a person wrote",
    plant: async (house) => {
      await house.sql(
        `create function house.overwrite() returns trigger language plpgsql security definer set search_path = '' as $$
         begin
           update public.meetings set title = 'As it was' where org_id = new.org_id;
           return null;
         end $$`,
      );
      await house.sql(
        "create trigger house_overwrite after update on private.webhook_events for each row execute function house.overwrite()",
      );
      return async () => void await house.sql("drop function house.overwrite() cascade");
    },
    pipeline: "transcription",
    point: "re-delivery after edit",
    fault: "F5 delivered again",
  },
  {
    name: "two schedulers may plan the same meeting",
    plant: async (house) => {
      // The lock that they take turns by, and the rule that would stop the one that does not
      const lockAgain = await rewritten([
        "private.lock_planning",
        "perform pg_advisory_xact_lock(hashtextextended('recordings.plan', 0))",
        "perform 0",
      ])(house);
      await house.sql("drop index public.recordings_one_bot_per_meeting_idx");
      // What it let in stays, so this has to be the last one
      return lockAgain;
    },
    pipeline: "scheduler",
    point: "two schedulers overlap",
    fault: "F5 delivered again",
  },
];
