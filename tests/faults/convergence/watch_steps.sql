-- Writes down every change of a recording's status, beside the product, for the checker.
create schema house;
create table house.steps (org_id uuid not null, from_status text not null, to_status text not null);
create function house.note_step() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  insert into house.steps values (new.org_id, old.status, new.status);
  return null;
end;
$$;
create trigger watch_steps after update of status on public.recordings
for each row when (old.status is distinct from new.status) execute function house.note_step();
-- Reports go forward only; before there is a bot, sending it may fail, be tried again or be called off.
create function house.may_step(p_from text, p_to text) returns boolean language sql stable as $$
  select case
    when p_from in ('scheduled', 'deploying') then true
    when p_to = 'failed' then p_from <> 'completed'
    when p_from = 'failed' then p_to in ('completed', 'scheduled', 'deploying', 'joining')
    else array_position(array['joining', 'waiting_room', 'joined', 'recording', 'ended', 'completed'], p_to)
      > array_position(array['joining', 'waiting_room', 'joined', 'recording', 'ended', 'completed'], p_from)
  end
$$;
