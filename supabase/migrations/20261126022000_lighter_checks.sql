-- Codes that every audit row, job, webhook and line of a timeline carries are checked for less: a pattern that
-- counts up to a hundred is unrolled anew for each row it checks. What is allowed is the same, so rows that are
-- there are looked at by the next migration, without a lock.

set local lock_timeout = '5s';

alter table public.security_audit_log
drop constraint security_audit_log_reason_is_a_code,
add constraint security_audit_log_reason_is_a_code check (reason ~ '^[a-z0-9_.:-]+$' and char_length(reason) <= 100) not valid,
drop constraint security_audit_log_actor_name_is_a_code,
add constraint security_audit_log_actor_name_is_a_code check (actor_name ~ '^[a-z0-9_.:-]+$' and char_length(actor_name) <= 100) not valid,
drop constraint security_audit_log_request_id_shape,
add constraint security_audit_log_request_id_shape check (request_id ~ '^[A-Za-z0-9_.:-]+$' and char_length(request_id) <= 100) not valid;
alter table public.recording_events
drop constraint recording_events_code_shape,
add constraint recording_events_code_shape check (code ~ '^[a-z0-9_.:-]+$' and char_length(code) <= 100) not valid;
alter table private.jobs
drop constraint jobs_kind_shape,
add constraint jobs_kind_shape check (kind ~ '^[a-z0-9_.-]+$' and char_length(kind) <= 60) not valid;
alter table private.webhook_events
drop constraint webhook_events_provider_shape,
add constraint webhook_events_provider_shape check (provider ~ '^[a-z0-9_-]+$' and char_length(provider) <= 40) not valid;
