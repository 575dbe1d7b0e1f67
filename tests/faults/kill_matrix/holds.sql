-- Places within a transaction where it waits for as long as a row of house.armed says so: what is to
-- die there, dies while it waits. A session that waits says so by its name.
create table house.armed (place text primary key);
-- What a person has written, for the checker.
create table house.edits (org_id uuid not null, meeting_id uuid not null, title text not null);
create function house.wait_at(p_place text) returns void language plpgsql volatile security definer set search_path = '' as $$
begin
  if not exists (select from house.armed as a where a.place = p_place) then
    return;
  end if;
  perform pg_catalog.set_config('application_name', 'held at ' || p_place, false);
  while exists (select from house.armed as a where a.place = p_place) loop
    perform pg_catalog.pg_sleep(0.005);
  end loop;
  perform pg_catalog.set_config('application_name', '', false);
end;
$$;
create function house.hold() returns trigger language plpgsql volatile security definer set search_path = '' as $$
begin
  perform house.wait_at(tg_argv[0]);
  return new;
end;
$$;
create trigger house_hold_inserted after insert on private.webhook_events
for each row execute function house.hold('report inserted');
create constraint trigger house_hold_commit after insert on private.webhook_events
deferrable initially deferred for each row execute function house.hold('report at commit');
create trigger house_hold_selected before insert on public.recordings
for each row execute function house.hold('recording selected');
create trigger house_hold_inserted after insert on public.recordings
for each row execute function house.hold('recording inserted');
create trigger house_hold_backoff after update on private.jobs
for each row when (old.state = 'running' and new.state = 'ready' and new.attempts > 0) execute function house.hold('job put off');
create trigger house_hold_dead after update on private.jobs
for each row when (new.state = 'dead' and old.state <> 'dead') execute function house.hold('job buried');
create trigger house_hold_segment after insert on public.transcript_segments
for each row execute function house.hold('segment inserted');
create constraint trigger house_hold_commit after insert on public.transcript_segments
deferrable initially deferred for each row execute function house.hold('transcript at commit');
create trigger house_hold_synced after update on public.meetings
for each row when (new.video_url is distinct from old.video_url) execute function house.hold('meeting synced');
create trigger house_hold_usage after insert or update on public.s3_usage_metrics
for each row execute function house.hold('usage written');
