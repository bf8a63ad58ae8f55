-- The walls of recall: what the database refuses or does by itself, whoever asks, as it stands now.
-- Written from a migrated database by `make docs`; what is said above a function is yours and stays, and so does the file that you
-- move it to.  A wall is changed by a migration (docs/how-to/add-a-wall.md).

-- what walls ask, and what stands at tables of other nouns ----------

-- What changes only together with the row that proves it, in the same act (DESIGN 2.4; 21 CFR 11.10(e), (f); ISO 13485 4.2.5):
-- orders, batches, processes, tasks, serial numbers, and what a recall says of itself.
-- Refuses with BW296
create or replace function notice_born() returns trigger language plpgsql as $function$
begin
  if exists (
      select from new_rows n where n.status <> 'open' or num_nonnulls(n.sent_at, n.reminded_at, n.acknowledged_by) > 0 or n.reminders <> 0
         or not exists (select from recall c join recall_scope s on s.recall_id = c.id
                         where c.id = n.recall_id and c.status = 'open' and s.version = n.scope_version and s.signed_at is not null)) then
    raise exception 'a notice is written for the signed scope of an open recall, and then waits' using errcode = 'BW296';
  end if;
  return null;
end $function$;

-- What was found open when the application's roles were tried as an attacker would (DESIGN 2.4; 21 CFR 11.10(d), (e), (g)):
-- each role writes its own part only, and what the record relies on stays as it was when somebody did.
-- Refuses with BW258
create or replace function notice_sent_wall() returns trigger language plpgsql as $function$
begin
  if (old.sent_at is not null and new.sent_at is distinct from old.sent_at)
     or array_position(array['open', 'sent', 'acknowledged'], new.status)
        < array_position(array['open', 'sent', 'acknowledged'], old.status)
     or new.link_expires_at is distinct from old.link_expires_at or new.public_id <> old.public_id
     or (old.acknowledged_at is not null and (new.acknowledged_by, new.remark, new.status)
         is distinct from (old.acknowledged_by, old.remark, old.status)) then
    raise exception 'a notice stays sent, and answered by whom it was' using errcode = 'BW258';
  end if;
  return new;
end $function$;

-- What changes only together with the row that proves it, in the same act (DESIGN 2.4; 21 CFR 11.10(e), (f); ISO 13485 4.2.5):
-- orders, batches, processes, tasks, serial numbers, and what a recall says of itself.
-- Refuses with BW296
create or replace function notice_told() returns trigger language plpgsql as $function$
begin
  if (new.acknowledged_at is distinct from old.acknowledged_at and (
        new.acknowledged_at is distinct from now() or new.status <> 'acknowledged' or coalesce(btrim(new.acknowledged_by), '') = ''
        or new.received is null or not exists (
          select from customer c where c.id = new.customer_id and current_setting('bw.actor_id', true) = 'customer:' || c.customer_no
          union all select from person p where p.public_id::text = current_setting('bw.actor_id', true) and p.active)))
     or (new.status = 'acknowledged' and new.acknowledged_at is null)
     or (new.acknowledged_at is null and num_nonnulls(new.acknowledged_by, new.received, new.passed_on) > 0)
     or (new.sent_at is distinct from old.sent_at and new.sent_at is distinct from now())
     or (new.status = 'sent' and new.sent_at is null)
     or new.reminders not in (old.reminders, old.reminders + 1)
     or ((new.reminders, new.reminded_at) is distinct from (old.reminders, old.reminded_at)
         and (new.reminders = old.reminders or new.reminded_at is distinct from now())) then
    raise exception 'a notice is answered by its customer or by who writes down what they said, as it happens' using errcode = 'BW296';
  end if;
  return new;
end $function$;

-- The depth of a recall chooses whom it tells: a class I goes down to the user, and nobody below the depth gets a notice
-- (21 CFR 7.42(b)(1)).
-- Refuses with BW231
create or replace function recall_notice_depth_wall() returns trigger language plpgsql as $function$
declare
  levels constant text[] := array['wholesale', 'retail', 'user'];
begin
  -- who got the goods from somebody that was told is told because of that answer, whatever the level of who passed them on
  if to_jsonb(new) ->> 'parent_id' is null and exists (
      select from recall r, customer c where r.id = new.recall_id and c.id = new.customer_id
         and array_position(levels, c.level) > array_position(levels, r.depth)) then
    raise exception 'the recall does not go down to this customer' using errcode = 'BW231';
  end if;
  return new;
end $function$;

-- Goods that a consignee passed on (21 CFR 7.42(b)(1), 7.49(d)): receivers are named by the answer that says so, for no more
-- than it passed on, never in a circle; what a notice tells of stays.
-- Refuses with BW073, BW223, BW224
create or replace function recall_notice_wall() returns trigger language plpgsql as $function$
begin
  if (new.recall_id, new.customer_id, new.parent_id, new.receiver, new.contact, new.email, new.phone, new.scope_version,
      new.lines, new.shipped)
     is distinct from (old.recall_id, old.customer_id, old.parent_id, old.receiver, old.contact, old.email, old.phone,
      old.scope_version, old.lines, old.shipped) then
    raise exception 'what a notice tells of, and whom, stays' using errcode = 'BW223';
  end if;
  if old.acknowledged_at is not null
     and (new.acknowledged_at, new.received, new.on_hand, new.used, new.will_return, new.passed_on)
     is distinct from (old.acknowledged_at, old.received, old.on_hand, old.used, old.will_return, old.passed_on) then
    raise exception 'what a customer has acknowledged stays' using errcode = 'BW073';
  end if;
  if old.acknowledged_at is null and new.acknowledged_at is not null
     and (new.received > new.shipped or new.received <> new.on_hand + new.used + coalesce(new.passed_on, 0)
          or new.will_return > new.on_hand) then
    raise exception 'an answer is about what came, and all of it' using errcode = 'BW224';
  end if;
  return new;
end $function$;

-- Receivers whom a customer names are told when somebody of ours has confirmed the list (21 CFR 7.42(b)(1), 7.49(d)): a list is named
-- by an answer, for no more than it passed on, is decided once by who completed its task, and a notice goes to whom it names.
-- Refuses with BW288
create or replace function recall_receiver_confirmed() returns trigger language plpgsql as $function$
begin
  if not exists (select from recall_naming g
                  where g.notice_id = new.parent_id and g.outcome = 'confirmed' and g.receivers @> jsonb_build_array(
                    jsonb_build_object('name', new.receiver, 'contact', new.contact, 'email', new.email, 'phone', new.phone))
                    and exists (select from jsonb_array_elements(g.receivers) one
                                 where one ->> 'name' = new.receiver and (one ->> 'quantity')::numeric = new.shipped)) then
    raise exception 'a receiver is told when the list that names them is confirmed' using errcode = 'BW288';
  end if;
  return new;
end $function$;

-- Goods that a consignee passed on (21 CFR 7.42(b)(1), 7.49(d)): receivers are named by the answer that says so, for no more
-- than it passed on, never in a circle; what a notice tells of stays.
-- Refuses with BW220, BW221, BW222
create or replace function recall_receiver_wall() returns trigger language plpgsql as $function$
declare
  above recall_notice;
  given numeric;
  round boolean;
begin
  if new.acknowledged_at is not null or new.received is not null or new.passed_on is not null then
    raise exception 'a notice is answered after it was written' using errcode = 'BW220';
  end if;
  if new.parent_id is null then
    return new;
  end if;
  -- one answer's receivers at a time
  select * into above from recall_notice where id = new.parent_id for no key update;
  if above.id is null or above.acknowledged_at is null or above.recall_id <> new.recall_id
     or above.customer_id <> new.customer_id or above.scope_version <> new.scope_version
     or not exists (select from recall c where c.id = new.recall_id and c.status = 'open') then
    raise exception 'a receiver is named by the answer that passed goods on' using errcode = 'BW220';
  end if;
  if exists (select from jsonb_array_elements(new.lines) one
              where not exists (select from jsonb_array_elements(above.lines) its
                                 where its ->> 'lot_no' = one ->> 'lot_no'
                                   and (one ->> 'quantity')::numeric
                                       <= least((its ->> 'quantity')::numeric, new.shipped))) then
    raise exception 'a receiver got none but what was passed on' using errcode = 'BW220';
  end if;
  select coalesce(sum(shipped), 0) into given from recall_notice where parent_id = new.parent_id;
  if given + new.shipped > coalesce(above.passed_on, 0) then
    raise exception 'receivers got more than was passed on' using errcode = 'BW221';
  end if;
  with recursive up as (
    select n.id, n.parent_id, coalesce(n.receiver, c.name) as name
      from recall_notice n join customer c on c.id = n.customer_id where n.id = new.parent_id
    union all
    select n.id, n.parent_id, coalesce(n.receiver, c.name)
      from up join recall_notice n on n.id = up.parent_id join customer c on c.id = n.customer_id)
  select exists (select from up where identity_key(name) = identity_key(new.receiver)) into round;
  if round then
    raise exception 'goods are not passed on to who passed them on' using errcode = 'BW222';
  end if;
  return new;
end $function$;

-- The last wall around recalls (DESIGN 2.4, 2.7): two people behind every signed scope, and a signed scope stays.
-- Refuses with BW070
create or replace function recall_signature_wall() returns trigger language plpgsql as $function$
begin
  -- one signer, whatever the account, role or delegation: the people behind two steps on one scope are disjoint
  if new.subject = 'recall' and new.outcome in ('freeze', 'approve') and exists (
      select from signature s join human_task t on t.id = s.task_id
       where s.run_id = new.run_id and s.subject = 'recall' and s.outcome in ('freeze', 'approve')
         and s.digest = new.digest and t.stage <> (select stage from human_task where id = new.task_id)
         and array[s.person_id, coalesce(s.on_behalf_of_id, s.person_id)]
             && array[new.person_id, coalesce(new.on_behalf_of_id, new.person_id)]) then
    raise exception 'the same person can''t sign the scope of a recall twice' using errcode = 'BW070';
  end if;
  return new;
end $function$;

-- What a step did is asked by the names of its effects, never by the key of the step: whoever renames one changes its name only
-- (DESIGN 6a).  Texts of language 1, of before, go by the keys that shipped.
create or replace function signed_subject(of_run bigint, step text) returns text language sql stable as $function$
  -- of an inspection its verdict; where nothing can be said yes to, what becomes of goods; else what its family signs
  select case when s ->> 'kind' = 'inspection' then 'inspection'
              when jsonb_array_length(coalesce(s -> 'outcomes', '[]')) > 0
                   and not exists (select from jsonb_array_elements(s -> 'outcomes') o where o ->> 'style' = 'positive') then 'disposition'
              when in_family(d.key, 'release') then 'release'
              when in_family(d.key, 'recall') then 'recall'
              else 'task' end
    from process_run p join definition_version d on d.id = p.definition_id, jsonb_array_elements(d.body::jsonb -> 'stages') s
   where p.id = of_run and s ->> 'key' = step
$function$;

-- recall ------------------------------------------------------------

alter table recall
  add constraint ck_recall_action check (action = any (array['correction'::text, 'removal'::text])),
  add constraint ck_recall_cause check (cause = any (array['manual'::text, 'complaint'::text, 'inspection'::text, 'supplier'::text, 'schedule'::text])),
  add constraint ck_recall_check_level check (check_level = any (array['A'::text, 'B'::text, 'C'::text, 'D'::text, 'E'::text])),
  add constraint ck_recall_check_share check (check_share >= 0::numeric and check_share <= 100::numeric),
  add constraint ck_recall_depth check (depth = any (array['user'::text, 'retail'::text, 'wholesale'::text])),
  add constraint ck_recall_measure check ((measure = any (array['warning'::text, 'inspection'::text, 'repair'::text, 'relabel'::text, 'software'::text, 'replace'::text, 'take_back'::text, 'destroy'::text])) and (measure is null) = (action is null) and (measure <> 'take_back'::text or action <> 'correction'::text) and (measure <> 'warning'::text or action <> 'removal'::text)),
  add constraint ck_recall_mode check (mode = any (array['recall'::text, 'drill'::text])),
  add constraint ck_recall_recall_class check (recall_class = any (array['I'::text, 'II'::text, 'III'::text])),
  add constraint ck_recall_status check (status = any (array['open'::text, 'closed'::text, 'withdrawn'::text]));

-- A recall is closed when somebody has decided about every batch in house, about what came back, and about what joined since (21 CFR 7.55).
-- Refuses with BW093, BW313, BW314
create or replace function recall_close_wall() returns trigger language plpgsql as $function$
declare
  open_lot text;
begin
  if new.status = 'closed' and old.status <> 'closed' then
    select l.lot_no into open_lot
      from recall_scope s join recall_lot r on r.scope_id = s.id join lot l on l.id = r.lot_id
     where s.id = (select v.id from recall_scope v where v.recall_id = new.id order by v.version desc limit 1)
       and l.status not in ('rejected', 'closed')
       and not exists (select from recall_lot_decision d where d.recall_id = new.id and d.lot_id = l.id)
       -- what came back has decisions of its own
       and (select coalesce(sum(k.quantity), 0) from stock k where k.lot_id = l.id)
           > (select coalesce(sum(b.quantity), 0) - coalesce(sum(x.scrapped), 0)
                from recall_return b
                left join lateral (select sum(d.quantity) as scrapped from recall_disposition d
                                    where d.return_id = b.id and d.moved) x on true
               where b.recall_id = new.id and b.lot_id = l.id and b.moved)
     limit 1;
    if open_lot is not null then
      raise exception 'nobody has decided about batch %, which is in house', open_lot using errcode = 'BW093';
    end if;
    select l.lot_no into open_lot
      from recall_return b join lot l on l.id = b.lot_id
     where b.recall_id = new.id
       and b.quantity > (select coalesce(sum(d.quantity), 0) from recall_disposition d where d.return_id = b.id) limit 1;
    if open_lot is not null then
      raise exception 'nobody has decided about what came back of batch %', open_lot using errcode = 'BW314';
    end if;
    select l.lot_no into open_lot
      from hold h join lot l on l.id = h.lot_id
     where h.recall_id = new.id and h.lifted_at is null
       and h.placed_at > (select max(v.computed_at) from recall_scope v where v.recall_id = new.id)
       and not exists (
         select from recall_lot m join recall_scope v on v.id = m.scope_id
          where v.recall_id = new.id and m.lot_id = h.lot_id
            and v.version = (select max(w.version) from recall_scope w where w.recall_id = new.id))
     limit 1;
    if open_lot is not null then
      raise exception 'batch % joined the recall, and no signed scope names it', open_lot using errcode = 'BW313';
    end if;
  end if;
  return new;
end $function$;
create trigger recall_close_wall before update on recall for each row execute function recall_close_wall();

-- The depth of a recall chooses whom it tells: a class I goes down to the user, and nobody below the depth gets a notice
-- (21 CFR 7.42(b)(1)).
-- Refuses with BW230
create or replace function recall_depth_wall() returns trigger language plpgsql as $function$
begin
  -- what was decided before this rule stands until somebody decides again
  if new.recall_class = 'I' and new.depth in ('wholesale', 'retail')
     and (tg_op = 'INSERT' or (new.recall_class, new.depth) is distinct from (old.recall_class, old.depth)) then
    raise exception 'a class I recall goes down to the user' using errcode = 'BW230';
  end if;
  return new;
end $function$;
create trigger recall_depth_wall before insert or update of recall_class, depth on recall for each row
  execute function recall_depth_wall();

-- What people rely on stays as it was when they did (DESIGN 2.4; ISO 13485 4.2.5, 7.5.9, 8.2.6; 21 CFR 11.10(e)): a verdict
-- comes from values, a batch keeps its dates and quantity, an order and its plan stay as they were worked by, and a recall
-- ends by a decision that somebody signed.
-- Refuses with BW180
create or replace function recall_end_wall() returns trigger language plpgsql as $function$
begin
  -- at the end of the act, which writes the signature, the run and the recall one after the other
  if not exists (
      select from process_run p join signature s on s.run_id = p.id
       where p.recall_id = new.id and p.status = 'completed' and p.result = new.status and s.subject = 'recall'
         and s.signed_at = now()) then
    raise exception 'recall % ends by a signed decision', new.recall_no using errcode = 'BW180';
  end if;
  return null;
end $function$;
create constraint trigger recall_end_wall after update on recall deferrable initially deferred for each row
  when (new.status <> old.status) execute function recall_end_wall();

-- When everything was held is said by the step that holds it (21 CFR 11.10(e)).
-- Refuses with BW300
create or replace function recall_held_now() returns trigger language plpgsql as $function$
begin
  if not exists (select from human_task t where t.recall_id = new.id and t.status = 'done' and t.done_at = now()
      and step_did(t.run_id, t.stage, t.outcome, 'recall.hold_scope')) then
    raise exception 'recall % says of itself what was done in this act', new.recall_no using errcode = 'BW300';
  end if;
  return null;
end $function$;
create constraint trigger recall_held_now after update on recall deferrable initially deferred for each row
  when (new.held_at is distinct from old.held_at) execute function recall_held_now();

-- The score is said once, as the recall ends; what a hold reached, when everything was held; whom to ask, by a step or a draw
-- (21 CFR 11.10(e)).
-- Refuses with BW300
create or replace function recall_said_now() returns trigger language plpgsql as $function$
begin
  if (new.score is distinct from old.score and (old.score is not null or new.status = 'open' or new.closed_at is distinct from now()))
     or (new.hold_report is distinct from old.hold_report and not exists (
           select from human_task t where t.recall_id = new.id and t.status = 'done' and t.done_at = now()
              and step_did(t.run_id, t.stage, t.outcome, 'recall.hold_scope')))
     or ((new.check_level, new.check_share) is distinct from (old.check_level, old.check_share) and not exists (
           select from human_task t where t.recall_id = new.id and t.status = 'done' and t.done_at = now()
              and (step_did(t.run_id, t.stage, t.outcome, 'recall.approve_scope')
                or step_did(t.run_id, t.stage, t.outcome, 'recall.end_follow_up'))
           union all select from recall_sample s where s.recall_id = new.id and s.drawn_at = now())) then
    raise exception 'recall % says of itself what was done in this act', new.recall_no using errcode = 'BW300';
  end if;
  return null;
end $function$;
create constraint trigger recall_said_now after update on recall deferrable initially deferred for each row
  when (new.score is distinct from old.score or new.hold_report is distinct from old.hold_report or new.check_level is distinct from old.check_level or new.check_share is distinct from old.check_share)
  execute function recall_said_now();

-- What was found open when the application's roles were tried as an attacker would (DESIGN 2.4; 21 CFR 11.10(d), (e), (g)):
-- each role writes its own part only, and what the record relies on stays as it was when somebody did.
-- Refuses with BW258
create or replace function recall_said_wall() returns trigger language plpgsql as $function$
begin
  if (new.title, new.reason, new.notice) is distinct from (old.title, old.reason, old.notice)
     or (old.decided_at is not null and new.decided_at is distinct from old.decided_at)
     or (old.held_at is not null and new.held_at is distinct from old.held_at)
     or (old.notified_at is not null and new.notified_at is distinct from old.notified_at)
     or ((new.recall_class, new.hazard, new.action, new.measure, new.depth, new.decided_at) is distinct from
         (old.recall_class, old.hazard, old.action, old.measure, old.depth, old.decided_at)
         and not exists (
           select from process_run p join signature s on s.run_id = p.id
            where p.recall_id = new.id and s.subject = 'recall' and s.signed_at = now())) then
    raise exception 'what recall % was decided by stays, until somebody signs again', old.recall_no using errcode = 'BW258';
  end if;
  return new;
end $function$;
create trigger recall_said_wall before update on recall for each row execute function recall_said_wall();

-- What people rely on stays as it was when they did (DESIGN 2.4; ISO 13485 4.2.5, 7.5.9, 8.2.6; 21 CFR 11.10(e)): a verdict
-- comes from values, a batch keeps its dates and quantity, an order and its plan stay as they were worked by, and a recall
-- ends by a decision that somebody signed.
-- Refuses with BW180
create or replace function recall_stays() returns trigger language plpgsql as $function$
begin
  if (new.recall_no, new.public_id, new.mode, new.cause, new.opened_by_id, new.opened_at, new.identifier)
     is distinct from
     (old.recall_no, old.public_id, old.mode, old.cause, old.opened_by_id, old.opened_at, old.identifier)
     or (old.status <> 'open' and (new.status, new.closed_at) is distinct from (old.status, old.closed_at)) then
    raise exception 'recall % stays what it was opened for, and ended', old.recall_no using errcode = 'BW180';
  end if;
  return new;
end $function$;
create trigger recall_stays before update on recall for each row execute function recall_stays();

-- The subject of a recall has its number, title and site: they follow the row (DESIGN 6a).
create or replace function subject_called_recall()
  returns trigger language plpgsql security definer set search_path to 'public', 'pg_temp' as $function$
begin
  update subject s set number = new.recall_no, title = new.title, title_en = null::text, site_id = coalesce(null::bigint, s.site_id)
   where s.id = new.subject_id;
  return null;
end $function$;
create trigger subject_called after update of recall_no, title on recall for each row execute function subject_called_recall();

-- Each recall has a subject of its own, made in the statement that makes the row, whatever door it comes through (DESIGN 6a).
-- Refuses with BW353
create or replace function subject_of_recall()
  returns trigger language plpgsql security definer set search_path to 'public', 'pg_temp' as $function$
begin
  if exists (select from new_rows n where n.subject_id > (select last_value from subject_id_seq)) then
    raise exception 'the subject of a row is numbered with it' using errcode = 'BW353';
  end if;

  insert into subject (id, kind, number, title, title_en, titled_by_id, site_id, entity_id, owner_id, opened_at)
  with made as materialized (
    select n.subject_id as id, n.recall_no as number, n.title as title, null::text as title_en, null::bigint as titled_by_id,
           coalesce(null::bigint, (select min(s.id) from site s)) as site_id, n.opened_at as opened_at,
           null::text as family, null::bigint as supplier_id
      from new_rows n ),
  owned as materialized (
    select array[w.family, w.supplier_id::text, w.site_id::text] as for_whom,
           subject_owner('recall', w.family, w.supplier_id, w.site_id, null) as owner_id,
           (select e.id from legal_entity e where e.site_id = w.site_id) as entity_id
      from (select distinct family, supplier_id, site_id from made) w)
  select m.id, 'recall', m.number, m.title, m.title_en, m.titled_by_id, m.site_id, o.entity_id, o.owner_id, m.opened_at
    from made m join owned o on o.for_whom = array[m.family, m.supplier_id::text, m.site_id::text];
  return null;
end $function$;
create trigger subject_made after insert on recall referencing new table as new_rows for each statement
  execute function subject_of_recall();

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update of status, recall_class, mode, hazard, opened_at, decided_at, held_at, closed_at, action, measure, depth, title, reason, cause, identifier, notice, hold_report, score, check_level, check_share, opened_by_id on recall for each statement
  execute function api_stays_out();
create trigger audit_delete after delete on recall referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on recall referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on recall referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on recall for each row execute function identity_is_fixed();
create trigger kept before delete on recall for each row execute function kept();
create trigger master_number_is_new before insert on recall for each row execute function master_number_is_new('recall_no');
create trigger recall_no_is_no_label before insert or update of recall_no on recall for each row
  when (may_be_label(new.recall_no)) execute function number_is_no_label('recall_no', 'BW260');
create trigger subject_fixed before update of subject_id on recall for each row
  when (old.subject_id is distinct from new.subject_id) execute function subject_fixed();

-- recall_check ------------------------------------------------------

-- Goods that a consignee passed on (21 CFR 7.42(b)(1), 7.49(d)): receivers are named by the answer that says so, for no more
-- than it passed on, never in a circle; what a notice tells of stays.
-- Refuses with BW076
create or replace function recall_check_wall() returns trigger language plpgsql as $function$
begin
  if not exists (select from recall_notice n join recall_sample s on s.recall_id = n.recall_id
                   and s.scope_version = n.scope_version where n.id = new.notice_id and s.id = new.sample_id
                   and (n.parent_id is not null or s.wave = 0)) then
    raise exception 'the checked customer was not told of that version of the scope' using errcode = 'BW076';
  end if;
  return new;
end $function$;
create trigger recall_check_wall before insert on recall_check for each row execute function recall_check_wall();

-- What changes only together with the row that proves it, in the same act (DESIGN 2.4; 21 CFR 11.10(e), (f); ISO 13485 4.2.5):
-- orders, batches, processes, tasks, serial numbers, and what a recall says of itself.
-- Refuses with BW298
create or replace function follow_told() returns trigger language plpgsql as $function$
begin
  case tg_table_name
    when 'recall_sample' then
      new.drawn_at := now();
      if (new.drawn_by_id is not null and not acts_as(new.drawn_by_id))
         or not exists (
           select from recall c join recall_scope s on s.recall_id = c.id
            where c.id = new.recall_id and c.status = 'open' and (c.check_level, c.check_share) = (new.level, new.share)
              and s.version = new.scope_version and s.signed_at is not null) then
        raise exception 'customers are drawn from those told of a signed scope, as many as was decided' using errcode = 'BW298';
      end if;
    when 'recall_check' then
      if not exists (select from recall_sample s where s.id = new.sample_id and s.drawn_at = now()) then
        raise exception 'customers are drawn from those told of a signed scope, as many as was decided' using errcode = 'BW298';
      end if;
    when 'recall_check_attempt' then
      new.recorded_at := now();
      if new.contacted_at > now() + interval '5 minutes' or not exists (
           select from recall_check k join recall_sample s on s.id = k.sample_id join recall c on c.id = s.recall_id
            where k.id = new.check_id and c.status = 'open' and c.opened_at <= new.contacted_at) then
        raise exception 'a customer was asked after the recall began, and before that was written down' using errcode = 'BW298';
      end if;
    else  -- a report
      new.recorded_at := now();
      if new.filed_at > now() + interval '5 minutes'
         or not exists (select from recall c where c.id = new.recall_id and least(c.opened_at, c.decided_at) <= new.filed_at)
         or (new.digest is not null and not exists (select from signed_record r where r.digest = new.digest)) then
        raise exception 'a report was filed after the recall began, and before that was written down' using errcode = 'BW298';
      end if;
  end case;
  return new;
end $function$;
create trigger z_follow_told before insert on recall_check for each row execute function follow_told();

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on recall_check for each statement execute function api_stays_out();
create trigger append_only before delete or update on recall_check for each row execute function append_only();
create trigger append_only_truncate before truncate on recall_check for each statement execute function append_only();
create trigger audit_delete after delete on recall_check referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on recall_check referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on recall_check referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on recall_check for each row execute function identity_is_fixed();

-- recall_check_attempt ----------------------------------------------

alter table recall_check_attempt
  add constraint ck_recall_check_attempt_acted check (acted is not true or notice_received),
  add constraint ck_recall_check_attempt_channel check (channel = any (array['visit'::text, 'telephone'::text, 'email'::text, 'letter'::text, 'other'::text])),
  add constraint ck_recall_check_attempt_reached check (reached = (spoken_with is not null) and reached = (notice_received is not null) and reached = (acted is not null));

create trigger z_follow_told before insert on recall_check_attempt for each row execute function follow_told();

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on recall_check_attempt for each statement
  execute function api_stays_out();
create trigger append_only before delete or update on recall_check_attempt for each row execute function append_only();
create trigger append_only_truncate before truncate on recall_check_attempt for each statement execute function append_only();
create trigger audit_delete after delete on recall_check_attempt referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on recall_check_attempt referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on recall_check_attempt referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on recall_check_attempt for each row execute function identity_is_fixed();
create trigger told_by_its_actor before insert on recall_check_attempt for each row
  execute function by_its_actor('recorded_by_id');

-- recall_deadline ---------------------------------------------------

-- A legal clock is met by what its rule names, and by nothing else: a report that was filed there and then, the notices, the end
-- (21 CFR 11.10(f)).
-- Refuses with BW297
create or replace function deadline_met() returns trigger language plpgsql as $function$
begin
  if not (case
    when new.stop = 'customers_notified' then not exists (
      select from recall_notice n join notice_delivery d on d.notice_id = n.id
       where n.recall_id = new.recall_id and d.kind = 'first' and d.status not in ('sent', 'printed', 'needless'))
      and exists (select from human_task t where t.recall_id = new.recall_id and t.status = 'done'
                    and step_did(t.run_id, t.stage, t.outcome, 'recall.notify'))
    when new.stop = 'recall_completed' then exists (
      select from recall c where c.id = new.recall_id and c.status = 'closed' and c.closed_at = new.met_at)
    else exists (
      select from recall_report p where p.recall_id = new.recall_id and p.jurisdiction = new.jurisdiction
         and p.filed_at = new.met_at) end) then
    raise exception 'a moment of a legal clock is written down when it comes' using errcode = 'BW297';
  end if;
  return null;
end $function$;
create constraint trigger deadline_met after update on recall_deadline deferrable initially deferred for each row
  when (old.met_at is null and new.met_at is not null) execute function deadline_met();

-- A legal clock keeps everything that it was computed from, and each of its moments comes once (STANDARDS 2.10).
-- Refuses with BW280
create or replace function recall_deadline_wall() returns trigger language plpgsql as $function$
begin
  if to_jsonb(new) - array['met_at', 'warned_at', 'missed_at', 'run_id'] is distinct from
     to_jsonb(old) - array['met_at', 'warned_at', 'missed_at', 'run_id']
     or (old.met_at is not null and new.met_at is distinct from old.met_at)
     or (old.warned_at is not null and new.warned_at is distinct from old.warned_at)
     or (old.missed_at is not null and new.missed_at is distinct from old.missed_at) then
    raise exception 'a legal clock stays as it was computed, and each of its moments comes once' using errcode = 'BW280';
  end if;
  return new;
end $function$;
create trigger recall_deadline_wall before update on recall_deadline for each row execute function recall_deadline_wall();

-- What a step did is asked by the names of its effects, never by the key of the step: whoever renames one changes its name only
-- (DESIGN 6a).  Texts of language 1, of before, go by the keys that shipped.
-- Refuses with BW297
create or replace function deadline_born() returns trigger language plpgsql as $function$
begin
  if tg_op = 'INSERT' then
    if num_nonnulls(new.met_at, new.warned_at, new.missed_at, new.run_id) > 0 or new.due_at < new.event_at
       or new.event_at > now() + interval '5 minutes'
       or not (furnishes() or exists (
         select from recall c where c.id = new.recall_id and c.mode = 'recall' and c.status <> 'withdrawn')) then
      raise exception 'a legal clock runs from what has happened, of a recall that is none of an exercise' using errcode = 'BW297';
    end if;
    return new;
  end if;
  if (new.warned_at is distinct from old.warned_at and new.warned_at is distinct from now())
     or (new.missed_at is distinct from old.missed_at and (new.missed_at is distinct from now() or new.met_at is not null))
     or (new.met_at is distinct from old.met_at and (new.met_at > now() + interval '5 minutes' or new.met_at < new.event_at))
     or (new.run_id is distinct from old.run_id and (old.run_id is not null or not exists (
           select from process_run p join definition_version d on d.id = p.definition_id
            where p.id = new.run_id and p.recall_id = new.recall_id and in_family(d.key, 'legal-deadline')))) then
    raise exception 'a moment of a legal clock is written down when it comes' using errcode = 'BW297';
  end if;
  return new;
end $function$;
create trigger z_deadline_told before insert or update on recall_deadline for each row execute function deadline_born();

-- Near is after three quarters of the time and a day before its end, whichever is earlier (models/recall/rules/duties.py).  What
-- was missed before anybody was told of it is both at once (21 CFR 11.10(f)).
-- Refuses with BW325
create or replace function clock_came() returns trigger language plpgsql as $function$
declare
  near timestamptz := new.event_at + make_interval(secs => extract(epoch from new.due_at - new.event_at)::float8 * 0.75);
begin
  if new.due_at - interval '24 hours' > new.event_at then
    near := least(near, new.due_at - interval '24 hours');
  end if;
  if (new.missed_at is distinct from old.missed_at and new.due_at > now())
     or (new.warned_at is distinct from old.warned_at and least(near, new.due_at) > now() + interval '1 millisecond') then
    raise exception 'a legal clock is near or missed when its moment has come' using errcode = 'BW325';
  end if;
  return new;
end $function$;
create trigger zz_deadline_came before update on recall_deadline for each row
  when (new.warned_at is distinct from old.warned_at or new.missed_at is distinct from old.missed_at)
  execute function clock_came();

-- Walls that tables share.
create trigger api_stays_out before insert or delete on recall_deadline for each statement execute function api_stays_out();
create trigger audit_delete after delete on recall_deadline referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on recall_deadline referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on recall_deadline referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger door_changes before update on recall_deadline for each row
  when (session_user = 'batchwright_api'::name) execute function door_changes();
create trigger fixed_key before update on recall_deadline for each row execute function identity_is_fixed();

-- recall_disposition ------------------------------------------------

alter table recall_disposition
  add constraint ck_recall_disposition_kind check (kind = any (array['scrap'::text, 'rework'::text, 'restock'::text])),
  add constraint ck_recall_disposition_quantity check (quantity > 0::numeric);

-- The last wall around what follows a recall (DESIGN 2.4): nothing is disposed of twice, nothing recalled is sold again.
-- Refuses with BW074, BW075
create or replace function recall_disposition_wall()
  returns trigger language plpgsql security definer set search_path to 'public', 'pg_temp' as $function$
declare
  back recall_return;
  done numeric;
begin
  -- one disposition of a return at a time; a hold on the lot waits for it, or is seen
  select * into back from recall_return where id = new.return_id for update;
  perform from lot where id = back.lot_id for share;
  select coalesce(sum(quantity), 0) into done from recall_disposition where return_id = new.return_id;
  if done + new.quantity > back.quantity then
    raise exception 'more is disposed of than came back' using errcode = 'BW074';
  end if;
  if new.kind = 'restock' and exists (select from hold h where h.lot_id = back.lot_id and h.lifted_at is null) then
    raise exception 'a held lot does not go back to stock' using errcode = 'BW075';
  end if;
  return new;
end $function$;
create trigger recall_disposition_wall before insert on recall_disposition for each row execute function recall_disposition_wall();

-- What came back goes to stock only while nobody holds its batch (BW075); a precaution lets nothing of it be scrapped either
-- (ISO 13485 8.3.3).
-- Refuses with BW085
create or replace function held_return_wall() returns trigger language plpgsql as $function$
begin
  if exists (select from recall_return r where r.id = new.return_id and held_against(r.lot_id, 'scrap_return')) then
    raise exception 'its batch is held as a precaution: what came back is not scrapped yet' using errcode = 'BW085';
  end if;
  return new;
end $function$;
create trigger recall_held_wall before insert on recall_disposition for each row
  when (new.kind = 'scrap'::text) execute function held_return_wall();

-- Scrapping is signed (21 CFR 11.50; ISO 13485 8.3.3): by who decides, over this very return.
-- Refuses with BW081
create or replace function scrap_signed_wall() returns trigger language plpgsql as $function$
begin
  if new.kind = 'scrap' and not exists (
      select from signature s join recall_return r on r.id = new.return_id
       where s.id = new.signature_id and s.act = 'dispose_return' and s.about = r.public_id::text
         and s.person_id = new.decided_by_id and s.outcome = 'scrap'
         and not exists (select from recall_disposition d where d.signature_id = s.id)) then
    raise exception 'scrapping takes a signature of its own' using errcode = 'BW081';
  end if;
  return new;
end $function$;
create trigger scrap_signed_wall before insert on recall_disposition for each row execute function scrap_signed_wall();

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on recall_disposition for each statement
  execute function api_stays_out();
create trigger append_only before delete or update on recall_disposition for each row execute function append_only();
create trigger append_only_truncate before truncate on recall_disposition for each statement execute function append_only();
create trigger audit_delete after delete on recall_disposition referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on recall_disposition referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on recall_disposition referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on recall_disposition for each row execute function identity_is_fixed();
create trigger told_by_its_actor before insert on recall_disposition for each row execute function by_its_actor('decided_by_id');

-- recall_lot --------------------------------------------------------

-- What was found open when the application's roles were tried as an attacker would (DESIGN 2.4; 21 CFR 11.10(d), (e), (g)):
-- each role writes its own part only, and what the record relies on stays as it was when somebody did.
-- Refuses with BW252
create or replace function recall_lot_wall() returns trigger language plpgsql as $function$
declare
  wrong text;
begin
  -- once for a statement: a scope has tens of thousands of lots
  with told as materialized (
    select s.id as scope_id, one ->> 'lot_no' as lot_no from recall_scope s join signed_record t on t.digest = s.digest,
           jsonb_array_elements(t.canonical::jsonb -> 'lots') one
     where s.id in (select n.scope_id from new_rows n) and s.computed_at = now() and one ->> 'lot_no' is not null
  ), untold as materialized (
    -- `not in` looks each up in a hash of all; a join would be planned for the handful that the server expects of JSON
    select n.scope_id, n.lot_id, l.lot_no from new_rows n join lot l on l.id = n.lot_id
     where (n.scope_id, l.lot_no) not in (select t.scope_id, t.lot_no from told t)
  )
  -- a part under a number of its own is the same goods and joins the scope by itself
  select u.lot_no into wrong from untold u where not exists (
    select from genealogy_edge e join recall_lot m on m.scope_id = u.scope_id and m.lot_id = e.parent_lot_id
     where e.child_lot_id = u.lot_id and e.superseded_at is null and e.kind = 'split' and e.recorded_at = now()) limit 1;
  if wrong is not null and not furnishes() then
    raise exception 'lot % is not in the scope that was computed', wrong using errcode = 'BW252';
  end if;
  return null;
end $function$;
create trigger recall_lot_wall after insert on recall_lot referencing new table as new_rows for each statement
  execute function recall_lot_wall();

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on recall_lot for each statement execute function api_stays_out();
create trigger append_only before delete or update on recall_lot for each row execute function append_only();
create trigger append_only_truncate before truncate on recall_lot for each statement execute function append_only();

-- recall_lot_decision -----------------------------------------------

alter table recall_lot_decision
  add constraint ck_recall_lot_decision_kind check (kind = any (array['scrap'::text, 'rework'::text, 'release'::text])),
  add constraint ck_recall_lot_decision_quantity check (quantity >= 0::numeric);

-- Scrapping recalled batches in house is signed (21 CFR 11.50; ISO 13485 8.3.3): by who decides, once, over these very
-- batches and quantities.
-- Refuses with BW082
create or replace function scrap_lots_signed_wall() returns trigger language plpgsql as $function$
begin
  if exists (
      select from made d where d.kind = 'scrap' and not exists (
        select from signature s join recall r on r.id = d.recall_id
         where s.id = d.signature_id and s.act = 'decide_lots' and s.about = r.recall_no
           and s.person_id = d.decided_by_id and s.outcome = 'scrap'))
    or exists (
      select from recall_lot_decision o
       where o.signature_id in (select d.signature_id from made d) and o.id not in (select d.id from made d))
    or exists (
      select from made d join lot l on l.id = d.lot_id where d.kind = 'scrap' and (l.lot_no, d.quantity) not in (
        select one ->> 'lot_no', (one ->> 'quantity')::numeric
          from (select distinct signature_id from made) g join signature s on s.id = g.signature_id
          join signed_record r on r.digest = s.digest,
               jsonb_array_elements(r.canonical::jsonb -> 'lots') one)) then
    raise exception 'scrapping recalled batches takes a signature over them' using errcode = 'BW082';
  end if;
  return null;
end $function$;
create trigger scrap_lots_signed_wall after insert on recall_lot_decision referencing new table as made for each statement
  execute function scrap_lots_signed_wall();

-- What was found open when the application's roles were tried as an attacker would (DESIGN 2.4; 21 CFR 11.10(d), (e), (g)):
-- each role writes its own part only, and what the record relies on stays as it was when somebody did.
-- Refuses with BW258
create or replace function decided_in_scope() returns trigger language plpgsql as $function$
begin
  if exists (select from made d where not exists (
      select from recall_scope s join recall_lot m on m.scope_id = s.id where s.recall_id = d.recall_id and m.lot_id = d.lot_id)) then
    raise exception 'batches of a recall''s scope are decided on, and no others' using errcode = 'BW258';
  end if;
  return null;
end $function$;
create trigger z_decided_in_scope after insert on recall_lot_decision referencing new table as made for each statement
  execute function decided_in_scope();

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on recall_lot_decision for each statement
  execute function api_stays_out();
create trigger append_only before delete or update on recall_lot_decision for each row execute function append_only();
create trigger append_only_truncate before truncate on recall_lot_decision for each statement execute function append_only();
create trigger audit_delete after delete on recall_lot_decision referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on recall_lot_decision referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on recall_lot_decision referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on recall_lot_decision for each row execute function identity_is_fixed();
create trigger told_by_its_actor before insert on recall_lot_decision for each row execute function by_its_actor('decided_by_id');

-- recall_market -----------------------------------------------------

alter table recall_market
  add constraint ck_recall_market_agency check ((kind = 'agency'::text) = (authority is not null) and (kind = 'agency'::text) = (reference is not null)),
  add constraint ck_recall_market_kind check (market = 'CN'::text and kind = 'class'::text or market = 'US'::text and kind = 'proposal'::text or market = 'US'::text and kind = 'agency'::text or market = 'EU'::text and kind = 'fsca'::text),
  add constraint ck_recall_market_level check (
case
    when market = 'EU'::text then level is null
    else coalesce(level = any (array['I'::text, 'II'::text, 'III'::text]), false)
end),
  add constraint ck_recall_market_market check (market = any (array['CN'::text, 'US'::text, 'EU'::text]));

-- The class of a recall is the firm's in China, its proposal in the United States, and an agency's only by a letter; what the
-- firm decides is written by whoever signed the approval of the scope (21 CFR 7.41; 医疗器械召回管理办法; MDR Art. 87).
-- Refuses with BW210
create or replace function recall_market_wall() returns trigger language plpgsql as $function$
begin
  if new.kind <> 'agency' and not exists (
      select from signature s join process_run r on r.id = s.run_id
       where r.recall_id = new.recall_id and s.subject = 'recall' and s.outcome = 'approve'
         and s.person_id = new.recorded_by_id) then
    raise exception 'the firm decides a class by the signature that approves the scope' using errcode = 'BW210';
  end if;
  if new.kind = 'agency' and not exists (
      select from recall c where c.id = new.recall_id and c.decided_at <= new.classified_at and c.status <> 'withdrawn') then
    raise exception 'an agency classifies what was decided' using errcode = 'BW210';
  end if;
  return new;
end $function$;
create trigger recall_market_wall before insert on recall_market for each row execute function recall_market_wall();

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on recall_market for each statement
  execute function api_stays_out();
create trigger append_only before delete or update on recall_market for each row execute function append_only();
create trigger append_only_truncate before truncate on recall_market for each statement execute function append_only();
create trigger audit_delete after delete on recall_market referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on recall_market referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on recall_market referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on recall_market for each row execute function identity_is_fixed();
create trigger told_by_its_actor before insert on recall_market for each row execute function by_its_actor('recorded_by_id');

-- recall_report -----------------------------------------------------

alter table recall_report
  add constraint ck_recall_report_jurisdiction check (jurisdiction = any (array['CN'::text, 'US'::text, 'EU'::text])),
  add constraint ck_recall_report_kind check (kind = any (array['plan'::text, 'authority'::text, 'progress'::text, 'summary'::text]));

create trigger z_follow_told before insert on recall_report for each row execute function follow_told();

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on recall_report for each statement
  execute function api_stays_out();
create trigger append_only before delete or update on recall_report for each row execute function append_only();
create trigger append_only_truncate before truncate on recall_report for each statement execute function append_only();
create trigger audit_delete after delete on recall_report referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on recall_report referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on recall_report referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on recall_report for each row execute function identity_is_fixed();
create trigger told_by_its_actor before insert on recall_report for each row execute function by_its_actor('recorded_by_id');

-- recall_return -----------------------------------------------------

alter table recall_return
  add constraint ck_recall_return_quantity check (quantity > 0::numeric);

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on recall_return for each statement
  execute function api_stays_out();
create trigger append_only before delete or update on recall_return for each row execute function append_only();
create trigger append_only_truncate before truncate on recall_return for each statement execute function append_only();
create trigger audit_delete after delete on recall_return referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on recall_return referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on recall_return referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on recall_return for each row execute function identity_is_fixed();
create trigger told_by_its_actor before insert on recall_return for each row execute function by_its_actor('recorded_by_id');

-- recall_sample -----------------------------------------------------

alter table recall_sample
  add constraint ck_recall_sample_level check (level = any (array['A'::text, 'B'::text, 'C'::text, 'D'::text, 'E'::text])),
  add constraint ck_recall_sample_share check (share >= 0::numeric and share <= 100::numeric),
  add constraint ck_recall_sample_size check (size >= 0 and size <= population),
  add constraint ck_recall_sample_wave check (wave >= 0);

-- What changes only together with the row that proves it, in the same act (DESIGN 2.4; 21 CFR 11.10(e), (f); ISO 13485 4.2.5):
-- orders, batches, processes, tasks, serial numbers, and what a recall says of itself.
-- Refuses with BW298
create or replace function sample_whole() returns trigger language plpgsql as $function$
begin
  if new.size <> (select count(*) from recall_check k where k.sample_id = new.id) then
    raise exception 'customers are drawn from those told of a signed scope, as many as was decided' using errcode = 'BW298';
  end if;
  return null;
end $function$;
create constraint trigger sample_whole after insert on recall_sample deferrable initially deferred for each row
  execute function sample_whole();

create trigger z_follow_told before insert on recall_sample for each row execute function follow_told();

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on recall_sample for each statement
  execute function api_stays_out();
create trigger append_only before delete or update on recall_sample for each row execute function append_only();
create trigger append_only_truncate before truncate on recall_sample for each statement execute function append_only();
create trigger audit_delete after delete on recall_sample referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on recall_sample referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on recall_sample referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on recall_sample for each row execute function identity_is_fixed();

-- recall_scope ------------------------------------------------------

-- A version of a scope is what its own text says, the next after the last, and unsigned when it is computed (21 CFR 11.70).
-- Refuses with BW252
create or replace function recall_scope_born() returns trigger language plpgsql as $function$
begin
  if furnishes() then
    return new;
  end if;
  if new.signed_at is not null or new.computed_at <> now()
     or not exists (select from recall r where r.id = new.recall_id and r.status = 'open')
     or new.version <> 1 + coalesce((select max(s.version) from recall_scope s where s.recall_id = new.recall_id), 0)
     or not exists (
       select from signed_record t join recall r on r.id = new.recall_id
        where t.digest = new.digest and t.canonical::jsonb ->> 'recall' = r.recall_no
          and (t.canonical::jsonb ->> 'version')::int = new.version
          and jsonb_array_length(t.canonical::jsonb -> 'lots') = new.lots) then
    raise exception 'a version of a scope is computed now, by what its own text says, and nobody has signed it'
      using errcode = 'BW252';
  end if;
  return new;
end $function$;
create trigger recall_scope_born before insert on recall_scope for each row execute function recall_scope_born();

-- The last wall around recalls (DESIGN 2.4, 2.7): two people behind every signed scope, and a signed scope stays.
-- Refuses with BW071, BW072
create or replace function recall_scope_wall() returns trigger language plpgsql as $function$
declare
  signers int;
begin
  if tg_op = 'UPDATE' and (old.signed_at is not null or to_jsonb(new) - 'signed_at' <> to_jsonb(old) - 'signed_at') then
    raise exception 'a scope doesn''t change; compute the next version' using errcode = 'BW071';
  end if;
  if new.signed_at is not null then
    select count(distinct s.person_id) into signers
      from signature s join process_run r on r.id = s.run_id
     where r.recall_id = new.recall_id and s.subject = 'recall' and s.digest = new.digest
       and s.outcome in ('freeze', 'approve');
    if signers < 2 then
      raise exception 'the scope of a recall is signed by two people' using errcode = 'BW072';
    end if;
  end if;
  return new;
end $function$;
create trigger recall_scope_wall before insert or update on recall_scope for each row execute function recall_scope_wall();

-- Opening a recall contains (21 CFR 7.46; ISO 13485 8.3.3): a scope isn't signed while something of it is free, and a
-- precaution becomes the recall's own hold only by the signed scope.
-- Refuses with BW077
create or replace function recall_scope_wall_held() returns trigger language plpgsql as $function$
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
end $function$;
create trigger recall_scope_wall_held before update on recall_scope for each row execute function recall_scope_wall_held();

-- What was found open when the application's roles were tried as an attacker would (DESIGN 2.4; 21 CFR 11.10(d), (e), (g)):
-- each role writes its own part only, and what the record relies on stays as it was when somebody did.
-- Refuses with BW252
create or replace function recall_scope_whole() returns trigger language plpgsql as $function$
begin
  if (select count(*) from recall_lot m where m.scope_id = new.id) < new.lots then
    raise exception 'lots of the scope that is signed are missing' using errcode = 'BW252';
  end if;
  return new;
end $function$;
create trigger recall_scope_whole before update on recall_scope for each row
  when (old.signed_at is null and new.signed_at is not null) execute function recall_scope_whole();

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on recall_scope for each statement execute function api_stays_out();
create trigger audit_delete after delete on recall_scope referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on recall_scope referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on recall_scope referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on recall_scope for each row execute function identity_is_fixed();
