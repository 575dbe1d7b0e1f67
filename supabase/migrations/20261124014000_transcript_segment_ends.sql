-- Transcribers say when an utterance ended, so that a player can follow what is said and a silence
-- isn't taken for speech. Null where the source does not say, as for all that is stored so far.

alter table public.transcript_segments
add column end_ms integer,
add constraint transcript_segments_end_after_they_start check (end_ms >= start_ms);
comment on column public.transcript_segments.end_ms is '[class: conversation] When it ended; null where the source does not say.';
