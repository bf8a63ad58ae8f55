-- What the clock does to a wait, and what became of each of many, is so: whoever writes as the worker can't let a wait be over
-- early, nor say that something ended which didn't (21 CFR 11.10(e), (f)).

-- One of many stands at one place: in one round of one stage there is one run for each item.
alter table process_run add constraint ck_process_run_place check (
  num_nonnulls(parent_stage, parent_item, parent_round) in (0, 3) and (parent_item is null or parent_id is not null));
create unique index uq_process_run_place on process_run (parent_id, parent_stage, parent_item, parent_round)
  where parent_item is not null;

-- A wait that has no other way is over when its time has come: so long after it was opened, or at the day that was answered and
-- so long after, whichever is first.  On working days it takes longer, which the rule says; here the least is asked.
create function wait_came() returns trigger language plpgsql as $$
begin
  if exists (
    select from definition_version d, jsonb_array_elements(d.body::jsonb -> 'stages') s,
           jsonb_array_elements(coalesce(old.state -> 'open', '[]')) o,
           lateral (select least(
             (((o ->> 'opened_at')::timestamptz at time zone 'UTC') + (s -> 'until' ->> 'after')::interval) at time zone 'UTC',
             case when old.state #>> array['forms', split_part(s -> 'until' ->> 'date', '.', 1),
                                           split_part(s -> 'until' ->> 'date', '.', 2)] ~ '^\d{4}-\d{2}-\d{2}$'
               then ((old.state #>> array['forms', split_part(s -> 'until' ->> 'date', '.', 1),
                                          split_part(s -> 'until' ->> 'date', '.', 2)])::date::timestamp
                     at time zone coalesce((select p.zone from site p order by p.id limit 1), 'UTC'))
                    + coalesce(s -> 'until' ->> 'offset', 'P0D')::interval
               when s -> 'until' ->> 'date' is not null
               then (old.state #>> array['forms', split_part(s -> 'until' ->> 'date', '.', 1),
                                         split_part(s -> 'until' ->> 'date', '.', 2)])::timestamptz
                    + coalesce(s -> 'until' ->> 'offset', 'P0D')::interval
             end) as at) came
     where d.id = new.definition_id and s ->> 'key' = o ->> 'key' and s ->> 'kind' = 'wait' and s -> 'until' is not null
       and not exists (select from jsonb_array_elements(coalesce(new.state -> 'open', '[]')) n
                        where n ->> 'key' = o ->> 'key' and (n ->> 'opened_at')::timestamptz = (o ->> 'opened_at')::timestamptz)
       and new.state -> 'outcomes' ->> (o ->> 'key') = 'elapsed' and coalesce(came.at > now(), true)) then
    raise exception 'a wait of process % is over when its time has come', new.workflow_id using errcode = 'BW345';
  end if;
  return new;
end $$;

create trigger process_run_wall_waits before update on process_run for each row
  when (old.status = 'running' and new.state -> 'open' is distinct from old.state -> 'open'
        and new.state -> 'outcomes' @? '$.* ? (@ == "elapsed")') execute function wait_came();

-- What a run remembers of its many is how their runs ended.
create function many_agree() returns trigger language plpgsql as $$
begin
  if exists (
    select from jsonb_each(new.state -> 'many') m, jsonb_each_text(m.value) i
     where i.value is not null and not exists (
       select from process_run c where c.parent_id = new.id and c.parent_stage = m.key and c.parent_item = i.key
          and c.status = 'completed' and c.result = i.value)) then
    raise exception 'process % remembers something else than how its many ended', new.workflow_id using errcode = 'BW346';
  end if;
  return null;
end $$;

create constraint trigger z_many_agree after update on process_run deferrable initially deferred for each row
  when (new.state -> 'many' is distinct from old.state -> 'many') execute function many_agree();
