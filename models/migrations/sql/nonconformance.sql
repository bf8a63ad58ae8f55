-- A nonconformance or deviation is closed only by its own signed decision, and keeps its batch from release until then
-- (ISO 13485 8.3.1, 8.3.2; DESIGN 2.4).

create function nonconformance_wall() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.status <> 'open' then
      raise exception 'nonconformance % can''t begin closed', new.nonconformance_no using errcode = 'BW104';
    end if;
    return new;
  end if;
  if old.status = 'closed' then
    raise exception 'the decision on nonconformance % never changes', old.nonconformance_no using errcode = 'BW105';
  end if;
  if (new.nonconformance_no, new.public_id, new.lot_id, new.kind, new.code, new.about, new.title, new.title_en, new.value,
      new.limit_text, new.said, new.happened_at, new.opened_at, new.opened_by_id, new.inspection_id, new.operation_run_id)
     is distinct from
     (old.nonconformance_no, old.public_id, old.lot_id, old.kind, old.code, old.about, old.title, old.title_en, old.value,
      old.limit_text, old.said, old.happened_at, old.opened_at, old.opened_by_id, old.inspection_id, old.operation_run_id)
     or (old.run_id is not null and new.run_id is distinct from old.run_id) then
    raise exception 'what opened nonconformance % can''t change', old.nonconformance_no using errcode = 'BW105';
  end if;
  if new.status = 'closed' and not (
      coalesce(btrim(new.cause), '') <> '' and coalesce(btrim(new.decision_reason), '') <> ''
      and new.owner_id is not null and new.closed_at is not null
      and exists (select from signature s
                   where s.run_id = new.run_id and s.lot_id = new.lot_id and s.person_id = new.decided_by_id
                     and s.outcome = new.disposition)) then
    raise exception 'nonconformance % is closed only by a signed decision with cause and owner', new.nonconformance_no
      using errcode = 'BW106';
  end if;
  return new;
end $$;

create trigger nonconformance_wall before insert or update on nonconformance
  for each row execute function nonconformance_wall();

create function open_nonconformance_wall() returns trigger language plpgsql as $$
begin
  if exists (select from nonconformance n where n.lot_id = new.id and n.status = 'open') then
    raise exception 'lot % has an open nonconformance', new.lot_no using errcode = 'BW107';
  end if;
  return new;
end $$;

create trigger open_nonconformance_wall before update on lot
  for each row when (new.status = 'released' and old.status <> 'released')
  execute function open_nonconformance_wall();
