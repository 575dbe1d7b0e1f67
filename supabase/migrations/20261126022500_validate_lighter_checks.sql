-- What the migration before left to look at: by a scan that stops nobody from reading or writing.

alter table public.security_audit_log validate constraint security_audit_log_reason_is_a_code;
alter table public.security_audit_log validate constraint security_audit_log_actor_name_is_a_code;
alter table public.security_audit_log validate constraint security_audit_log_request_id_shape;
alter table public.recording_events validate constraint recording_events_code_shape;
alter table private.jobs validate constraint jobs_kind_shape;
alter table private.webhook_events validate constraint webhook_events_provider_shape;
