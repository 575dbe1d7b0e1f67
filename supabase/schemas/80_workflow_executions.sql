-- Runs of the skill library, kept step by step so that a killed one goes on where it stopped (U60-052).
-- What a run found is enciphered with the key of the conversation it was made for, and goes with it.
-- Trust boundary: no role of the API has any privilege on these tables; functions write them for the
-- worker that holds the person's turn, and read them for that person, logging it (C-18).

create table public.workflow_executions (
  org_id uuid not null references public.organizations (id) on delete cascade,
  id uuid not null default private.new_id(),
  user_id uuid not null,
  turn_id uuid not null,
  skill_key text not null,
  skill_version integer not null,
  document_sha256 text not null,
  inputs_sha256 text not null,
  inputs jsonb not null default '{}',
  is_simulation boolean not null default true,
  simulation_id uuid,
  pending_action_id uuid,
  status text not null default 'running',
  output_sealed bytea,
  error_code text,
  created_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  primary key (org_id, id),
  constraint workflow_executions_are_one_a_request unique (org_id, turn_id, skill_key, inputs_sha256, document_sha256, is_simulation),
  foreign key (org_id, user_id) references public.organization_members (org_id, user_id) on delete cascade,
  foreign key (org_id, turn_id) references public.copilot_turns (org_id, id) on delete cascade,
  foreign key (org_id, simulation_id) references public.workflow_executions (org_id, id) on delete cascade,
  foreign key (org_id, pending_action_id) references private.pending_actions (org_id, id) on delete set null (pending_action_id),
  constraint workflow_executions_key_shape check (skill_key ~ '^[a-z][a-z0-9-]{1,59}$'),
  constraint workflow_executions_version_is_positive check (skill_version > 0),
  constraint workflow_executions_hash_shapes check (document_sha256 ~ '^[0-9a-f]{64}$' and inputs_sha256 ~ '^[0-9a-f]{64}$'),
  constraint workflow_executions_inputs_are_small check (jsonb_typeof(inputs) = 'object' and pg_column_size(inputs) <= 8192),
  constraint workflow_executions_real_ones_were_simulated check (is_simulation = (simulation_id is null)),
  constraint workflow_executions_status_is_known check (status in ('running', 'succeeded', 'failed')),
  constraint workflow_executions_end_once check ((status = 'running') = (finished_at is null)),
  constraint workflow_executions_error_is_a_code check (error_code ~ '^[a-z0-9_]{1,100}$')
);
comment on table public.workflow_executions is
  'One run of a skill or sequence for one person. A simulation shows and proposes; a real one is what became of its proposal.';
comment on column public.workflow_executions.org_id is '[class: operational] Organization it was run in.';
comment on column public.workflow_executions.id is '[class: operational] Follows time.';
comment on column public.workflow_executions.user_id is '[class: operational] Owner: for whom it was run, with whose rights.';
comment on column public.workflow_executions.turn_id is '[class: operational] Turn it was run for; it goes with it.';
comment on column public.workflow_executions.skill_key is '[class: operational] Key of the document.';
comment on column public.workflow_executions.skill_version is '[class: operational] Its version.';
comment on column public.workflow_executions.document_sha256 is '[class: operational] SHA-256 of the text that was run, in hex.';
comment on column public.workflow_executions.inputs_sha256 is '[class: operational] SHA-256 of the turn''s id and the inputs, in hex: the same request of a turn is the same run.';
comment on column public.workflow_executions.inputs is '[class: operational] Ids, dates, numbers and booleans it was given; of texts only that they were there.';
comment on column public.workflow_executions.is_simulation is '[class: operational] True where nothing was done but looking up and proposing (U60-087).';
comment on column public.workflow_executions.simulation_id is '[class: operational] The simulation whose proposal was confirmed (U60-088); null for a simulation.';
comment on column public.workflow_executions.pending_action_id is '[class: operational] What it proposed, or the edited form of it.';
comment on column public.workflow_executions.status is '[class: operational] running, succeeded or failed.';
comment on column public.workflow_executions.output_sealed is '[class: conversation] The panel it made, enciphered.';
comment on column public.workflow_executions.error_code is '[class: operational] Why it failed.';
comment on column public.workflow_executions.created_at is '[class: operational] When it began: what today means in it.';
comment on column public.workflow_executions.finished_at is '[class: operational] When it ended.';
create index workflow_executions_org_id_user_id_idx on public.workflow_executions (org_id, user_id, created_at desc);
create index workflow_executions_org_id_simulation_id_idx on public.workflow_executions (org_id, simulation_id);
create index workflow_executions_org_id_pending_action_id_idx on public.workflow_executions (org_id, pending_action_id);

create table public.workflow_steps (
  org_id uuid not null references public.organizations (id) on delete cascade,
  execution_id uuid not null,
  position integer not null,
  step_id text not null,
  kind text not null,
  action text,
  args jsonb not null default '{}',
  status text not null,
  output_sealed bytea not null,
  error_code text,
  started_at timestamptz not null,
  finished_at timestamptz not null,
  primary key (org_id, execution_id, position),
  constraint workflow_steps_are_named_once unique (org_id, execution_id, step_id),
  foreign key (org_id, execution_id) references public.workflow_executions (org_id, id) on delete cascade,
  constraint workflow_steps_position_counts_from_one check (position between 1 and 20),
  constraint workflow_steps_step_id_shape check (step_id ~ '^[a-z][a-z0-9_]{0,39}$'),
  constraint workflow_steps_kind_is_known check (kind in ('read', 'knowledge', 'model', 'propose')),
  constraint workflow_steps_action_is_a_code check (action ~ '^[a-z0-9_]{1,100}$'),
  constraint workflow_steps_args_are_small check (jsonb_typeof(args) = 'object' and pg_column_size(args) <= 8192),
  constraint workflow_steps_status_is_known check (status in ('succeeded', 'skipped')),
  constraint workflow_steps_error_is_a_code check (error_code ~ '^[a-z0-9_]{1,100}$'),
  constraint workflow_steps_end_after_they_begin check (finished_at >= started_at)
);
comment on table public.workflow_steps is 'A step of a run that is over: it is not done again.';
comment on column public.workflow_steps.org_id is '[class: operational] Organization of its run.';
comment on column public.workflow_steps.execution_id is '[class: operational] Its run.';
comment on column public.workflow_steps.position is '[class: operational] Its place in the document, from 1.';
comment on column public.workflow_steps.step_id is '[class: operational] Its name in the document.';
comment on column public.workflow_steps.kind is '[class: operational] read, knowledge, model or propose.';
comment on column public.workflow_steps.action is '[class: operational] Action that it ran or prepared.';
comment on column public.workflow_steps.args is '[class: operational] Ids, dates, numbers and booleans it was given; of texts only that they were there.';
comment on column public.workflow_steps.status is '[class: operational] succeeded, or skipped where there was nothing.';
comment on column public.workflow_steps.output_sealed is '[class: conversation] What it found with its evidence, enciphered.';
comment on column public.workflow_steps.error_code is '[class: operational] Why it was skipped.';
comment on column public.workflow_steps.started_at is '[class: operational] When it began.';
comment on column public.workflow_steps.finished_at is '[class: operational] When it ended.';

select private.audit_table('public.workflow_executions');
alter table public.workflow_executions enable row level security;
alter table public.workflow_executions force row level security;
alter table public.workflow_steps enable row level security;
alter table public.workflow_steps force row level security;
revoke all on table public.workflow_executions, public.workflow_steps from anon, authenticated, service_role;
-- As 90_planner.sql tells the planner of every such table.
alter table public.workflow_executions alter column org_id set (n_distinct = 10);
alter table public.workflow_steps alter column org_id set (n_distinct = 10);

create function private.hold_workflow(p_execution_id uuid, p_worker text)
returns public.workflow_executions
language plpgsql security definer set search_path = ''
as $$
declare
  v_execution public.workflow_executions;
begin
  select e.* into v_execution
  from public.workflow_executions as e
  where e.id = p_execution_id and e.is_simulation;
  -- Who holds the turn holds its runs; a run that there is not has no turn to be held.
  perform private.hold_running_turn(v_execution.turn_id, p_worker);
  return v_execution;
end;
$$;
comment on function private.hold_workflow(uuid, text) is
  'The caller''s run, if this worker holds the turn it is for. Raises not_found or turn_not_held. Definer: runs are nobody''s to read. Granted to nobody.';

create function private.hold_running_turn(p_turn_id uuid, p_worker text)
returns public.copilot_turns
language plpgsql security definer set search_path = ''
as $$
declare
  v_turn public.copilot_turns := private.hold_turn(p_turn_id, p_worker);
begin
  if v_turn.status <> 'running' then
    raise sqlstate 'PT409' using message = 'turn_not_held';
  end if;
  return v_turn;
end;
$$;
comment on function private.hold_running_turn(uuid, text) is
  'The caller''s turn, locked, if this worker holds it and it has not ended. Raises not_found or turn_not_held. Definer, granted to nobody.';

create function private.describe_workflow_steps(p_execution public.workflow_executions, p_key bytea)
returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select coalesce(
      jsonb_agg(
        private.unseal(p_key, 'step:' || s.execution_id || ':' || s.position, s.output_sealed)::jsonb || jsonb_build_object(
          'id', s.step_id, 'position', s.position, 'kind', s.kind, 'action', s.action, 'args', s.args,
          'status', s.status, 'error_code', s.error_code, 'started_at', s.started_at, 'finished_at', s.finished_at
        )
        order by s.position
      ),
      '[]'
    )
    from public.workflow_steps as s
    where s.org_id = p_execution.org_id and s.execution_id = p_execution.id
  );
end;
$$;
comment on function private.describe_workflow_steps(public.workflow_executions, bytea) is
  'The steps of a run that are over, with what they found. Definer: steps are nobody''s to read. Granted to nobody; ask hold_workflow first.';

create function private.start_workflow(
  p_turn_id uuid, p_worker text, p_key text, p_version integer, p_document_sha256 text, p_inputs_sha256 text, p_inputs jsonb
)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_turn constant public.copilot_turns := private.hold_running_turn(p_turn_id, p_worker);
  v_execution public.workflow_executions;
begin
  insert into public.workflow_executions as e (
    org_id, user_id, turn_id, skill_key, skill_version, document_sha256, inputs_sha256, inputs
  )
  values (
    v_turn.org_id, v_turn.user_id, v_turn.id, p_key, p_version, p_document_sha256, p_inputs_sha256, p_inputs
  )
  -- One that failed is tried again where it stopped; one that succeeded stays what it is.
  on conflict (org_id, turn_id, skill_key, inputs_sha256, document_sha256, is_simulation) do update set
    status = case e.status when 'failed' then 'running' else e.status end,
    finished_at = case e.status when 'failed' then null else e.finished_at end,
    error_code = case e.status when 'failed' then null else e.error_code end
  returning e.* into v_execution;
  return jsonb_build_object(
    'execution_id', v_execution.id, 'started_at', v_execution.created_at, 'status', v_execution.status,
    'steps', private.describe_workflow_steps(v_execution, private.copilot_key(v_turn.org_id, v_turn.user_id))
  );
end;
$$;
comment on function private.start_workflow(uuid, text, text, integer, text, text, jsonb) is
  'Begins a run for a turn, or takes the same one up with the steps that are over. Definer: runs are nobody''s to write; the turn''s holder is checked first.';

create function private.save_workflow_step(p_execution_id uuid, p_worker text, p_step jsonb)
returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_execution constant public.workflow_executions := private.hold_workflow(p_execution_id, p_worker);
  v_position constant integer := (p_step ->> 'position')::integer;
begin
  -- What is over is over: the first account of a step stays.
  insert into public.workflow_steps (
    org_id, execution_id, position, step_id, kind, action, args, status, output_sealed, error_code, started_at, finished_at
  )
  values (
    v_execution.org_id, v_execution.id, v_position, p_step ->> 'id', p_step ->> 'kind', p_step ->> 'action',
    coalesce(p_step -> 'args', '{}'), p_step ->> 'status',
    private.seal(
      private.copilot_key(v_execution.org_id, v_execution.user_id), 'step:' || v_execution.id || ':' || v_position,
      jsonb_build_object('output', p_step -> 'output', 'evidence', coalesce(p_step -> 'evidence', '[]'))::text
    ),
    p_step ->> 'error_code', (p_step ->> 'started_at')::timestamptz, (p_step ->> 'finished_at')::timestamptz
  )
  on conflict (org_id, execution_id, position) do nothing;
end;
$$;
comment on function private.save_workflow_step(uuid, text, jsonb) is
  'Keeps a step that is over, once. Definer: steps are nobody''s to write; the turn''s holder is checked first.';

create function private.finish_workflow(
  p_execution_id uuid, p_worker text, p_status text, p_output jsonb, p_pending_action_id uuid, p_error_code text
)
returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_execution constant public.workflow_executions := private.hold_workflow(p_execution_id, p_worker);
begin
  if p_pending_action_id is not null and not exists (
    select from private.pending_actions as a
    where a.org_id = v_execution.org_id and a.id = p_pending_action_id and a.turn_id = v_execution.turn_id
  ) then
    raise sqlstate 'PT404' using message = 'not_found';
  end if;
  update public.workflow_executions as e set
    status = p_status,
    output_sealed = private.seal(
      private.copilot_key(e.org_id, e.user_id), 'workflow:' || e.id, p_output::text
    ),
    pending_action_id = p_pending_action_id,
    error_code = p_error_code,
    finished_at = clock_timestamp()
  where e.org_id = v_execution.org_id and e.id = v_execution.id and e.status = 'running';
end;
$$;
comment on function private.finish_workflow(uuid, text, text, jsonb, uuid, text) is
  'Ends a run once, with its panel and what it proposed in the same turn. Definer: runs are nobody''s to write; the turn''s holder is checked first. Raises not_found or turn_not_held.';

create function private.read_workflow(p_execution_id uuid)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_execution public.workflow_executions;
  v_key bytea;
  v_conversation_id uuid;
begin
  select e.* into v_execution
  from public.workflow_executions as e
  where e.id = p_execution_id and e.user_id = private.current_user_id();
  if not v_execution.org_id = any(private.my_orgs()) is true then
    raise sqlstate 'PT404' using message = 'not_found';
  end if;
  select t.conversation_id into v_conversation_id
  from public.copilot_turns as t where t.org_id = v_execution.org_id and t.id = v_execution.turn_id;
  perform private.log_conversation_read(
    'workflow_executions.read', v_execution.org_id, v_execution.user_id, v_conversation_id
  );
  v_key := private.copilot_key(v_execution.org_id, v_execution.user_id);
  return jsonb_build_object(
    'execution_id', v_execution.id, 'org_id', v_execution.org_id, 'turn_id', v_execution.turn_id,
    'key', v_execution.skill_key, 'version', v_execution.skill_version,
    'is_simulation', v_execution.is_simulation, 'simulation_id', v_execution.simulation_id,
    'pending_action_id', v_execution.pending_action_id, 'status', v_execution.status,
    'error_code', v_execution.error_code, 'started_at', v_execution.created_at,
    'finished_at', v_execution.finished_at,
    'panel', private.unseal(v_key, 'workflow:' || v_execution.id, v_execution.output_sealed)::jsonb,
    'steps', (
      select coalesce(jsonb_agg(s.step - 'output' order by (s.step ->> 'position')::integer), '[]')
      from jsonb_array_elements(private.describe_workflow_steps(v_execution, v_key)) as s (step)
    )
  );
end;
$$;
comment on function private.read_workflow(uuid) is
  'A run of the caller''s with its panel and its steps; reading it is logged. Raises not_found. Definer: runs are nobody''s to read; the owner is checked first.';

create function private.follow_pending_action()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  if tg_op = 'INSERT' then
    -- An edited proposal is still the run's.
    update public.workflow_executions as e set pending_action_id = new.id
    where e.org_id = new.org_id and e.pending_action_id = new.replaces and e.is_simulation;
    return null;
  end if;
  -- Confirming a simulation's proposal is the run itself, with exactly the stored effects (U60-088, R-02).
  insert into public.workflow_executions as r (
    org_id, user_id, turn_id, skill_key, skill_version, document_sha256, inputs_sha256, inputs, is_simulation,
    simulation_id, pending_action_id, status, error_code, finished_at
  )
  select e.org_id, e.user_id, e.turn_id, e.skill_key, e.skill_version, e.document_sha256, e.inputs_sha256, e.inputs, false,
    e.id, new.id,
    case when new.status = 'executing' then 'running' when new.status = 'executed' then 'succeeded' else 'failed' end,
    new.error_code, case when new.status <> 'executing' then clock_timestamp() end
  from public.workflow_executions as e
  where e.org_id = new.org_id and e.pending_action_id = new.id and e.is_simulation
  on conflict (org_id, turn_id, skill_key, inputs_sha256, document_sha256, is_simulation) do update set
    status = excluded.status, error_code = excluded.error_code, finished_at = excluded.finished_at;
  return null;
end;
$$;
comment on function private.follow_pending_action() is
  'Trigger: a run keeps up with what it proposed; confirming it makes the real run. Definer, to write runs for whoever confirms.';

create trigger workflow_follows after insert on private.pending_actions
for each row when (new.replaces is not null) execute function private.follow_pending_action();
create trigger workflow_executes after update of status on private.pending_actions
for each row
when (old.status is distinct from new.status and new.status in ('executing', 'executed', 'partly_failed', 'failed'))
execute function private.follow_pending_action();

create function public.start_workflow(
  p_turn_id uuid, p_worker text, p_key text, p_version integer, p_document_sha256 text, p_inputs_sha256 text,
  p_inputs jsonb default '{}'
)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.start_workflow(p_turn_id, p_worker, p_key, p_version, p_document_sha256, p_inputs_sha256, p_inputs);
end;
$$;
comment on function public.start_workflow(uuid, text, text, integer, text, text, jsonb) is
  'Begins a run for a turn that the worker holds, or takes the same one up: {execution_id, started_at, status, steps}. Raises not_found or turn_not_held.';

create function public.save_workflow_step(p_execution_id uuid, p_worker text, p_step jsonb)
returns void
language plpgsql security invoker set search_path = ''
as $$
begin
  perform private.save_workflow_step(p_execution_id, p_worker, p_step);
end;
$$;
comment on function public.save_workflow_step(uuid, text, jsonb) is
  'Keeps a step that is over, once. Raises not_found or turn_not_held.';

create function public.finish_workflow(
  p_execution_id uuid, p_worker text, p_status text, p_output jsonb default null,
  p_pending_action_id uuid default null, p_error_code text default null
)
returns void
language plpgsql security invoker set search_path = ''
as $$
begin
  perform private.finish_workflow(p_execution_id, p_worker, p_status, p_output, p_pending_action_id, p_error_code);
end;
$$;
comment on function public.finish_workflow(uuid, text, text, jsonb, uuid, text) is
  'Ends a run, once. Raises not_found or turn_not_held.';

create function public.read_workflow(p_execution_id uuid)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.read_workflow(p_execution_id);
end;
$$;
comment on function public.read_workflow(uuid) is
  'A run of the caller''s with its panel and its steps. Raises not_found.';

grant execute on function
  private.start_workflow(uuid, text, text, integer, text, text, jsonb),
  public.start_workflow(uuid, text, text, integer, text, text, jsonb),
  private.save_workflow_step(uuid, text, jsonb), public.save_workflow_step(uuid, text, jsonb),
  private.finish_workflow(uuid, text, text, jsonb, uuid, text), public.finish_workflow(uuid, text, text, jsonb, uuid, text),
  private.read_workflow(uuid), public.read_workflow(uuid)
to authenticated;
