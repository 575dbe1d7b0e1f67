-- Adds conversations to the measured world: a hundred people of the first organization with 200 each,
-- and one of two thousand messages. Run by the superuser; triggers and constraints sleep. Only what the
-- asking person reads is sealed as it would be.
set session_replication_role = replica;

insert into private.copilot_keys (org_id, user_id, wrapped_key)
select bench.id('org', 1), bench.id('person', 1), private.seal(
  private.copilot_master_key(), 'key:' || bench.id('org', 1) || ':' || bench.id('person', 1), encode(extensions.gen_random_bytes(64), 'hex')
);

insert into public.copilot_conversations (org_id, id, user_id, title_sealed, message_count, created_at, last_message_at, archived_at)
select bench.id('org', 1), bench.id('conversation', c), bench.id('person', 1 + c % 100),
  case c % 100 when 0
    then private.seal(private.copilot_key(bench.id('org', 1), bench.id('person', 1)), 'title:' || bench.id('conversation', c), 'Talk ' || c)
    else '\x00' end,
  case c when 100 then 2000 else 2 end, now() - c * interval '1 hour', now() - c * interval '1 hour',
  -- What is older than a year was put away each night, but the last one's.
  case when c % 300 < 100 or c > 365 * 24 + 24 then now() end
from generate_series(1, 20000) as c;

insert into public.copilot_turns (org_id, id, conversation_id, user_id, worker, status, lease_until, created_at, finished_at)
select c.org_id, bench.id('turn', t.n * 100000 + row_number() over (partition by t.n order by c.last_message_at desc)), c.id, c.user_id, 'w', 'done', c.created_at,
  c.created_at + t.n * interval '1 second', c.created_at + t.n * interval '1 second'
from public.copilot_conversations as c
cross join lateral generate_series(1, c.message_count / 2) as t (n);

insert into public.copilot_messages (org_id, id, conversation_id, turn_id, seq, role, text_sealed, created_at)
select t.org_id, m.id, t.conversation_id, t.id, m.seq, m.role,
  case when t.user_id = bench.id('person', 1)
    then private.seal(private.copilot_key(t.org_id, t.user_id), 'text:' || m.id, 'What was said')
    else '\x00' end,
  t.created_at
from (
  select u.*, row_number() over (partition by u.conversation_id order by u.created_at) as number from public.copilot_turns as u
) as t
cross join lateral (
  values (bench.id('question', ('x' || left(t.id::text, 8))::bit(32)::bigint), 'user', t.number * 2 - 1),
    (bench.id('answer', ('x' || left(t.id::text, 8))::bit(32)::bigint), 'assistant', t.number * 2)
) as m (id, role, seq);

insert into private.copilot_turn_events (org_id, turn_id, seq, event, data_sealed, created_at)
select t.org_id, t.id, e.seq, 'text',
  case when t.user_id = bench.id('person', 1)
    then private.seal(private.copilot_key(t.org_id, t.user_id), 'event:' || t.id || ':' || e.seq, '{"text": "x"}')
    else '\x00' end,
  -- A day of them, and what came since the last pruning.
  now() - (hashtext(t.id::text) & 32767) / 32767.0 * 24.4 * interval '1 hour'
from public.copilot_turns as t cross join generate_series(1, 2) as e (seq);

insert into private.copilot_accesses (user_id, kind, subject_id, at)
select bench.id('person', p), 'read', bench.id('read', p * 1000 + n), now() - interval '10 minutes'
from generate_series(1, 100) as p cross join generate_series(1, 30) as n;

-- An hour's, which is all that is kept.
insert into private.copilot_exports (org_id, user_id, started_at)
select bench.id('org', 1), bench.id('person', 2 + n % 99), now() - n * interval '4 seconds' from generate_series(1, 910) as n;

insert into private.pending_actions (
  org_id, id, user_id, conversation_id, turn_id, key, shown_sealed, effects_sealed, payload_sha256, is_tainted, is_reversible, status, decided_at
)
select t.org_id, t.id, t.user_id, t.conversation_id, t.id, 'send', '\x00', '\x00', repeat('0', 64), false, false, 'executed', t.created_at
from public.copilot_turns as t order by t.id limit 5000;
insert into private.outbound_effects (org_id, id, action_id, position, user_id, kind, status, finished_at)
select a.org_id, a.id, a.id, 0, a.user_id, 'send_email', 'done', a.decided_at from private.pending_actions as a;
insert into private.jobs (kind, payload, state, finished_at, run_at)
select 'action.execute', jsonb_build_object('effect_id', o.id), 'dead', now(), 'infinity' from private.outbound_effects as o order by o.id limit 20;

set session_replication_role = origin;
vacuum analyze private.copilot_exports, private.pending_actions, private.outbound_effects, private.jobs;
vacuum analyze public.copilot_conversations, public.copilot_turns, public.copilot_messages;
vacuum analyze private.copilot_turn_events, private.copilot_accesses, private.copilot_keys;
