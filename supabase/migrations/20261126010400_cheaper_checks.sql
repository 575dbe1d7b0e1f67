-- The same rules for less: a pattern that counts up to a hundred is unrolled anew for each row it checks.

alter table public.security_audit_log
  drop constraint security_audit_log_reason_is_a_code,
  drop constraint security_audit_log_actor_name_is_a_code,
  drop constraint security_audit_log_request_id_shape,
  add constraint security_audit_log_reason_is_a_code check (reason ~ '^[a-z0-9_.:-]+$' and char_length(reason) <= 100),
  add constraint security_audit_log_actor_name_is_a_code check (actor_name ~ '^[a-z0-9_.:-]+$' and char_length(actor_name) <= 100),
  add constraint security_audit_log_request_id_shape check (request_id ~ '^[A-Za-z0-9_.:-]+$' and char_length(request_id) <= 100);

alter table private.webhook_events
  drop constraint webhook_events_provider_shape,
  add constraint webhook_events_provider_shape check (provider ~ '^[a-z0-9_-]+$' and char_length(provider) <= 40);

alter table private.jobs
  drop constraint jobs_kind_shape,
  add constraint jobs_kind_shape check (kind ~ '^[a-z0-9_.-]+$' and char_length(kind) <= 60);
