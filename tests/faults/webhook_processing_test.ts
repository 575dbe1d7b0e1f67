// The whole stack is killed in the middle of webhook processing, again and again, while webhooks keep
// coming: what was acknowledged is applied, once (acceptance 5).
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import {
  connectFathom,
  fathomMeeting,
  newMessageId,
  postWebhook,
  type TestConnection,
} from "../support/fathom_connection.ts";
import { type StackLife, startLife } from "../support/long_stack.ts";
import { eventually } from "../support/rivals.ts";

const ROUNDS = 4;
const MESSAGES_A_ROUND = 80;
const SENDERS = 8;

interface Message {
  readonly id: string;
  readonly recordingId: number;
  readonly body: string;
  isAcknowledged: boolean;
}

function compose(email: string): Message {
  const meeting = fathomMeeting({ email });
  return {
    id: newMessageId(),
    recordingId: Number(meeting["recording_id"]),
    body: JSON.stringify(meeting),
    isAcknowledged: false,
  };
}

/** Sends as a provider does: what is not acknowledged is sent again later, under the same id. */
async function send(connection: TestConnection, messages: readonly Message[]): Promise<void> {
  const queue = [...messages];
  const sender = async (): Promise<void> => {
    for (let message = queue.shift(); message; message = queue.shift()) {
      try {
        const { status } = await postWebhook(connection, message);
        if (status === 200) message.isAcknowledged = true;
      } catch {
        // The stack is gone: nothing was acknowledged
      }
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, sender));
}

/** As time passes: leases of the dead run out, and the next minute's drain finds their events. */
async function drain(life: StackLife): Promise<void> {
  await eventually("the inbox is drained", async () => {
    await life.sql(
      "update private.webhook_events set next_attempt_at = now(), locked_until = now() where state = 'received' and locked_until < now() + interval '115 seconds'",
    );
    await life.sql(
      "update private.webhook_events set next_attempt_at = now() where state = 'received' and locked_by is null",
    );
    await life.advanceClock("PT1M");
    const [row] = await life.sql<{ left: number }>(
      "select count(*)::int as left from private.webhook_events where state <> 'processed'",
    );
    return row?.left === 0;
  }, 60_000);
}

Deno.test("acceptance 5: killed while it processes webhooks, the stack loses nothing and doubles nothing", async () => {
  const dataDir = await Deno.makeTempDir({ prefix: "sixty-faults-" });
  let life = await startLife(dataDir);
  try {
    const [rep] = await life.sql<{ id: string; active_org_id: string }>(
      "select id, active_org_id from public.profiles where email = 'sarah@fernhollow.test'",
    );
    ok(rep);
    const actor = { email: "sarah@fernhollow.test", userId: rep.id, orgId: rep.active_org_id };
    const connected = await connectFathom(life, actor);
    const messages: Message[] = [];
    let killedWhileBusy = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const connection = {
        ...connected,
        destination: `${life.url}/functions/v1/fathom-webhook/${connected.key}`,
      };
      // A first message wakes the function, so that the kill meets work and not a cold start
      const first = compose(actor.email);
      await send(connection, [first]);
      const fresh = [
        first,
        ...Array.from({ length: MESSAGES_A_ROUND }, () => compose(actor.email)),
      ];
      messages.push(...fresh);
      const sending = send(connection, fresh.slice(1));
      await new Promise((resolve) => setTimeout(resolve, 150 + Math.random() * 250));
      await life.kill(round % 2 === 1);
      await sending;
      life = await startLife(dataDir);
      const [left] = await life.sql<{ waiting: number }>(
        "select count(*)::int as waiting from private.webhook_events where state = 'received'",
      );
      if ((left?.waiting ?? 0) > 0) killedWhileBusy += 1;
      // The provider's resends: all that was not acknowledged, and some that were
      const again = fresh.filter((message) => !message.isAcknowledged || Math.random() < 0.2);
      await send({
        ...connection,
        destination: `${life.url}/functions/v1/fathom-webhook/${connected.key}`,
      }, again);
    }
    ok(killedWhileBusy > 0, "no kill met the processing: the test proved nothing");
    deepStrictEqual(messages.filter((message) => !message.isAcknowledged), []);
    await drain(life);

    const stored = await life.sql<
      { external_id: string; segments: number; people: number; items: number; transcripts: number }
    >(
      `select m.external_id,
         (select count(*)::int from public.transcripts t where t.org_id = m.org_id and t.meeting_id = m.id) as transcripts,
         (select count(*)::int from public.transcript_segments s where s.org_id = m.org_id and s.meeting_id = m.id) as segments,
         (select count(*)::int from public.meeting_attendees a where a.org_id = m.org_id and a.meeting_id = m.id) as people,
         (select count(*)::int from public.meeting_action_items i where i.org_id = m.org_id and i.meeting_id = m.id) as items
       from public.meetings m where m.owner_user_id = $1 and m.external_id = any($2)`,
      [actor.userId, messages.map((message) => String(message.recordingId))],
    );
    strictEqual(stored.length, messages.length, "each meeting once");
    for (const meeting of stored) {
      deepStrictEqual(
        [meeting.transcripts, meeting.segments, meeting.people, meeting.items],
        [1, 2, 2, 1],
        meeting.external_id,
      );
    }
  } finally {
    await life.stop();
    await Deno.remove(dataDir, { recursive: true }).catch(() => undefined);
  }
});
