-- What language models cost: every counted call, priced by the day it was made, summed by month, and
-- held against the organization's budget. Money is the provider's, in its currency; nobody is billed
-- from here.

create table private.model_prices (
  model text not null,
  valid_from date not null,
  currency text not null default 'USD',
  input_per_million numeric(12, 4) not null,
  cached_input_per_million numeric(12, 4),
  output_per_million numeric(12, 4) not null,
  primary key (model, valid_from),
  constraint model_prices_model_shape check (model ~ '^[a-z0-9][a-z0-9.-]{0,99}$'),
  constraint model_prices_currency_shape check (currency = 'USD'),
  constraint model_prices_are_not_negative
  check (input_per_million >= 0 and cached_input_per_million >= 0 and output_per_million >= 0)
);
comment on table private.model_prices is
  'List prices of models by the day they begin to hold. A dated setting, checked by a person: add a row when a price changes, never edit one.';
comment on column private.model_prices.model is '[class: operational] Name of the model at its provider.';
comment on column private.model_prices.valid_from is '[class: operational] First day (UTC) the price holds.';
comment on column private.model_prices.currency is '[class: operational] Currency of the prices; sums are made in one only.';
comment on column private.model_prices.input_per_million is '[class: operational] For a million tokens of prompt.';
comment on column private.model_prices.cached_input_per_million is '[class: operational] For a million of them that came from the cache; null where it is not known, which costs the full price.';
comment on column private.model_prices.output_per_million is '[class: operational] For a million tokens of answer, thoughts among them.';

insert into private.model_prices (model, valid_from, input_per_million, cached_input_per_million, output_per_million) values
  ('gemini-3.8-flash', '2026-09-02', 0.75, null, 3.75),
  ('gemini-3.8-flash', '2027-01-01', 1.50, null, 7.50),
  ('gemini-3.6-flash', '2026-07-21', 1.50, 0.15, 7.50),
  ('gemini-3.5-flash-lite', '2026-01-01', 0.30, null, 2.50);

create table private.model_plan_budgets (
  plan text primary key,
  monthly_limit numeric(14, 4) not null,
  currency text not null default 'USD',
  daily_limit_per_person numeric(14, 4) not null default 5,
  constraint model_plan_budgets_daily_limit_is_not_negative check (daily_limit_per_person >= 0),
  constraint model_plan_budgets_plan_shape check (plan ~ '^[a-z_]{1,40}$'),
  constraint model_plan_budgets_limit_is_not_negative check (monthly_limit >= 0),
  constraint model_plan_budgets_currency_shape check (currency = 'USD')
);
comment on table private.model_plan_budgets is 'What an organization of a plan may spend on models in a calendar month (UTC), unless it has a budget of its own.';
comment on column private.model_plan_budgets.plan is '[class: operational] free, team or enterprise.';
comment on column private.model_plan_budgets.monthly_limit is '[class: operational] The limit.';
comment on column private.model_plan_budgets.currency is '[class: operational] Its currency.';
comment on column private.model_plan_budgets.daily_limit_per_person is '[class: operational] What one person''s copilot may spend of it in a day (UTC).';
insert into private.model_plan_budgets (plan, monthly_limit, daily_limit_per_person)
values ('free', 5, 1), ('team', 100, 5), ('enterprise', 1000, 10);

create table private.model_budgets (
  org_id uuid not null references public.organizations (id) on delete cascade,
  valid_from date not null default current_date,
  monthly_limit numeric(14, 4) not null,
  currency text not null default 'USD',
  daily_limit_per_person numeric(14, 4),
  primary key (org_id, valid_from),
  constraint model_budgets_daily_limit_is_not_negative check (daily_limit_per_person >= 0),
  constraint model_budgets_limit_is_not_negative check (monthly_limit >= 0),
  constraint model_budgets_currency_shape check (currency = 'USD')
);
comment on table private.model_budgets is 'Budgets that an operator gave to single organizations; 0 turns models off for one.';
comment on column private.model_budgets.org_id is '[class: operational] The organization.';
comment on column private.model_budgets.valid_from is '[class: operational] First day (UTC) the budget holds.';
comment on column private.model_budgets.monthly_limit is '[class: operational] What it may spend in a calendar month (UTC).';
comment on column private.model_budgets.currency is '[class: operational] Currency of the limit.';
comment on column private.model_budgets.daily_limit_per_person is '[class: operational] What one person''s copilot may spend of it in a day (UTC); null where the plan says it.';

create table private.model_usage (
  org_id uuid not null references public.organizations (id) on delete cascade,
  id uuid not null,
  purpose text not null,
  model text not null,
  model_version text,
  outcome text not null,
  prompt_tokens bigint not null,
  cached_tokens bigint not null,
  answer_tokens bigint not null,
  thought_tokens bigint not null,
  cost numeric(16, 8) not null,
  currency text not null default 'USD',
  is_estimated boolean not null,
  request_id text,
  created_at timestamptz not null default now(),
  primary key (org_id, id),
  constraint model_usage_purpose_is_known check (purpose in ('meeting_analysis', 'copilot')),
  constraint model_usage_outcome_shape check (outcome ~ '^[a-z_]{1,60}$'),
  constraint model_usage_is_not_negative check (least(prompt_tokens, cached_tokens, answer_tokens, thought_tokens, cost) >= 0)
);
comment on table private.model_usage is 'One counted call of a model: tokens and what they cost, never what was said. Appended only.';
comment on column private.model_usage.org_id is '[class: operational] Organization it was made for.';
comment on column private.model_usage.id is '[class: operational] Made by the caller, so that a repeated report counts once.';
comment on column private.model_usage.purpose is '[class: operational] meeting_analysis or copilot.';
comment on column private.model_usage.model is '[class: operational] Model that was asked for.';
comment on column private.model_usage.model_version is '[class: operational] Model that says it answered; providers route retired names elsewhere.';
comment on column private.model_usage.outcome is '[class: operational] What the call came to; failed ones cost too.';
comment on column private.model_usage.prompt_tokens is '[class: operational] Tokens of the prompt, with the cached ones.';
comment on column private.model_usage.cached_tokens is '[class: operational] Those of them that came from the provider''s cache.';
comment on column private.model_usage.answer_tokens is '[class: operational] Tokens of the answer.';
comment on column private.model_usage.thought_tokens is '[class: operational] Tokens of thinking, charged as answer.';
comment on column private.model_usage.cost is '[class: operational] By the list price of that day.';
comment on column private.model_usage.currency is '[class: operational] Currency of the cost.';
comment on column private.model_usage.is_estimated is '[class: operational] True where the model has no price and the dearest one was taken.';
comment on column private.model_usage.request_id is '[class: operational] Request or job that called.';
comment on column private.model_usage.created_at is '[class: operational] When it was reported.';
create index model_usage_org_id_created_at_idx on private.model_usage (org_id, created_at);

create table private.model_spend (
  org_id uuid not null references public.organizations (id) on delete cascade,
  month date not null,
  cost numeric(16, 8) not null,
  currency text not null default 'USD',
  calls bigint not null,
  primary key (org_id, month),
  constraint model_spend_month_is_its_first_day check (month = date_trunc('month', month))
);
comment on table private.model_spend is 'What an organization has spent on models in a month: the sum of model_usage, kept with each row, because it is asked before every call.';
comment on column private.model_spend.org_id is '[class: operational] The organization.';
comment on column private.model_spend.month is '[class: operational] First day of the month (UTC).';
comment on column private.model_spend.cost is '[class: operational] Sum of the costs.';
comment on column private.model_spend.currency is '[class: operational] Currency of the sum.';
comment on column private.model_spend.calls is '[class: operational] Number of calls.';

alter table private.model_prices enable row level security;
alter table private.model_prices force row level security;
alter table private.model_plan_budgets enable row level security;
alter table private.model_plan_budgets force row level security;
alter table private.model_budgets enable row level security;
alter table private.model_budgets force row level security;
alter table private.model_usage enable row level security;
alter table private.model_usage force row level security;
alter table private.model_spend enable row level security;
alter table private.model_spend force row level security;
revoke all on table private.model_prices, private.model_plan_budgets, private.model_budgets,
  private.model_usage, private.model_spend
from anon, authenticated, service_role;

create function private.model_price(p_models text[], p_day date)
returns private.model_prices
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    -- The first name that has a price on that day counts.
    select p
    from unnest(p_models) with ordinality as n (model, place)
    join private.model_prices as p on p.model = n.model and p.valid_from <= p_day
    order by n.place, p.valid_from desc
    limit 1
  );
end;
$$;
comment on function private.model_price(text[], date) is
  'The price of the first of some names that has one on a day; null where none has. Definer, granted to nobody.';

create function private.record_model_usage(
  p_org_id uuid, p_call_id uuid, p_purpose text, p_model text, p_model_version text, p_outcome text,
  p_prompt_tokens bigint, p_cached_tokens bigint, p_answer_tokens bigint, p_thought_tokens bigint, p_request_id text
)
returns numeric
language plpgsql security definer set search_path = ''
as $$
declare
  v_day constant date := (now() at time zone 'UTC')::date;
  v_price private.model_prices := private.model_price(array[p_model_version, p_model], v_day);
  v_is_estimated constant boolean := v_price.model is null;
  v_cost numeric(16, 8);
begin
  if v_is_estimated then
    -- Unknown is not free: the dearest known price, so that a budget holds all the same.
    select p.* into v_price from private.model_prices as p
    where p.valid_from <= v_day
    order by p.output_per_million desc, p.input_per_million desc, p.model
    limit 1;
  end if;
  v_cost := (
    greatest(p_prompt_tokens - p_cached_tokens, 0) * v_price.input_per_million
    + p_cached_tokens * coalesce(v_price.cached_input_per_million, v_price.input_per_million)
    + (p_answer_tokens + p_thought_tokens) * v_price.output_per_million
  ) / 1000000;
  insert into private.model_usage (
    org_id, id, purpose, model, model_version, outcome, prompt_tokens, cached_tokens, answer_tokens,
    thought_tokens, cost, is_estimated, request_id
  )
  values (
    p_org_id, p_call_id, p_purpose, p_model, p_model_version, p_outcome, p_prompt_tokens, p_cached_tokens,
    p_answer_tokens, p_thought_tokens, v_cost, v_is_estimated, p_request_id
  )
  on conflict (org_id, id) do nothing;
  if found then
    insert into private.model_spend as s (org_id, month, cost, calls)
    values (p_org_id, date_trunc('month', v_day)::date, v_cost, 1)
    on conflict (org_id, month) do update set cost = s.cost + excluded.cost, calls = s.calls + 1;
  end if;
  return v_cost;
end;
$$;
comment on function private.record_model_usage(uuid, uuid, text, text, text, text, bigint, bigint, bigint, bigint, text) is
  'Writes one counted call down, once for each id, and returns its cost. Definer: the tables are nobody''s to write.';

create function private.model_budget_left(p_org_id uuid)
returns numeric
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_day constant date := (now() at time zone 'UTC')::date;
begin
  return (
    select coalesce(b.monthly_limit, l.monthly_limit, 0) - coalesce(s.cost, 0)
    from public.organizations as o
    left join lateral (
      select g.monthly_limit from private.model_budgets as g
      where g.org_id = o.id and g.valid_from <= v_day
      order by g.valid_from desc
      limit 1
    ) as b on true
    left join private.model_plan_budgets as l on l.plan = o.plan
    left join private.model_spend as s on s.org_id = o.id and s.month = date_trunc('month', v_day)::date
    where o.id = p_org_id
  );
end;
$$;
comment on function private.model_budget_left(uuid) is
  'What an organization may still spend on models this month (UTC); below zero by what was under way when it ran out. Definer: budgets are nobody''s to read.';

create function public.record_model_usage(
  p_org_id uuid, p_call_id uuid, p_purpose text, p_model text, p_model_version text, p_outcome text,
  p_prompt_tokens bigint, p_cached_tokens bigint, p_answer_tokens bigint, p_thought_tokens bigint,
  p_request_id text default null
)
returns numeric
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.record_model_usage(
    p_org_id, p_call_id, p_purpose, p_model, p_model_version, p_outcome, p_prompt_tokens, p_cached_tokens,
    p_answer_tokens, p_thought_tokens, p_request_id
  );
end;
$$;
comment on function public.record_model_usage(uuid, uuid, text, text, text, text, bigint, bigint, bigint, bigint, text) is
  'Writes one counted call of a model down, once for each id, and returns its cost. Service only.';

create function public.model_budget_left(p_org_id uuid)
returns numeric
language plpgsql stable security invoker set search_path = ''
as $$
begin
  return private.model_budget_left(p_org_id);
end;
$$;
comment on function public.model_budget_left(uuid) is
  'What an organization may still spend on models this month; null where there is no such organization. Service only.';

grant execute on function
  private.record_model_usage(uuid, uuid, text, text, text, text, bigint, bigint, bigint, bigint, text),
  public.record_model_usage(uuid, uuid, text, text, text, text, bigint, bigint, bigint, bigint, text),
  private.model_budget_left(uuid), public.model_budget_left(uuid)
to service_role;
