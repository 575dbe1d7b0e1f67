// Defects that an implementation might have, planted one at a time: a checker that does not see them
// sees nothing. Each changes the product as it runs, in the database or on the way to it.
import type { ChaosRates } from "./chaos.ts";
import type { House } from "./house.ts";

/** One defect. */
export interface PlantedBug {
  readonly name: string;
  readonly plant: (house: House) => Promise<void>;
  /** What must go wrong more often than usual for it to show. */
  readonly rates?: Partial<ChaosRates>;
}

/** Rewrites a function of the database, which must hold the words that are replaced. */
function rewritten(routine: string, from: string | RegExp, to: string): PlantedBug["plant"] {
  return async (house) => {
    const [row] = await house.sql<{ definition: string }>(
      "select pg_get_functiondef($1::regproc) as definition",
      [routine],
    );
    const definition = row?.definition ?? "";
    const changed = definition.replace(from, to);
    if (changed === definition) throw new Error(`${routine} does not hold ${String(from)}`);
    await house.sql(changed);
  };
}

function run(...statements: readonly string[]): PlantedBug["plant"] {
  return async (house) => {
    for (const statement of statements) await house.sql(statement);
  };
}

/** Every defect that is planted. */
export const PLANTED_BUGS: readonly PlantedBug[] = [
  {
    name: "a report is acknowledged before it is stored, and now and then it is not",
    plant: rewritten(
      "private.accept_webhook",
      "insert into private.webhook_events",
      `if random() < 0.3 then
         id := private.new_id();
         is_duplicate := false;
         return next;
         return;
       end if;
       insert into private.webhook_events`,
    ),
  },
  {
    name: "what is not proved is believed",
    plant: (house) => {
      house.functions.isProofChecked = false;
      return Promise.resolve();
    },
  },
  {
    name: "a late report moves the status back",
    plant: run(
      "insert into private.bot_transitions values ('recording', 'joining'), ('ended', 'joining'), ('ended', 'joined'), ('joined', 'joining'), ('recording', 'waiting_room'), ('ended', 'recording') on conflict do nothing",
    ),
  },
  {
    name: "a bot that completed is not taken for done",
    plant: run("delete from private.bot_transitions where to_status = 'completed'"),
  },
  {
    name: "the reason of a failure is lost",
    plant: rewritten("private.move_recording", "p_event ->> 'error_code'", "null"),
  },
  {
    name: "every report of a finished bot makes a meeting",
    plant: async (house) => {
      await rewritten(
        "private.place_bot_meeting",
        "if p_recording.meeting_id is not null then",
        "if false then",
      )(house);
      await rewritten(
        "private.place_bot_meeting",
        "p_recording.id::text",
        "private.new_id()::text",
      )(house);
    },
  },
  {
    name: "the people of a meeting are forgotten",
    plant: rewritten("private.bot_meeting_attendees", "return v_attendees", "return '[]'"),
  },
  {
    name: "the sound is stored as the video",
    plant: rewritten(
      "private.store_bot_sources",
      "p_recording.id, f.key, f.value",
      "p_recording.id, f.key, case f.key when 'video' then p_event #>> '{sources,audio}' else f.value end",
    ),
  },
  {
    name: "each copy of an event is a meeting of its own",
    plant: rewritten("private.meeting_key", "p_event.ical_uid || '|'", "p_event.id::text || '|'"),
  },
  {
    name: "a bot is sent again without asking whether there is one",
    plant: async (house) => {
      await rewritten(
        "private.begin_bot_deployment",
        "v_recording.deploy_attempts > 0) and not p_is_known_unsent",
        "false) and not p_is_known_unsent",
      )(house);
      // The provider's own help against it lasts for minutes only
      await house.control({ provider: "meeting_baas", action: "configure", lock_seconds: 0 });
    },
    // Nor may the bot itself say that it is there
    rates: { kill: 0.7, loseAnswer: 0.2, eventLost: 0.9 },
  },
  {
    name: "a worker that dies keeps its job",
    plant: rewritten("private.claim_jobs", "secs => p_lease_seconds", "years => 10"),
  },
  {
    name: "a worker that dies keeps its report",
    plant: rewritten("private.claim_webhook_events", /secs => p_lease_seconds/g, "years => 10"),
  },
  {
    name: "a worker that dies keeps its upload",
    plant: rewritten("private.claim_recording_upload", /secs => p_lease_seconds/g, "years => 10"),
  },
  {
    name: "a job is gone once it failed",
    plant: async (house) => {
      await rewritten(
        "private.fail_job",
        "p_is_final or j.attempts >= j.max_attempts then 'dead'",
        "true then 'dead'",
      )(house);
      await rewritten("private.find_lost_parts", "return query", "return; return query")(house);
    },
  },
  {
    name: "a picture is asked for at no time",
    plant: rewritten("private.sync_recording", "v_recording.thumbnail_status is null", "false"),
  },
  {
    name: "the meeting does not learn where its video is",
    plant: rewritten(
      "private.sync_recording",
      "set video_url = v_recording.s3_video_url,",
      "set video_url = null,",
    ),
  },
  {
    name: "a transcript loses its last line",
    plant: rewritten(
      "private.replace_transcript",
      "from jsonb_to_recordset(p_segments)",
      "from jsonb_to_recordset(p_segments - (jsonb_array_length(p_segments) - 1))",
    ),
  },
  {
    name: "what a recording came to is not written down",
    plant: rewritten("private.settle_recording", "if v_recording.id is null", "if true"),
  },
  {
    name: "an upload is noted as stored before the store has it",
    plant: (house) => {
      house.functions.losesCompletions = true;
      return Promise.resolve();
    },
  },
];
