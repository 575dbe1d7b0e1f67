-- Transcripts from Fathom are stored with the end of each utterance where the delivery says it. An end
-- before the start is a slip of the source, and not worth losing the transcript for.

create or replace function private.replace_transcript(p_meeting public.meetings, p_language text, p_segments jsonb)
returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_transcript_id uuid;
begin
  insert into public.transcripts as t (org_id, meeting_id, owner_user_id, language, segment_count)
  values (
    p_meeting.org_id, p_meeting.id, p_meeting.owner_user_id, p_language, jsonb_array_length(p_segments)
  )
  on conflict on constraint transcripts_one_per_meeting do update
  set language = coalesce(excluded.language, t.language), segment_count = excluded.segment_count
  returning t.id into v_transcript_id;

  delete from public.transcript_segments as s
  where s.org_id = p_meeting.org_id and s.transcript_id = v_transcript_id;
  -- Stored means searchable: the index column is part of the row.
  insert into public.transcript_segments (
    org_id, transcript_id, meeting_id, owner_user_id, seq, speaker_name, speaker_email, start_ms, end_ms, text
  )
  select p_meeting.org_id, v_transcript_id, p_meeting.id, p_meeting.owner_user_id, n.seq + 1,
    n.speaker_name, n.speaker_email,
    -- A line without a time was said no earlier than the one before it.
    coalesce(n.start_ms, max(n.start_ms) over (order by n.seq), 0),
    case when n.end_ms >= n.start_ms then n.end_ms end, n.text
  from jsonb_to_recordset(p_segments) as n (
    seq integer, speaker_name text, speaker_email text, start_ms integer, end_ms integer, text text
  );
end;
$$;
