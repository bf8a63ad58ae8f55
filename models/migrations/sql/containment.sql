-- Opening a recall contains (21 CFR 7.46; ISO 13485 8.3.3): a scope isn't signed while something of it is free, and a
-- precaution becomes the recall's own hold only by the signed scope.

create function recall_scope_wall_held() returns trigger language plpgsql as $$
declare
  free text;
begin
  if old.signed_at is null and new.signed_at is not null
     and exists (select from recall r where r.id = new.recall_id and r.mode = 'recall') then
    select l.lot_no into free from recall_lot m join lot l on l.id = m.lot_id
     where m.scope_id = new.id and not exists (
       select from hold h where h.lot_id = m.lot_id and h.recall_id = new.recall_id and h.lifted_at is null)
     limit 1;
    if free is not null then
      raise exception 'lot % of the scope is not held by its recall', free using errcode = 'BW077';
    end if;
  end if;
  return new;
end $$;

create trigger recall_scope_wall_held before update on recall_scope
  for each row execute function recall_scope_wall_held();

create function hold_confirm_wall() returns trigger language plpgsql as $$
begin
  if exists (
      select from (select distinct n.recall_id from new_rows n join old_rows o using (id)
                    where o.confirmed_at is null and n.confirmed_at is not null) k
       where not exists (
         select from recall_scope c where c.recall_id = k.recall_id and c.signed_at is not null
            and c.version = (select max(v.version) from recall_scope v where v.recall_id = k.recall_id))) then
    raise exception 'a precaution is confirmed by the signed scope only' using errcode = 'BW078';
  end if;
  return null;
end $$;

create trigger hold_confirm_wall after update on hold referencing old table as old_rows new table as new_rows
  for each statement execute function hold_confirm_wall();

create or replace function hold_born_wall() returns trigger language plpgsql as $$
begin
  if exists (select from new_rows n where n.lifted_at is not null or n.lift_signature_id is not null
               or (n.cause = 'release' and n.run_id is null)) then
    raise exception 'a hold begins open, and that of a release decision names it' using errcode = 'BW038';
  end if;
  -- what is made of a held lot takes over whether its precaution was confirmed
  if exists (select from (select distinct recall_id from new_rows where confirmed_at is not null) n where not exists (
               select from recall_scope c where c.recall_id = n.recall_id and c.signed_at is not null)) then
    raise exception 'a precaution is confirmed by the signed scope only' using errcode = 'BW078';
  end if;
  return null;
end $$;


-- What a held batch may not go through, where a row can tell (models/rules/held.py): work that began after the hold, and
-- being packed and labelled.  Movements, cases, new numbers and releases have walls of their own.

create function operation_held_wall() returns trigger language plpgsql as $$
begin
  perform from lot l where l.id = new.lot_id for share;
  if exists (select from hold h where h.lot_id = new.lot_id and h.lifted_at is null and h.placed_at <= new.started_at) then
    raise exception 'lot % is held, and is not worked on', (select lot_no from lot where id = new.lot_id)
      using errcode = 'BW079';
  end if;
  return new;
end $$;

create trigger operation_held_wall before insert on operation_run
  for each row execute function operation_held_wall();

create function packaged_held_wall() returns trigger language plpgsql as $$
begin
  if exists (select from hold h where h.lot_id = new.id and h.lifted_at is null) then
    raise exception 'lot % is held, and is not packed and labelled', new.lot_no using errcode = 'BW080';
  end if;
  return new;
end $$;

create trigger packaged_held_wall before update on lot
  for each row when (old.status = 'inspected' and new.status = 'packed') execute function packaged_held_wall();
