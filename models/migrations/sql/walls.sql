-- The last wall (DESIGN 2.4): what must never happen is refused here whoever asks and by whatever way.

-- Lots --------------------------------------------------------------------------------------------------------------

create function lot_wall() returns trigger language plpgsql as $$
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
    return new;
  end if;

  if (new.lot_no, new.item_id, new.kind, new.origin, new.import_row_id, new.public_id)
     is distinct from (old.lot_no, old.item_id, old.kind, old.origin, old.import_row_id, old.public_id) then
    raise exception 'the identity of lot % can''t change', old.lot_no using errcode = 'BW011';
  end if;
  if new.status = old.status then
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

create trigger lot_wall before insert or update on lot for each row execute function lot_wall();

-- Signatures --------------------------------------------------------------------------------------------------------

create function signature_wall() returns trigger language plpgsql as $$
declare
  attempt signing_attempt;
begin
  select * into attempt from signing_attempt a where a.id = new.attempt_id;
  if attempt.result is distinct from 'accepted' or attempt.person_id <> new.person_id
     or attempt.task_id is distinct from new.task_id or attempt.digest <> new.digest
     or attempt.meaning <> new.meaning or attempt.on_behalf_of_id is distinct from new.on_behalf_of_id then
    raise exception 'this signature has no accepted attempt of its own' using errcode = 'BW020';
  end if;
  if attempt.at < now() - interval '15 minutes' then
    raise exception 'the signing attempt is too old' using errcode = 'BW021';
  end if;
  if not exists (select from signed_record r where r.digest = new.digest) then
    raise exception 'the record behind the signature is missing' using errcode = 'BW022';
  end if;
  -- one signer, whatever the account, role or delegation: the people behind two steps of one run must be disjoint;
  -- a step that was sent back may be signed again by the same person
  if new.subject = 'release' and new.outcome = 'release' and exists (
      select from signature s join human_task t on t.id = s.task_id
       where s.run_id = new.run_id and s.subject = 'release' and s.outcome = 'release' and s.digest = new.digest
         and t.stage <> (select stage from human_task where id = new.task_id)
         and array[s.person_id, coalesce(s.on_behalf_of_id, s.person_id)]
             && array[new.person_id, coalesce(new.on_behalf_of_id, new.person_id)]) then
    raise exception 'the same person can''t sign a release twice' using errcode = 'BW023';
  end if;
  return new;
end $$;

create trigger signature_wall before insert on signature for each row execute function signature_wall();

create function attempt_is_now() returns trigger language plpgsql as $$
begin
  if new.result = 'accepted' and new.at is distinct from now() then
    new.at := now();  -- nobody back-dates an attempt
  end if;
  return new;
end $$;

create trigger attempt_now before insert on signing_attempt for each row execute function attempt_is_now();
alter table signature add constraint uq_signature_attempt_id unique (attempt_id);
alter table signature add constraint uq_signature_task_id unique (task_id);

-- Stock -------------------------------------------------------------------------------------------------------------

create function lot_expired(lot lot, zone text) returns boolean language sql stable as $$
  -- a month means its last day; the lot may be used until the end of that day in the plant's zone
  select lot.expires_on is not null and (now() at time zone zone)::date >
    case lot.expiry_precision
      when 'month' then (date_trunc('month', lot.expires_on) + interval '1 month - 1 day')::date
      else lot.expires_on end
$$;

create function movement_wall() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
declare
  l lot;
  zone text;
begin
  -- shared with other movements, exclusive with a hold being placed: nothing leaves after a hold
  select * into l from lot where id = new.lot_id for share;
  if new.kind in ('ship', 'consume') then
    if l.status <> 'released' then
      raise exception 'lot % is not released (%)', l.lot_no, l.status using errcode = 'BW030';
    end if;
    if exists (select from hold h where h.lot_id = l.id and h.lifted_at is null) then
      raise exception 'lot % is held', l.lot_no using errcode = 'BW031';
    end if;
    select coalesce((select s.zone from site s order by s.id limit 1), 'Asia/Shanghai') into zone;
    if lot_expired(l, zone) then
      raise exception 'lot % has expired', l.lot_no using errcode = 'BW032';
    end if;
  end if;
  if (new.kind in ('receive', 'produce', 'return')) <> (new.from_location_id is null)
     and new.kind <> 'adjust' then
    raise exception 'movement % goes the wrong way', new.kind using errcode = 'BW034';
  end if;
  if new.kind in ('consume', 'ship', 'scrap', 'sample') and new.to_location_id is not null then
    raise exception 'movement % leaves no stock behind', new.kind using errcode = 'BW034';
  end if;
  if new.from_location_id is not null then
    update stock set quantity = quantity - new.quantity
     where lot_id = new.lot_id and location_id = new.from_location_id and quantity >= new.quantity;
    if not found then
      raise exception 'there is not so much of lot % there', l.lot_no using errcode = 'BW033';
    end if;
  end if;
  if new.to_location_id is not null then
    insert into stock (lot_id, location_id, quantity) values (new.lot_id, new.to_location_id, new.quantity)
    on conflict (lot_id, location_id) do update set quantity = stock.quantity + excluded.quantity;
  end if;
  return new;
end $$;

create trigger movement_wall before insert on stock_movement for each row execute function movement_wall();

create function hold_wall() returns trigger language plpgsql as $$
begin
  -- conflicts with the shared lock of a movement under way: it commits before the hold, or sees the hold
  perform from lot where id = new.lot_id for no key update;
  return new;
end $$;

create trigger hold_wall before insert on hold for each row execute function hold_wall();

create function hold_lift_wall() returns trigger language plpgsql as $$
begin
  if old.lifted_at is not null or (new.lot_id, new.reason, new.cause, new.placed_by_id, new.placed_at)
     is distinct from (old.lot_id, old.reason, old.cause, old.placed_by_id, old.placed_at) then
    raise exception 'a hold can only be lifted, once' using errcode = 'BW035';
  end if;
  return new;
end $$;

create trigger hold_lift_wall before update on hold for each row execute function hold_lift_wall();

-- Verdicts, tasks, definitions ----------------------------------------------------------------------------------------

create function verdict_wall() returns trigger language plpgsql as $$
begin
  if old.status <> 'open' and new.status is distinct from old.status then
    raise exception 'a verdict is never reversed; open a new revision' using errcode = 'BW040';
  end if;
  return new;
end $$;

create trigger verdict_wall before update on inspection for each row execute function verdict_wall();

create function task_wall() returns trigger language plpgsql as $$
begin
  if old.status <> 'open' then
    raise exception 'the task is closed' using errcode = 'BW041';
  end if;
  return new;
end $$;

create trigger task_wall before update on human_task for each row execute function task_wall();

create function definition_wall() returns trigger language plpgsql as $$
begin
  if old.status not in ('draft', 'in_review') and (new.key, new.version, new.digest, new.body)
     is distinct from (old.key, old.version, old.digest, old.body) then
    raise exception 'an approved definition never changes' using errcode = 'BW042';
  end if;
  return new;
end $$;

create trigger definition_wall before update on definition_version for each row execute function definition_wall();
