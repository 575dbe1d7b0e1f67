// Effects that their owner confirmed, through the very functions of the database: a turn, a proposal, a
// yes. And what became of them, here and at the simulators.
import { sayMoment } from "@shared/copilot/actions/propose/moments.ts";
import { composeEmail } from "@shared/copilot/proposals/compose_email.ts";
import type { Effect } from "@shared/copilot/proposals/effect.ts";
import { sha256Hex } from "@shared/platform/sha256.ts";
import { z } from "zod";
import type { Actor } from "./rivals.ts";
import type { TestStack } from "./stack.ts";

/** Kinds that leave. */
export const OUTSIDE_KINDS = ["send_email", "post_slack_message", "schedule_meeting"] as const;
/** One kind that leaves. */
export type OutsideKind = (typeof OUTSIDE_KINDS)[number];

/** An effect that was confirmed. */
export interface ConfirmedEffect {
  readonly kind: OutsideKind;
  readonly effectId: string;
  readonly actionId: string;
  readonly effect: Effect;
}

/** How an effect stands in the database. */
export interface EffectEnd extends Record<string, unknown> {
  readonly status: string;
  readonly external_id: string | null;
  readonly error_code: string | null;
  readonly attempts: number;
  readonly action_status: string;
}

const PROPOSALS_A_TURN = 50;
const TIME_ZONE = "Europe/Berlin";
const Action = z.object({ id: z.uuid(), payload_sha256: z.string() });
const Ledger = z.object({
  gmail: z.object({
    sent: z.array(z.looseObject({ client_message_id: z.string().nullable(), sha256: z.string() })),
  }),
  slack: z.object({
    posts: z.array(z.looseObject({ effect_id: z.string().nullable(), sha256: z.string() })),
  }),
  google_calendar: z.object({
    inserts: z.array(z.looseObject({ id: z.string(), invited: z.array(z.string()) })),
  }),
});

/** Everything that one person needs to confirm effects. */
export class EffectDesk {
  readonly #stack: TestStack;
  readonly #actor: Actor;
  readonly #guest: string;
  #turn: Promise<string> | undefined;
  #proposals = 0;
  /** The organization's workspace at the simulated Slack. */
  readonly teamId: string;

  private constructor(stack: TestStack, actor: Actor, guest: string, teamId: string) {
    this.#stack = stack;
    this.#actor = actor;
    this.#guest = guest;
    this.teamId = teamId;
  }

  /** Connects a person's Google account and the organization's workspace, with one channel open. */
  static async open(stack: TestStack, actor: Actor): Promise<EffectDesk> {
    const mark = crypto.randomUUID().replaceAll("-", "").slice(0, 10);
    const teamId = `T0${mark.toUpperCase()}`;
    const guest = `guest-${mark}@acme.example`;
    const { orgId, userId, email } = actor;
    await stack.sql(
      "insert into public.contacts (org_id, user_id, first_name, email) values ($1, $2, 'Dana', $3)",
      [orgId, userId, guest],
    );
    await stack.sql("update public.profiles set time_zone = $2 where id = $1", [userId, TIME_ZONE]);
    await call(stack, "connect_calendar", {
      p_org_id: orgId,
      p_user_id: userId,
      p_account_email: email,
      p_calendar_id: "primary",
      p_refresh_token: `sim-refresh-${email}`,
      p_scopes: ["calendar.events", "gmail.send", "gmail.readonly"]
        .map((name) => `https://www.googleapis.com/auth/${name}`),
    });
    await call(stack, "connect_slack", {
      p_org_id: orgId,
      p_team_id: teamId,
      p_team_name: "Test",
      p_bot_user_id: "U0SIXTYBOT",
      p_scopes: ["chat:write", "channels:history"],
      p_bot_token: `xoxb-sim-${teamId}`,
      p_channels: [{ id: "C02SALES", name: "sales" }, { id: "C03DEALS", name: "deals" }],
    });
    await stack.sql("update private.slack_channels set is_open = true where org_id = $1", [orgId]);
    return new EffectDesk(stack, actor, guest, teamId);
  }

  /** An effect of a kind, with text of its own. */
  compose(kind: OutsideKind): Effect {
    const mark = crypto.randomUUID();
    switch (kind) {
      case "send_email":
        return this.#email(mark);
      case "post_slack_message":
        return { kind, channel_id: "C02SALES", channel_name: "sales", text: `Won – ${mark} 🎉` };
      case "schedule_meeting":
        return {
          kind,
          title: `Review ${mark}`,
          description: null,
          starts_at: "2026-12-01T10:00:00+00:00",
          ends_at: "2026-12-01T10:30:00+00:00",
          time_zone: TIME_ZONE,
          attendees: [this.#guest],
          event_id: mark.replaceAll("-", ""),
        };
    }
  }

  #email(mark: string): Effect {
    const messageId = `<${mark}@sixty.test>`;
    const [subject, body] = [`Größe ${mark.slice(0, 8)}`, `Hello Dana,\n\nsee ${mark}.`];
    const raw = composeEmail({
      from: this.#actor.email,
      to: [this.#guest],
      cc: [],
      subject,
      body,
      date: new Date(),
      messageId,
    });
    return {
      kind: "send_email",
      to: [this.#guest],
      cc: [],
      subject,
      body,
      thread_id: null,
      references: [],
      message_id: messageId,
      raw,
      contact_id: null,
      deal_id: null,
      meeting_id: null,
    };
  }

  /**
   * Proposes effects, each as an action of its own, and confirms them.
   *
   * @param effects What is confirmed.
   * @param isHeld Whether their jobs are kept from the stack's own worker, which is woken otherwise.
   */
  async confirm(effects: readonly Effect[], isHeld: boolean): Promise<ConfirmedEffect[]> {
    const confirmed: ConfirmedEffect[] = [];
    for (const effect of effects) {
      // A person begins so many turns a minute, and each proposes only so much
      if (this.#proposals++ % PROPOSALS_A_TURN === 0) this.#turn = undefined;
      const turnId = await (this.#turn ??= this.#beginTurn());
      confirmed.push(await this.#confirmOne(turnId, effect, isHeld));
    }
    return confirmed;
  }

  async #beginTurn(): Promise<string> {
    const turnId = crypto.randomUUID();
    await this.#asOwner("select public.begin_copilot_turn($1, $2, $3, 'Do it', 'test')", [
      this.#actor.orgId,
      crypto.randomUUID(),
      turnId,
    ]);
    return turnId;
  }

  async #confirmOne(turnId: string, effect: Effect, isHeld: boolean): Promise<ConfirmedEffect> {
    const preview = {
      kind: effect.kind,
      summary: "As seen",
      recipients: [],
      fields: shownFields(effect),
      is_reversible: false,
    };
    const [proposed] = await this.#asOwner(
      "select public.propose_action($1, $2, 'Do it', $3, $4, '[]', false) as answer",
      [turnId, crypto.randomUUID(), JSON.stringify([effect]), JSON.stringify([preview])],
    );
    const action = Action.parse(proposed?.["answer"]);
    const [answered] = await this.#asOwner(
      "select public.confirm_pending_action($1, $2) as answer",
      [action.id, action.payload_sha256],
      isHeld,
    );
    const { outcome } = z.object({ outcome: z.string() }).parse(answered?.["answer"]);
    if (outcome !== "queued") throw new Error(`Confirming ended as ${outcome}`);
    const [row] = await this.#stack.sql<{ id: string }>(
      "select id from private.outbound_effects where action_id = $1",
      [action.id],
    );
    return {
      kind: effect.kind as OutsideKind,
      effectId: row?.id ?? "",
      actionId: action.id,
      effect,
    };
  }

  /** Runs a statement as the person, as the API would; held jobs become due in a day, in one transaction. */
  async #asOwner(
    statement: string,
    parameters: readonly unknown[],
    isHeld = false,
  ): Promise<Record<string, unknown>[]> {
    const claims = atob(
      this.#actor.token.split(".")[1]?.replaceAll("-", "+")
        .replaceAll("_", "/") ?? "",
    );
    return await this.#stack.transaction(async (query) => {
      await query("select set_config('request.jwt.claims', $1, true)", [claims]);
      await query("select set_config('role', 'authenticated', true)", []);
      const rows = await query(statement, parameters);
      await query("select set_config('role', 'none', true)", []);
      if (isHeld) {
        await query(
          "update private.jobs set run_at = now() + interval '1 day' where kind = 'action.execute' and org_id = $1 and attempts = 0",
          [this.#actor.orgId],
        );
      }
      return rows;
    });
  }

  /** How an effect stands. */
  async endOf({ effectId }: ConfirmedEffect): Promise<EffectEnd | undefined> {
    const [row] = await this.#stack.sql<EffectEnd>(
      `select o.status, o.external_id, o.error_code, o.attempts, a.status as action_status
       from private.outbound_effects as o
       join private.pending_actions as a on a.org_id = o.org_id and a.id = o.action_id
       where o.id = $1`,
      [effectId],
    );
    return row;
  }

  /** How often each effect left, by the simulators' ledgers, and whether just its bytes did. */
  async leftOutside(
    effects: readonly ConfirmedEffect[],
  ): Promise<Map<string, { times: number; isExact: boolean }>> {
    const response = await fetch(`${this.#stack.description.providersUrl}/_control/state`);
    const ledger = Ledger.parse(await response.json());
    const found = new Map<string, { times: number; isExact: boolean }>();
    for (const { effectId, effect } of effects) {
      found.set(effectId, await readLedger(ledger, effectId, effect));
    }
    return found;
  }
}

/** What the database wants to see shown. */
function shownFields(effect: Effect): { name: string; value: string }[] {
  const names = ["title", "subject", "body", "text", "description"];
  const words = Object.entries(effect).flatMap(([name, value]) =>
    names.includes(name) && typeof value === "string" ? [{ name, value }] : []
  );
  if (effect.kind !== "schedule_meeting") return words;
  const { starts_at: start, ends_at: end, time_zone: zone } = effect;
  return [
    ...words,
    { name: "Starts", value: sayMoment(start, zone) },
    { name: "Ends", value: sayMoment(end, zone) },
  ];
}

async function readLedger(
  { gmail, slack, google_calendar: calendar }: z.infer<typeof Ledger>,
  effectId: string,
  effect: Effect,
): Promise<{ times: number; isExact: boolean }> {
  if (effect.kind === "send_email") {
    const sent = gmail.sent.filter((one) => one.client_message_id === effect.message_id);
    const expected = await sha256Hex(Uint8Array.from(Buffer.from(effect.raw, "base64url")));
    return { times: sent.length, isExact: sent.every(({ sha256 }) => sha256 === expected) };
  }
  if (effect.kind === "post_slack_message") {
    const posts = slack.posts.filter((one) => one.effect_id === effectId);
    const expected = await sha256Hex(new TextEncoder().encode(effect.text));
    return { times: posts.length, isExact: posts.every(({ sha256 }) => sha256 === expected) };
  }
  if (effect.kind !== "schedule_meeting") return { times: 0, isExact: false };
  const inserts = calendar.inserts.filter(({ id }) => id === effect.event_id);
  const isExact = inserts.every(({ invited }) => invited.join() === effect.attendees.join());
  return { times: inserts.length, isExact };
}

async function call(
  stack: TestStack,
  name: string,
  args: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { error } = await stack.service().rpc(name, args);
  if (error) throw new Error(`${name}: ${error.message}`, { cause: error });
}
