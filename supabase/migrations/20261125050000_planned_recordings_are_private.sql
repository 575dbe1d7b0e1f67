-- A recording that is only planned is an entry of somebody's calendar: its title and its address are
-- their owner's alone until a meeting has come of it, whatever the organization shares (U60-051).

alter policy "members read own and shared recordings" on public.recordings
using (
  org_id = any((select private.my_orgs())::uuid[])
  and case
    when meeting_id is not null and org_id = any((select private.my_shared_orgs('meetings'))::uuid[]) then true
    else owner_user_id = (select private.current_user_id())
  end
  and deleted_at is null
);

create or replace function private.require_readable_recording(p_org_id uuid, p_recording_id uuid)
returns public.recordings
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_org_id constant uuid := private.require_org(p_org_id);
  v_recording public.recordings;
begin
  -- The very rule of the policy "members read own and shared recordings".
  select r.* into v_recording
  from public.recordings as r
  where r.org_id = v_org_id and r.id = p_recording_id and r.deleted_at is null
    and (
      r.owner_user_id = private.current_user_id()
      or r.meeting_id is not null and r.org_id = any(private.my_shared_orgs('meetings'))
    );
  if v_recording.id is null then
    raise sqlstate 'PT404' using message = 'not_found';
  end if;
  return v_recording;
end;
$$;
