-- Tasks that the copilot proposes wait for a yes like everything else. An organization may relax that
-- for its members' own tasks; those there are so far keep being asked.

alter table public.org_settings add column confirm_copilot_tasks boolean not null default true;
comment on column public.org_settings.confirm_copilot_tasks is '[class: customer_input] False: tasks that the copilot proposes for their owner happen at once, with undo; nothing else ever does (C-09).';
grant update (confirm_copilot_tasks) on table public.org_settings to authenticated;
