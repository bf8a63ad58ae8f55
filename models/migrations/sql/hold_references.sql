-- What a hold points to is looked up once for the whole statement, as its lot, its recall and who placed it are: PostgreSQL
-- asks a foreign key for each row, also for the four columns that are empty while a hold is open, and a recall holds 90,000
-- lots in one statement (benchmarks/hold.py).  Runs, signatures and people are never deleted and keep their keys.

create function hold_references() returns trigger language plpgsql as $$
declare
  missing text;
begin
  select named.part into missing
    from new_rows n cross join lateral (values
      ('run_id', n.run_id is null or exists (select from process_run p where p.id = n.run_id)),
      ('lift_run_id', n.lift_run_id is null or exists (select from process_run p where p.id = n.lift_run_id)),
      ('lifted_by_id', n.lifted_by_id is null or exists (select from person p where p.id = n.lifted_by_id)),
      ('lift_signature_id', n.lift_signature_id is null or exists (select from signature s where s.id = n.lift_signature_id))
    ) named (part, known)
   where coalesce(n.run_id, n.lift_run_id, n.lifted_by_id, n.lift_signature_id) is not null and not named.known limit 1;
  if missing is not null then
    raise exception 'a hold names in % what there isn''t', missing
      using errcode = 'foreign_key_violation', constraint = 'fk_hold_' || missing;
  end if;
  return null;
end $$;

create trigger hold_references after insert on hold referencing new table as new_rows
  for each statement execute function hold_references();
create trigger hold_references_later after update on hold referencing new table as new_rows
  for each statement execute function hold_references();
alter table hold alter constraint fk_hold_run_id not enforced;
alter table hold alter constraint fk_hold_lift_run_id not enforced;
alter table hold alter constraint fk_hold_lifted_by_id not enforced;
alter table hold alter constraint fk_hold_lift_signature_id not enforced;

create trigger kept before delete on process_run for each row execute function kept();
create trigger kept before delete on signature for each row execute function kept();
