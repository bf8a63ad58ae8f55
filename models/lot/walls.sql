-- The walls of lot: what the database refuses or does by itself, whoever asks, as it stands now.
-- Written from a migrated database by `make docs`; what is said above a function is yours and stays, and so does the file that you
-- move it to.  A wall is changed by a migration (docs/how-to/add-a-wall.md).

-- what walls ask, and what stands at tables of other nouns ----------

-- Whether a change forbids a batch that step, and has since that moment.
create or replace function batch_is_paused(of_lot bigint, at_step text, at_seq integer, began timestamp with time zone)
  returns boolean language sql stable as $function$
  select exists (
    select from change_lock k where k.lot_id = of_lot and k.decided_at is null and k.freed_at is null and k.locked_at <= began
       and batch_step_rank(k.step, k.seq) <= batch_step_rank(at_step, at_seq))
$function$;

-- The step that comes next for each of these batches; none for what is rejected or closed.
create or replace function batch_stands(lots bigint[]) returns table(lot_id bigint, step text, seq integer) language sql stable as $function$
  select l.id,
         case l.status
           when 'received' then 'incoming' when 'in_process' then 'operation' when 'finished' then 'final' when 'packed' then 'release'
           when 'inspected' then case l.kind when 'in_process' then 'release' else 'package' end
           when 'released' then case when exists (
             select from human_task t where t.lot_id = l.id and t.status = 'open'
                and step_did(t.run_id, t.stage, null, 'warehouse.put_away')) then 'put_away' else 'leave' end end,
         case when l.status = 'in_process' then coalesce((
           select min(s.seq) from work_order w join routing_step s on s.work_order_id = w.id
            where w.lot_id = l.id and w.status = 'open' and not exists (
              select from operation_run r where r.work_order_id = w.id and r.seq = s.seq
                 and r.run_no >= coalesce((w.extra ->> 'cycle')::integer, 1))), 0) else 0 end
    from lot l where l.id = any (lots) and l.status not in ('rejected', 'closed')
$function$;

-- Where the steps of a batch's life stand, in their order; `models.lot.rules.locked.rank` says the same and a test holds the two together.
create or replace function batch_step_rank(step text, seq integer) returns integer language sql immutable as $function$
  select 100000 * array_position(array['incoming', 'operation', 'final', 'package', 'release', 'put_away', 'leave'], step)
         + case when step = 'operation' then least(seq, 99999) else 0 end
$function$;

-- Lots that are reshaped: what leaves one lot arrives in another, and a released lot's children are released because it is
-- (REQUIREMENTS 6, 7, 56; ISO 13485 7.5.9, 8.3.1).  Exactly that, and nothing more.
create or replace function lot_end(l lot) returns date language sql stable as $function$
  select case l.expiry_precision
    when 'month' then (date_trunc('month', l.expires_on) + interval '1 month - 1 day')::date else l.expires_on end
$function$;

-- The last wall (DESIGN 2.4): what must never happen is refused here whoever asks and by whatever way.
create or replace function lot_expired(lot lot, zone text) returns boolean language sql stable as $function$
  -- a month means its last day; the lot may be used until the end of that day in the plant's zone
  select lot.expires_on is not null and (now() at time zone zone)::date >
    case lot.expiry_precision
      when 'month' then (date_trunc('month', lot.expires_on) + interval '1 month - 1 day')::date
      else lot.expires_on end
$function$;

-- Work is judged by when it was done (ALCOA+; ISO 13485 7.5.9): a lot that was good when it went in is not refused because
-- it ran out before somebody told; and nothing has happened yet that lies in the future.
create or replace function lot_expired_at(lot lot, zone text, moment timestamp with time zone) returns boolean language sql stable as $function$
  select lot.expires_on is not null and (moment at time zone zone)::date > lot_end(lot)
$function$;

-- The last wall between kinds of places (DESIGN 2.4; ISO 13485 7.5.11, 8.3.1): what waits, what is rejected and what came
-- back lies apart from what may be used, and nothing leaves from there unless somebody has decided.
create or replace function lot_goods(l lot) returns text language sql stable as $function$
  select case
    when l.status = 'rejected' then 'rejected'
    when exists (select from hold h where h.lot_id = l.id and h.lifted_at is null) then 'held'
    when l.status in ('released', 'closed') then 'released'
    else 'waiting' end
$function$;

-- Lots that are reshaped: what leaves one lot arrives in another, and a released lot's children are released because it is
-- (REQUIREMENTS 6, 7, 56; ISO 13485 7.5.9, 8.3.1).  Exactly that, and nothing more.
create or replace function lot_inherits(child lot) returns boolean language plpgsql as $function$
declare
  parents bigint[];
begin
  -- at birth only: later, what the parents have become says nothing about the child
  if child.origin <> 'native' or child.created_at <> now() then
    return false;
  end if;
  select array_agg(e.parent_lot_id) into parents
    from genealogy_edge e where e.child_lot_id = child.id and e.superseded_at is null;
  if parents is null
     or exists (select from genealogy_edge e where e.child_lot_id = child.id and e.superseded_at is not null) then
    return false;
  end if;
  perform from lot p where p.id = any(parents) order by p.id for share;
  return child.quantity = (select sum(e.child_quantity) from genealogy_edge e
                            where e.child_lot_id = child.id and e.superseded_at is null)
    -- nothing is in it, or left it, but through those links
    and not exists (select from stock_movement m where m.lot_id = child.id and m.edge_id is null)
    and not exists (
      select from genealogy_edge e join lot p on p.id = e.parent_lot_id
       where e.child_lot_id = child.id and e.superseded_at is null and not coalesce((
             e.kind in ('split', 'merge', 'repack') and e.source = 'batchwright' and e.at = now()
         and e.supersedes_id is null
         and edge_conserves(e) and holds_follow(p.id, child.id)
         and (p.expires_on is null or lot_end(child) <= lot_end(p))
         and p.status = child.status), false));
end $function$;

-- What people rely on stays as it was when they did (DESIGN 2.4; ISO 13485 4.2.5, 7.5.9, 8.2.6; 21 CFR 11.10(e)): a verdict
-- comes from values, a batch keeps its dates and quantity, an order and its plan stay as they were worked by, and a recall
-- ends by a decision that somebody signed.
create or replace function lot_is_past(of_lot bigint) returns boolean language sql stable as $function$
  -- what has expired fails, whatever its values
  select lot_expired(l, coalesce((select s.zone from site s order by s.id limit 1), 'Asia/Shanghai')) from lot l where l.id = of_lot
$function$;

-- A lot that seemed used up and was closed stands where it stood before, when a correction puts some of it back.
create or replace function lot_reopens(l lot) returns boolean language sql stable as $function$
  select exists (select from stock s where s.lot_id = l.id and s.quantity > 0)
     and exists (select from stock_movement m where m.lot_id = l.id and m.kind = 'adjust' and m.recorded_at = now()
                    and m.operation_run_id is not null and m.to_location_id is not null)
     and (select a.before ->> 'status' from audit_event a
           where a.table_name = 'lot' and a.row_id = l.id and a.operation = 'update'
             and a.before ->> 'status' is distinct from a.after ->> 'status' order by a.id desc limit 1) = 'released'
$function$;

-- What people rely on stays as it was when they did (DESIGN 2.4; ISO 13485 4.2.5, 7.5.9, 8.2.6; 21 CFR 11.10(e)): a verdict
-- comes from values, a batch keeps its dates and quantity, an order and its plan stay as they were worked by, and a recall
-- ends by a decision that somebody signed.
create or replace function samples_wanted(planned integer, l lot) returns integer language sql stable as $function$
  -- as planned, and never more pieces than the lot has; packs and units by another name are left to the rule
  select case when l.uom in ('pcs', 'pc', 'piece', 'pieces', 'each', 'ea', '件', '个', '只', '支')
    then greatest(1, least(planned, trunc(l.quantity * l.pack_size)::int))
    else case when unit_is_whole(l.uom) then 1 else planned end end
$function$;

-- Which step of a batch a task is, by its family and its effects; none where it moves the batch no further (models/lot/store/open_locks.py).
create or replace function task_batch_step(t human_task) returns text language sql stable as $function$
  select case when in_family(t.process, 'incoming-inspection') then 'incoming' when in_family(t.process, 'final-inspection') then 'final'
              when in_family(t.process, 'release') then 'release'
              when step_did(t.run_id, t.stage, null, 'packaging.reconcile') then 'package'
              when step_did(t.run_id, t.stage, null, 'warehouse.put_away') then 'put_away' end
$function$;

-- One number is one thing however it is spelled, a part of a piece is one in every unit, and limits are the order's own
-- (REQUIREMENTS 19, 25, 58; ISO 13485 7.5.1, 7.5.9, 8.2.6; 21 CFR 820.65, 820.70).  What was there before stays, and is listed.
create or replace function whole_of_lot(of_lot bigint, quantity numeric) returns boolean language sql stable as $function$
  -- a lot that has a part of a piece from earlier may be used up
  select p.each is null or whole_of_lot.quantity * l.pack_size * p.each % 1 = 0 or l.origin = 'migrated'
      or (select coalesce(sum(s.quantity), 0) * l.pack_size * p.each % 1 <> 0 from stock s where s.lot_id = l.id)
    from lot l join item i on i.id = l.item_id cross join lateral (select unit_pieces(i.uom) as each) p where l.id = of_lot
$function$;

-- The last wall against parts of pieces (DESIGN 9; REQUIREMENTS 25): what is counted is counted whole, wherever it is written.
-- Refuses with BW140
create or replace function whole_wall() returns trigger language plpgsql as $function$
begin
  if new.lot_id is not null and new.quantity % 1 <> 0 and not whole_of_lot(new.lot_id, new.quantity) then
    raise exception 'lot % is counted in whole pieces', (select lot_no from lot where id = new.lot_id)
      using errcode = 'BW140';
  end if;
  return new;
end $function$;

-- lot ---------------------------------------------------------------

alter table lot
  add constraint ck_lot_expiry_precision check (expiry_precision = any (array['day'::text, 'month'::text])),
  add constraint ck_lot_kind check (kind = any (array['raw'::text, 'component'::text, 'in_process'::text, 'finished'::text, 'packaged'::text])),
  add constraint ck_lot_made_precision check (made_precision = any (array['day'::text, 'month'::text])),
  add constraint ck_lot_origin check (origin = any (array['native'::text, 'migrated'::text])),
  add constraint ck_lot_pack_size check (pack_size > 0::numeric),
  add constraint ck_lot_quantity check (quantity >= 0::numeric),
  add constraint ck_lot_retest_precision check (retest_precision = any (array['day'::text, 'month'::text])),
  add constraint ck_lot_status check (status = any (array['received'::text, 'in_process'::text, 'finished'::text, 'inspected'::text, 'packed'::text, 'released'::text, 'rejected'::text, 'closed'::text]));

-- What turns out to belong to a recall is held by it (21 CFR 7.46; ISO 13485 8.3.1, 8.3.3): a batch that is said to be made of
-- recalled goods, and more of a recalled supplier's lot.
-- Refuses with BW312
create or replace function arrival_held_wall() returns trigger language plpgsql as $function$
begin
  if exists (
      select from lot t join hold h on h.lot_id = t.id and h.lifted_at is null and h.recall_id is not null
       where t.supplier_lot_key = new.supplier_lot_key and t.id <> new.id
         and t.supplier_id is not distinct from new.supplier_id
         and identity_key(t.supplier_lot_no) = identity_key(new.supplier_lot_no)
         and not exists (
           select from hold k where k.lot_id = new.id and k.recall_id = h.recall_id)) then
    raise exception 'lot % is more of a recalled supplier''s lot, and its recall does not hold it', new.lot_no
      using errcode = 'BW312';
  end if;
  return null;
end $function$;
create constraint trigger arrival_held_wall after insert on lot deferrable initially deferred for each row
  when (new.origin = 'native'::text and new.supplier_lot_no is not null) execute function arrival_held_wall();

-- A batch that is made while a temporary change for a number of batches is in effect takes its place in that number, while there is one: exactly so many,
-- however many are made at the same instant.  Asked when its transaction ends, for only then all of it is there; whoever follows the change is told
-- when the number is used up.
create or replace function change_counts()
  returns trigger language plpgsql security definer set search_path to 'public', 'pg_temp' as $function$
declare
  c change;
  made integer;
begin
  if not exists (
       select from change where status = 'approved' and most_batches is not null and ended_at is null and effective_at is not null) then
    return null;
  end if;
  perform pg_advisory_xact_lock(hashtext('change.counts'));
  for c in select * from change where status = 'approved' and most_batches is not null and ended_at is null and effective_at is not null order by id loop
    if change_governs(c.id, new.id) and (c.ends_at is null or new.created_at < c.ends_at) and not change_runs_so(c.id, new.id)
       and not exists (select from change_lock k where k.change_id = c.id and k.lot_id = new.id)
       and not exists (select from goods_before(array[new.id], null) g where g.was <> new.id)
       and exists (select from change_touches(c.id, array[new.id])) then
      made := change_made(c.id);
      if made < c.most_batches then
        insert into change_batch (change_id, lot_id, place) values (c.id, new.id, made + 1);
        -- its workflow looks at the record again; whoever has the run just now, with the number or all makers stopped, looks at it themselves
        with here as (
          select r.id from process_run r where r.subject_id = c.subject_id and r.status = 'running' and r.workflow_id like 'change-temporary/%'
             for no key update skip locked),
        newer as (update process_run r set version = r.version + 1 from here where r.id = here.id returning r.id)
        insert into outbox (fact, payload) select 'process.changed', jsonb_build_object('run', n.id) from newer n;
      end if;
    end if;
  end loop;
  return null;
end $function$;
create constraint trigger change_counts after insert on lot deferrable initially deferred for each row
  when (new.origin = 'native'::text) execute function change_counts();

-- Work is judged by when it was done (ALCOA+; ISO 13485 7.5.9): a lot that was good when it went in is not refused because
-- it ran out before somebody told; and nothing has happened yet that lies in the future.
-- Refuses with BW161
create or replace function made_by_today() returns trigger language plpgsql as $function$
begin
  if new.manufactured_on > (now() at time zone
      coalesce((select s.zone from site s order by s.id limit 1), 'Asia/Shanghai'))::date then
    raise exception 'lot % is made in the future', new.lot_no using errcode = 'BW161';
  end if;
  return new;
end $function$;
create trigger lot_made before insert or update of manufactured_on on lot for each row
  when (new.manufactured_on is not null) execute function made_by_today();

-- Nothing is made here, or received, that expires or is tested again before it was made (ISO 13485 7.5.11).
-- Refuses with BW315
create or replace function dates_in_order() returns trigger language plpgsql as $function$
declare
  made date := new.manufactured_on;
  again date := case new.retest_precision
    when 'month' then (date_trunc('month', new.retest_on) + interval '1 month - 1 day')::date else new.retest_on end;
begin
  if lot_end(new) < made or again < made then
    raise exception 'lot % expires, or is tested again, before it is made', new.lot_no using errcode = 'BW315';
  end if;
  return new;
end $function$;
create trigger lot_made_in_order before insert or update of manufactured_on, expires_on, retest_on on lot for each row
  when (new.origin = 'native'::text and new.manufactured_on is not null) execute function dates_in_order();

-- A batch goes on by what was done with it in this act; asked at the end of it, when everything is written (21 CFR 11.10(f)).
-- Refuses with BW291
create or replace function lot_step_proven() returns trigger language plpgsql as $function$
begin
  -- a part stands where its whole stands, when it begins
  if not (lot_inherits(new) or case new.status
    when 'finished' then exists (
      select from operation_run r where r.lot_id = new.id and r.recorded_at = now())
    when 'inspected' then exists (
      select from inspection i where i.lot_id = new.id and i.stage = 'final' and i.status = 'accepted' and i.decided_at = now())
    when 'packed' then exists (
      select from human_task t where t.lot_id = new.id and t.status = 'done' and t.done_at = now()
         and step_did(t.run_id, t.stage, t.outcome, 'packaging.reconcile'))
    when 'closed' then not exists (select from stock s where s.lot_id = new.id and s.quantity > 0) and exists (
      select from process_run p where p.lot_id = new.id and p.status = 'completed' and p.result = 'closed' and p.ended_at = now())
    when 'in_process' then exists (
      select from process_run p where p.lot_id = new.id and p.status = 'completed' and p.result = 'rework' and p.ended_at = now())
    when 'rejected' then exists (
      -- of a part that was split off, the decision is about the whole
      select from signature s join process_run p on p.id = s.run_id
       where s.signed_at = now() and (p.lot_id = new.id or exists (
         select from genealogy_edge e where e.parent_lot_id = p.lot_id and e.child_lot_id = new.id and e.kind = 'split')))
    else true end) then
    raise exception 'lot % goes on by what was done with it, not from % to % by itself', new.lot_no, old.status, new.status
      using errcode = 'BW291';
  end if;
  return null;
end $function$;
create constraint trigger lot_step_proven after update on lot deferrable initially deferred for each row
  when (new.status <> old.status) execute function lot_step_proven();

-- A corrected consumption: links, movements and holds say the same (DESIGN 2.4; REQUIREMENTS 21, 25).
--
-- What an operation consumed of a lot is the sum of its links to it, before and after a correction.  The movements of a
-- correction are adjustments that name the operation: what went back, and what was taken instead.  They may take a lot
-- that is held, unreleased or expired, because that is what happened; so nothing but a correction may write them.
-- Refuses with BW010, BW011, BW012, BW013, BW014, BW015
create or replace function lot_wall() returns trigger language plpgsql as $function$
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
end $function$;
create trigger lot_wall before insert or update on lot for each row execute function lot_wall();

-- What has expired is not released; its last day is one of the plant's, also where no site says its zone (ISO 13485 7.5.11).
-- Refuses with BW199
create or replace function expired_is_not_released() returns trigger language plpgsql as $function$
declare
  last date := case new.expiry_precision
    when 'month' then (date_trunc('month', new.expires_on) + interval '1 month - 1 day')::date else new.expires_on end;
  zone text := coalesce((select s.zone from site s order by s.id limit 1), 'Asia/Shanghai');
begin
  if (now() at time zone zone)::date > last and not exists (
      select from genealogy_edge e where e.child_lot_id = new.id and e.kind in ('split', 'merge', 'repack')) then
    raise exception 'lot % expired on % and can''t be released', new.lot_no, last using errcode = 'BW199';
  end if;
  return new;
end $function$;
create trigger lot_wall_expired before update on lot for each row
  when (new.status = 'released'::text and (old.status = any (array['received'::text, 'inspected'::text, 'packed'::text])) and new.expires_on is not null)
  execute function expired_is_not_released();

-- A batch that was rejected or sent back after people signed is released by signatures of its new release only
-- (ISO 13485 8.2.6; 21 CFR 11.70).
-- Refuses with BW173
create or replace function release_is_new() returns trigger language plpgsql as $function$
declare
  fallen timestamptz;
begin
  select max(a.at) into fallen from audit_event a
   where a.table_name = 'lot' and a.row_id = new.id and a.operation = 'update'
     and a.before ->> 'status' is distinct from a.after ->> 'status' and a.after ->> 'status' in ('rejected', 'in_process');
  if fallen is not null and (
      select count(distinct s.person_id) from signature s where s.lot_id = new.id and s.signed_at > fallen
         and s.subject = case when new.kind in ('raw', 'component') then 'inspection' else 'release' end
         and s.outcome = case when new.kind in ('raw', 'component') then 'accepted' else 'release' end
     ) < (case when new.kind in ('raw', 'component') then 1 else 2 end) then
    raise exception 'the signatures on lot % are older than its rejection', new.lot_no using errcode = 'BW173';
  end if;
  return new;
end $function$;
create trigger lot_wall_release before update on lot for each row
  when (new.status = 'released'::text and (old.status = any (array['received'::text, 'inspected'::text, 'packed'::text])))
  execute function release_is_new();

-- A date that is printed as a month stays one: of manufacture and of retest too (21 CFR 801.18; ISO 13485 7.5.9).
-- Refuses with BW178
create or replace function lot_relied_wall() returns trigger language plpgsql as $function$
begin
  if new.quantity <> old.quantity and not (old.status = 'in_process' and new.status = 'finished' and exists (
      select from operation_run r where r.lot_id = new.id and r.produced = new.quantity)) then
    raise exception 'the quantity of lot % is what was received or made', new.lot_no using errcode = 'BW178';
  end if;
  if (new.supplier_id, new.supplier_lot_no, new.manufactured_on, new.made_precision, new.expires_on, new.expiry_precision,
      new.expiry_reason, new.retest_on, new.retest_precision, new.extra) is distinct from
     (old.supplier_id, old.supplier_lot_no, old.manufactured_on, old.made_precision, old.expires_on, old.expiry_precision,
      old.expiry_reason, old.retest_on, old.retest_precision, old.extra)
     and (old.status not in ('received', 'in_process') or coalesce(current_setting('bw.reason', true), '') = '') then
    raise exception 'what lot % was judged by stays as it was', new.lot_no using errcode = 'BW178',
      hint = 'before its inspection it may be put right, with a reason';
  end if;
  return new;
end $function$;
create trigger lot_wall_relied before update on lot for each row execute function lot_relied_wall();

-- A batch goes on only by its newest inspection (ISO 13485 8.2.6).
-- Refuses with BW177
create or replace function lot_verdict_wall() returns trigger language plpgsql as $function$
begin
  if not lot_inherits(new) and coalesce((
      select i.status from inspection i where i.lot_id = new.id
         and i.stage = case new.status when 'inspected' then 'final' else 'incoming' end
       order by i.revision desc limit 1), '') <> 'accepted' then
    raise exception 'the newest inspection of lot % doesn''t accept it', new.lot_no using errcode = 'BW177';
  end if;
  return new;
end $function$;
create trigger lot_wall_verdict before update on lot for each row
  when (old.status = 'finished'::text and new.status = 'inspected'::text or old.status = 'received'::text and new.status = 'released'::text)
  execute function lot_verdict_wall();

-- A lot that is released, rejected or closed at its birth is one that a row of this import tells of (21 CFR 11.10(e)).
-- Refuses with BW174
create or replace function migrated_lot_wall() returns trigger language plpgsql as $function$
declare
  wrong text;
begin
  select n.lot_no into wrong from new_rows n
   where n.origin = 'migrated' and n.status in ('released', 'inspected', 'packed', 'rejected', 'closed')
     and not exists (
       select from import_row r join import_run i on i.id = r.run_id
        where r.id = n.import_row_id and i.at = now() and r.outcome <> 'rejected'
          and r.target_table = 'lot' and r.target_id = n.id) limit 1;
  if wrong is not null then
    raise exception 'no row of this import tells of lot %', wrong using errcode = 'BW174';
  end if;
  return null;
end $function$;
create trigger migrated_wall_lot after insert on lot referencing new table as new_rows for each statement
  execute function migrated_lot_wall();

-- A nonconformance or deviation is closed only by its own signed decision, and keeps its batch from release until then
-- (ISO 13485 8.3.1, 8.3.2; DESIGN 2.4).
-- Refuses with BW107
create or replace function open_nonconformance_wall() returns trigger language plpgsql as $function$
begin
  if exists (select from nonconformance n where n.lot_id = new.id and n.status = 'open') then
    raise exception 'lot % has an open nonconformance', new.lot_no using errcode = 'BW107';
  end if;
  return new;
end $function$;
create trigger open_nonconformance_wall before update on lot for each row
  when (new.status = 'released'::text and old.status <> 'released'::text) execute function open_nonconformance_wall();

-- One key per number (models/identifier/rules/identity.py says what it folds and why); the same function, and a test says so.
-- Ranges are code points: the collation "C" knows nothing else (REQUIREMENTS 19).
-- Refuses with BW137
create or replace function own_number_is_new()
  returns trigger language plpgsql security definer set search_path to 'public', 'pg_temp' as $function$
declare
  other text;
begin
  -- lots that are brought over from an older system are as they are
  insert into own_number (identity, lot_id)
    select identity_key(n.lot_no), min(n.id) from new_rows n where n.origin = 'migrated' and identity_key(n.lot_no) <> ''
     group by 1 order by 1
    on conflict do nothing;
  begin
    insert into own_number (identity, lot_id)
      select identity_key(n.lot_no), n.id from new_rows n where n.origin <> 'migrated' and identity_key(n.lot_no) <> ''
       order by 1;
  exception when unique_violation then
    select l.lot_no into other from new_rows n join own_number o on o.identity = identity_key(n.lot_no)
      join lot l on l.id = o.lot_id where n.origin <> 'migrated' limit 1;
    raise exception 'a batch number must differ from every other in more than case, blanks and dashes: there is % already',
      coalesce(other, 'one') using errcode = 'BW137';
  end;
  return null;
end $function$;
create trigger own_number_is_new after insert on lot referencing new table as new_rows for each statement
  execute function own_number_is_new();

-- Opening a recall contains (21 CFR 7.46; ISO 13485 8.3.3): a scope isn't signed while something of it is free, and a
-- precaution becomes the recall's own hold only by the signed scope.
-- Refuses with BW080
create or replace function packaged_held_wall() returns trigger language plpgsql as $function$
begin
  if exists (select from hold h where h.lot_id = new.id and h.lifted_at is null) then
    raise exception 'lot % is held, and is not packed and labelled', new.lot_no using errcode = 'BW080';
  end if;
  return new;
end $function$;
create trigger packaged_held_wall before update on lot for each row
  when (old.status = 'inspected'::text and new.status = 'packed'::text) execute function packaged_held_wall();

-- The subject of a lot has its number, title and site: they follow the row (DESIGN 6a).
create or replace function subject_called_lot()
  returns trigger language plpgsql security definer set search_path to 'public', 'pg_temp' as $function$
begin
  update subject s set number = new.lot_no, title = null::text, title_en = null::text, site_id = coalesce(null::bigint, s.site_id)
   where s.id = new.subject_id;
  return null;
end $function$;
create trigger subject_called after update of lot_no on lot for each row execute function subject_called_lot();

-- Each lot has a subject of its own, made in the statement that makes the row, whatever door it comes through (DESIGN 6a).
-- Refuses with BW353
create or replace function subject_of_lot()
  returns trigger language plpgsql security definer set search_path to 'public', 'pg_temp' as $function$
begin
  if exists (select from new_rows n where n.subject_id > (select last_value from subject_id_seq)) then
    raise exception 'the subject of a row is numbered with it' using errcode = 'BW353';
  end if;

  insert into subject (id, kind, number, title, title_en, titled_by_id, site_id, entity_id, owner_id, opened_at)
  with made as materialized (
    select n.subject_id as id, n.lot_no as number, null::text as title, null::text as title_en, i.subject_id as titled_by_id,
           coalesce(null::bigint, (select min(s.id) from site s)) as site_id, n.created_at as opened_at,
           i.category as family, n.supplier_id as supplier_id
      from new_rows n join item i on i.id = n.item_id),
  owned as materialized (
    select array[w.family, w.supplier_id::text, w.site_id::text] as for_whom,
           subject_owner('lot', w.family, w.supplier_id, w.site_id, null) as owner_id,
           (select e.id from legal_entity e where e.site_id = w.site_id) as entity_id
      from (select distinct family, supplier_id, site_id from made) w)
  select m.id, 'lot', m.number, m.title, m.title_en, m.titled_by_id, m.site_id, o.entity_id, o.owner_id, m.opened_at
    from made m join owned o on o.for_whom = array[m.family, m.supplier_id::text, m.site_id::text];
  return null;
end $function$;
create trigger subject_made after insert on lot referencing new table as new_rows for each statement
  execute function subject_of_lot();

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on lot for each statement execute function api_stays_out();
create trigger audit_delete after delete on lot referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on lot referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on lot referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger change_catches after insert on lot referencing new table as new_rows for each statement
  execute function change_catches();
create trigger fixed_key before update on lot for each row execute function identity_is_fixed();
create trigger kept before delete on lot for each row execute function kept();
create trigger lot_no_is_no_label before insert or update of lot_no on lot for each row
  when (new.origin <> 'migrated'::text and may_be_label(new.lot_no)) execute function number_is_no_label('lot_no', 'BW138');
create trigger migrated_wall after insert on lot referencing new table as new_rows for each statement
  execute function migrated_wall('origin', 'native');
create trigger subject_fixed before update of subject_id on lot for each row
  when (old.subject_id is distinct from new.subject_id) execute function subject_fixed();
create trigger supplier_lot_no_is_no_label before insert or update of supplier_lot_no on lot for each row
  when (new.origin <> 'migrated'::text and may_be_label(new.supplier_lot_no))
  execute function number_is_no_label('supplier_lot_no', 'BW138');

-- lot_fact ----------------------------------------------------------

-- What is told of a batch is told at the time of the act.  Once for the statement: a split or a shipment tells many batches at once
-- (21 CFR 11.10(e)).
-- Refuses with BW292
create or replace function fact_told_now() returns trigger language plpgsql as $function$
begin
  if not imported_now() and exists (
      select from new_rows n where n.at <> now() or (n.person_id is not null and not acts_as(n.person_id))) then
    raise exception 'what happened to a lot is told now, by who says so' using errcode = 'BW292';
  end if;
  return null;
end $function$;
create trigger fact_told_now after insert on lot_fact referencing new table as new_rows for each statement
  execute function fact_told_now();

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on lot_fact for each statement execute function api_stays_out();
create trigger append_only before delete or update on lot_fact for each row execute function append_only();
create trigger append_only_truncate before truncate on lot_fact for each statement execute function append_only();
create trigger audit_delete after delete on lot_fact referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on lot_fact referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on lot_fact referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on lot_fact for each row execute function identity_is_fixed();
create trigger lot_fact_since_clocks before insert on lot_fact for each row
  when (new.happened_at < '1970-01-01 00:00:00+00'::timestamp with time zone) execute function before_clocks_began();
create trigger lot_fact_time before insert on lot_fact for each row
  when (new.happened_at is not null) execute function not_in_the_future('happened_at');
