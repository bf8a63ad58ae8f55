-- A corrected consumption: links, movements and holds say the same (DESIGN 2.4; REQUIREMENTS 21, 25).
--
-- What an operation consumed of a lot is the sum of its links to it, before and after a correction.  The movements of a
-- correction are adjustments that name the operation: what went back, and what was taken instead.  They may take a lot
-- that is held, unreleased or expired, because that is what happened; so nothing but a correction may write them.

create function consumption_is_linked(run bigint, lot bigint) returns boolean language sql stable as $$
  select coalesce((select sum(case when m.to_location_id is null then m.quantity else - m.quantity end)
                     from stock_movement m
                    where m.operation_run_id = run and m.lot_id = lot and m.kind in ('consume', 'adjust')), 0)
       = coalesce((select sum(e.quantity) from genealogy_edge e
                    where e.operation_run_id = run and e.parent_lot_id = lot and e.kind = 'consume'
                      and e.superseded_at is null), 0)
$$;

-- Has somebody corrected, in this transaction, what that operation consumed?
create function corrected_now(run bigint) returns boolean language sql stable as $$
  select exists (select from genealogy_edge e where e.operation_run_id = run and e.superseded_at = now())
$$;

create function correction_wall() returns trigger language plpgsql as $$
declare
  wrong genealogy_edge;
  child lot;
begin
  if tg_table_name = 'stock_movement' then
    if not corrected_now(new.operation_run_id) then
      raise exception 'only a correction adjusts what an operation consumed' using errcode = 'BW100';
    end if;
    if not consumption_is_linked(new.operation_run_id, new.lot_id) then
      raise exception 'what was consumed is not what is linked' using errcode = 'BW101';
    end if;
    return null;
  end if;
  select * into wrong from genealogy_edge where id = new.supersedes_id;
  if (new.child_lot_id, new.kind, new.operation_run_id)
     is distinct from (wrong.child_lot_id, wrong.kind, wrong.operation_run_id)
     or (wrong.operation_run_id is not null and new.at <> wrong.at) then
    raise exception 'a correction tells of the same operation at the same time' using errcode = 'BW102';
  end if;
  -- what was imported has links only, without an operation
  if wrong.operation_run_id is not null and not (
     consumption_is_linked(wrong.operation_run_id, wrong.parent_lot_id)
     and consumption_is_linked(wrong.operation_run_id, new.parent_lot_id)) then
    raise exception 'what was consumed is not what is linked' using errcode = 'BW101';
  end if;
  select * into child from lot where id = new.child_lot_id;
  if child.status in ('released', 'closed') and not exists (
      select from hold h where h.lot_id = child.id and h.cause = 'correction' and h.placed_at = now()) then
    raise exception 'lot % is in use; who corrects its record holds it', child.lot_no using errcode = 'BW103';
  end if;
  return null;
end $$;

-- at the end of the transaction, when links, movements and holds are all written
create constraint trigger correction_wall after insert on stock_movement deferrable initially deferred for each row
  when (new.kind = 'adjust' and new.operation_run_id is not null) execute function correction_wall();
create constraint trigger correction_wall after insert on genealogy_edge deferrable initially deferred for each row
  when (new.supersedes_id is not null) execute function correction_wall();

-- A lot that seemed used up and was closed stands where it stood before, when a correction puts some of it back.
create function lot_reopens(l lot) returns boolean language sql stable as $$
  select exists (select from stock s where s.lot_id = l.id and s.quantity > 0)
     and exists (select from stock_movement m where m.lot_id = l.id and m.kind = 'adjust' and m.recorded_at = now()
                    and m.operation_run_id is not null and m.to_location_id is not null)
     and (select a.before ->> 'status' from audit_event a
           where a.table_name = 'lot' and a.row_id = l.id and a.operation = 'update'
             and a.before ->> 'status' is distinct from a.after ->> 'status' order by a.id desc limit 1) = 'released'
$$;

create or replace function lot_wall() returns trigger language plpgsql as $$
declare
  signers bigint[];
  steps int;
begin
  if tg_op = 'INSERT' then
    if new.status in ('released', 'inspected', 'packed', 'rejected', 'closed')
       and (new.origin <> 'migrated' or new.import_row_id is null) then
      raise exception 'lot % can''t begin as %', new.lot_no, new.status
        using errcode = 'BW010', hint = 'only a migrated lot with its source row begins after its inspection';
    end if;
    if new.created_at > now() then  -- whose birth lies ahead could inherit then
      raise exception 'lot % can''t begin in the future', new.lot_no using errcode = 'BW010';
    end if;
    return new;
  end if;

  if (new.lot_no, new.item_id, new.kind, new.origin, new.import_row_id, new.public_id, new.uom, new.pack_size,
      new.created_at) is distinct from (old.lot_no, old.item_id, old.kind, old.origin, old.import_row_id, old.public_id,
      old.uom, old.pack_size, old.created_at) then
    raise exception 'the identity of lot % can''t change', old.lot_no using errcode = 'BW011';
  end if;
  if new.status = old.status then
    return new;
  end if;
  if old.status in ('received', 'finished') and lot_inherits(new) then
    return new;
  end if;
  if old.status = 'closed' and new.status = 'released' and lot_reopens(new) then
    return new;
  end if;
  if not (old.status, new.status) in (
      ('received', 'released'), ('received', 'rejected'),
      ('in_process', 'finished'), ('in_process', 'rejected'),
      ('finished', 'inspected'), ('finished', 'rejected'), ('finished', 'in_process'),
      ('inspected', 'packed'), ('inspected', 'released'), ('inspected', 'rejected'), ('inspected', 'in_process'),
      ('packed', 'released'), ('packed', 'rejected'), ('packed', 'in_process'),
      ('released', 'rejected'), ('released', 'closed'), ('rejected', 'in_process'), ('rejected', 'closed')) then
    raise exception 'lot % can''t go from % to %', old.lot_no, old.status, new.status using errcode = 'BW012';
  end if;

  if new.status = 'released' then
    if exists (select from hold h where h.lot_id = new.id and h.lifted_at is null) then
      raise exception 'lot % is held', new.lot_no using errcode = 'BW013';
    end if;
    if new.kind in ('raw', 'component') then
      if not exists (select from signature s join human_task t on t.id = s.task_id
                     where s.lot_id = new.id and s.subject = 'inspection' and s.outcome = 'accepted') then
        raise exception 'lot % has no signed, accepted incoming inspection', new.lot_no using errcode = 'BW014';
      end if;
    else
      -- two different people at two different steps over the same record in one run
      select array_agg(distinct s.person_id), count(distinct t.stage) into signers, steps
        from signature s join human_task t on t.id = s.task_id
       where s.lot_id = new.id and s.subject = 'release' and s.outcome = 'release'
         and s.run_id = (select s2.run_id from signature s2 where s2.lot_id = new.id and s2.subject = 'release'
                         order by s2.id desc limit 1)
         and s.digest = (select s3.digest from signature s3 where s3.lot_id = new.id and s3.subject = 'release'
                         order by s3.id desc limit 1);
      if coalesce(cardinality(signers), 0) < 2 or steps < 2 then
        raise exception 'lot % lacks the release signatures of two different people', new.lot_no
          using errcode = 'BW015';
      end if;
    end if;
  end if;
  return new;
end $$;
