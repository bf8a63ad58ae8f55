-- What became true about a subject, and what each trigger that names it made of it (DESIGN 6, 6a).  Both are told in the act that made
-- it true, so nobody can say afterwards that something was caused, or wasn't.

create function fact_wall() returns trigger language plpgsql as $$
begin
  if new.recorded_at <> now() or new.happened_at > now() then
    raise exception 'fact % is recorded when it is told, and has happened by then', new.name using errcode = 'BW356';
  end if;
  return new;
end $$;

create function cause_wall() returns trigger language plpgsql as $$
declare
  told fact;
  asked jsonb;
  caused boolean;
begin
  select f.* into told from fact f where f.id = new.fact_id;
  if new.at <> now() or told.recorded_at <> now() then
    raise exception 'what fact % caused is said when it is told', told.name using errcode = 'BW357';
  end if;
  select d.body::jsonb -> 'triggers' -> new.trigger into asked
    from definition_version d where d.id = new.definition_id and d.status = 'effective';
  if new.trigger is not null and asked ->> 'fact' is distinct from told.name then
    raise exception 'no trigger % of what is effective names fact %', new.trigger, told.name using errcode = 'BW358';
  end if;
  caused := case new.code
    when 'begun' then exists (
      select from process_run r join definition_version d on d.id = r.definition_id
       where r.id = new.run_id and r.started_at = now() and d.key = asked ->> 'process')
    when 'joined' then exists (
      select from process_run r join definition_version d on d.id = r.definition_id
       where r.id = new.run_id and d.key = asked ->> 'process'
         and (r.subject_id = told.subject_id
           or exists (select from run_link l where l.run_id = r.id and l.subject_id = told.subject_id)))
    when 'moved' then exists (
      select from process_run r
       where r.id = new.run_id and r.definition_id = new.definition_id and r.subject_id = told.subject_id)
    else true end;
  if not caused then
    raise exception 'fact % did not cause that', told.name using errcode = 'BW359';
  end if;
  return new;
end $$;

create trigger fact_wall before insert on fact for each row execute function fact_wall();
create trigger cause_wall before insert on cause for each row execute function cause_wall();
