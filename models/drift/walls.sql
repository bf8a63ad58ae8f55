-- The walls of drift: what the database refuses or does by itself, whoever asks, as it stands now.
-- Written from a migrated database by `make docs`; what is said above a function is yours and stays, and so does the file that you
-- move it to.  A wall is changed by a migration (docs/how-to/add-a-wall.md).

-- drift_alert -------------------------------------------------------

alter table drift_alert
  add constraint ck_drift_alert_closed check (num_nonnulls(decision, closed_at, closed_by_id) =
case status
    when 'closed'::text then 3
    else 0
end),
  add constraint ck_drift_alert_decision check (decision = any (array['no_cause'::text, 'ask_supplier'::text, 'capa'::text])),
  add constraint ck_drift_alert_status check (status = any (array['open'::text, 'closed'::text]));

-- An alert begins open and keeps what it is about; a signature in its process closes it, and says what it came to (REQUIREMENTS 50).
-- Refuses with BW433, BW434
create or replace function drift_alert_wall() returns trigger language plpgsql as $function$
begin
  if tg_op = 'INSERT' then
    if new.status <> 'open' or new.opened_at <> now() then
      raise exception 'alert % begins open', new.alert_no using errcode = 'BW433';
    end if;
    return new;
  end if;
  if new is not distinct from old then
    return new;
  end if;
  if old.status <> 'open' or (to_jsonb(new) - array['status', 'decision', 'closed_at', 'closed_by_id']) is distinct from
       (to_jsonb(old) - array['status', 'decision', 'closed_at', 'closed_by_id']) then
    raise exception 'what alert % is about, and how it ended, never changes', old.alert_no using errcode = 'BW433';
  end if;
  if new.closed_at is distinct from now() or not exists (
       select from signature s join process_run r on r.id = s.run_id
        where r.subject_id = new.subject_id and s.signed_at = now() and s.person_id = new.closed_by_id) then
    raise exception 'alert % is closed by a signature', new.alert_no using errcode = 'BW434';
  end if;
  return new;
end $function$;
create trigger drift_alert_wall before insert or update on drift_alert for each row execute function drift_alert_wall();

-- An alert has its evidence, and sampling is tightened, when the act that raised it ends (REQUIREMENTS 50).
-- Refuses with BW428
create or replace function drift_alert_whole() returns trigger language plpgsql as $function$
begin
  if not exists (select from drift_signal s where s.alert_id = new.id) or not exists (
       select from drift_chart c join drift_watch w on w.id = c.watch_id
        where c.id = new.chart_id and (w.sampling = 'tightened' or (select a.status from drift_alert a where a.id = new.id) = 'closed')) then
    raise exception 'alert % comes with its evidence, and tightens sampling', new.alert_no using errcode = 'BW428';
  end if;
  return null;
end $function$;
create constraint trigger drift_alert_whole after insert on drift_alert deferrable initially deferred for each row
  execute function drift_alert_whole();

-- Each alert has a subject of its own, made in the statement that makes the row, whatever door it comes through (DESIGN 6a).
-- Refuses with BW353
create or replace function subject_of_drift_alert()
  returns trigger language plpgsql security definer set search_path to 'public', 'pg_temp' as $function$
begin
  if exists (select from new_rows n where n.subject_id > (select last_value from subject_id_seq)) then
    raise exception 'the subject of a row is numbered with it' using errcode = 'BW353';
  end if;

  insert into subject (id, kind, number, title, title_en, titled_by_id, site_id, entity_id, owner_id, opened_at)
  select n.subject_id, 'drift_alert', n.alert_no, n.title, n.title_en, null::bigint, o.site_id, o.entity_id, o.owner_id, n.opened_at
    from new_rows n
    join drift_chart c on c.id = n.chart_id
    join drift_watch w on w.id = c.watch_id
    join item i on i.id = w.item_id
    cross join lateral (
      select s.id as site_id, (select e.id from legal_entity e where e.site_id = s.id) as entity_id,
             subject_owner('drift_alert', i.category, w.supplier_id, s.id, null) as owner_id
        from (select min(id) as id from site) s) o;
  return null;
end $function$;
create trigger subject_made after insert on drift_alert referencing new table as new_rows for each statement
  execute function subject_of_drift_alert();

-- Walls that tables share.
create trigger alert_no_is_no_label before insert or update of alert_no on drift_alert for each row
  when (may_be_label(new.alert_no)) execute function number_is_no_label('alert_no', 'BW260');
create trigger api_stays_out before insert or delete or update on drift_alert for each statement execute function api_stays_out();
create trigger audit_delete after delete on drift_alert referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on drift_alert referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on drift_alert referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on drift_alert for each row execute function identity_is_fixed();
create trigger kept before delete on drift_alert for each row execute function kept();
create trigger subject_fixed before update of subject_id on drift_alert for each row
  when (old.subject_id is distinct from new.subject_id) execute function subject_fixed();

-- drift_chart -------------------------------------------------------

alter table drift_chart
  add constraint ck_drift_chart_begins_after check (begins_after >= 0),
  add constraint ck_drift_chart_characteristic check ((charted = 'rejects'::text) = (characteristic = ''::text)),
  add constraint ck_drift_chart_charted check (charted = any (array['mean'::text, 'rejects'::text]));

-- What a chart shows never changes; it begins anew only with a signature that freezes other limits or closes an alert (STANDARDS Q 91).
-- Refuses with BW429
create or replace function drift_chart_wall() returns trigger language plpgsql as $function$
begin
  if tg_op = 'INSERT' then
    if new.begins_after <> 0 then
      raise exception 'chart % begins with its first lot', new.chart_no using errcode = 'BW429';
    end if;
    return new;
  end if;
  if (to_jsonb(new) - 'begins_after') is distinct from (to_jsonb(old) - 'begins_after') then
    raise exception 'what chart % shows never changes', old.chart_no using errcode = 'BW429';
  end if;
  if new.begins_after <> old.begins_after and (
       new.begins_after is distinct from (select max(p.seq) from drift_point p where p.chart_id = new.id) or not exists (
         select from process_run r join signature s on s.run_id = r.id and s.signed_at = now()
          where r.subject_id = new.subject_id or r.subject_id in (select a.subject_id from drift_alert a where a.chart_id = new.id))) then
    raise exception 'chart % begins anew with a signature only', new.chart_no using errcode = 'BW429';
  end if;
  return new;
end $function$;
create trigger drift_chart_wall before insert or update on drift_chart for each row execute function drift_chart_wall();

-- Each chart has a subject of its own, made in the statement that makes the row, whatever door it comes through (DESIGN 6a).
-- Refuses with BW353
create or replace function subject_of_drift_chart()
  returns trigger language plpgsql security definer set search_path to 'public', 'pg_temp' as $function$
begin
  if exists (select from new_rows n where n.subject_id > (select last_value from subject_id_seq)) then
    raise exception 'the subject of a row is numbered with it' using errcode = 'BW353';
  end if;

  insert into subject (id, kind, number, title, title_en, titled_by_id, site_id, entity_id, owner_id, opened_at)
  select n.subject_id, 'drift_chart', n.chart_no, n.title, n.title_en, null::bigint, o.site_id, o.entity_id, o.owner_id, n.opened_at
    from new_rows n
    join drift_watch w on w.id = n.watch_id
    join item i on i.id = w.item_id
    cross join lateral (
      select s.id as site_id, (select e.id from legal_entity e where e.site_id = s.id) as entity_id,
             subject_owner('drift_chart', i.category, w.supplier_id, s.id, null) as owner_id
        from (select min(id) as id from site) s) o;
  return null;
end $function$;
create trigger subject_made after insert on drift_chart referencing new table as new_rows for each statement
  execute function subject_of_drift_chart();

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on drift_chart for each statement execute function api_stays_out();
create trigger asked_by_its_actor before insert on drift_chart for each row
  when (new.asked_by_id is not null) execute function by_its_actor('asked_by_id');
create trigger audit_delete after delete on drift_chart referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on drift_chart referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on drift_chart referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger chart_no_is_no_label before insert or update of chart_no on drift_chart for each row
  when (may_be_label(new.chart_no)) execute function number_is_no_label('chart_no', 'BW260');
create trigger fixed_key before update on drift_chart for each row execute function identity_is_fixed();
create trigger kept before delete on drift_chart for each row execute function kept();
create trigger subject_fixed before update of subject_id on drift_chart for each row
  when (old.subject_id is distinct from new.subject_id) execute function subject_fixed();

-- drift_limits ------------------------------------------------------

alter table drift_limits
  add constraint ck_drift_limits_approved check (num_nonnulls(version, approved_at, approved_by_id) = any (array[0, 3])),
  add constraint ck_drift_limits_base check (jsonb_array_length(base) >= 8),
  add constraint ck_drift_limits_figures check (num_nonnulls(centre, sigma) = 2 and sigma > 0::double precision and num_nonnulls(usual, worse) = 0 or num_nonnulls(usual, worse) = 2 and 0::double precision < usual and usual < worse and worse < 1::double precision and num_nonnulls(centre, sigma) = 0),
  add constraint ck_drift_limits_rules check (jsonb_array_length(rules) > 0),
  add constraint ck_drift_limits_status check (status = any (array['proposed'::text, 'approved'::text, 'replaced'::text])),
  add constraint ck_drift_limits_version check ((status = 'approved'::text) = (version is not null));

-- Limits begin as a proposal, keep the lots that they come from, and are frozen by the signature of somebody who didn't propose them; from then
-- on nobody moves them, and other ones are another version (STANDARDS Q 91; ISO 13485 8.4).
-- Refuses with BW430, BW431
create or replace function drift_limits_wall() returns trigger language plpgsql as $function$
begin
  if tg_op = 'INSERT' then
    if new.status <> 'proposed' or new.proposed_at <> now() then
      raise exception 'limits begin as a proposal' using errcode = 'BW430';
    end if;
    return new;
  end if;
  if new is not distinct from old then
    return new;
  end if;
  if old.status <> 'proposed' or (to_jsonb(new) - array['status', 'version', 'approved_at', 'approved_by_id']) is distinct from
       (to_jsonb(old) - array['status', 'version', 'approved_at', 'approved_by_id']) then
    raise exception 'limits stay as they were proposed, and once they are frozen' using errcode = 'BW430';
  end if;
  if new.status = 'approved' and (
       new.approved_at is distinct from now() or new.approved_by_id = new.proposed_by_id
       or new.version is distinct from 1 + coalesce((select max(l.version) from drift_limits l where l.chart_id = new.chart_id), 0)
       or exists (select from drift_alert a where a.chart_id = new.chart_id and a.status = 'open')
       or not exists (
         select from drift_chart c join process_run r on r.subject_id = c.subject_id join signature s on s.run_id = r.id
          where c.id = new.chart_id and s.signed_at = now() and s.person_id = new.approved_by_id
            and new.proposed_by_id is distinct from s.on_behalf_of_id)) then
    raise exception 'limits are frozen by the signature of somebody who didn''t propose them, while no alert is open' using errcode = 'BW431';
  end if;
  return new;
end $function$;
create trigger drift_limits_wall before insert or update on drift_limits for each row execute function drift_limits_wall();

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on drift_limits for each statement execute function api_stays_out();
create trigger audit_delete after delete on drift_limits referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on drift_limits referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on drift_limits referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on drift_limits for each row execute function identity_is_fixed();
create trigger kept before delete on drift_limits for each row execute function kept();
create trigger proposed_by_its_actor before insert on drift_limits for each row execute function by_its_actor('proposed_by_id');

-- drift_point -------------------------------------------------------

alter table drift_point
  add constraint ck_drift_point_seen check (0 <= rejected and rejected <= seen and seen > 0),
  add constraint ck_drift_point_seq check (seq > 0),
  add constraint ck_drift_point_sums check (high >= 0::double precision and low >= 0::double precision);

-- What a lot adds to a chart is judged when its first incoming inspection is decided, one after the other, by the limits in force
-- (REQUIREMENTS 50; STANDARDS Q 88: what is submitted again isn't counted).
-- Refuses with BW432
create or replace function drift_point_wall() returns trigger language plpgsql as $function$
begin
  if new.judged_at <> now()
     or new.seq <> 1 + coalesce((select max(p.seq) from drift_point p where p.chart_id = new.chart_id), 0)
     or new.limits_id is distinct from (select l.id from drift_limits l where l.chart_id = new.chart_id and l.version is not null order by l.version desc limit 1)
     or not exists (
       select from drift_chart c join drift_watch w on w.id = c.watch_id join lot t on (t.supplier_id, t.item_id) = (w.supplier_id, w.item_id)
         join inspection i on i.lot_id = t.id
        where c.id = new.chart_id and t.id = new.lot_id and i.id = new.inspection_id and (c.charted = 'mean') = (new.value is not null)
          and i.stage = 'incoming' and i.revision = 1 and i.status <> 'open' and i.decided_at = now()) then
    raise exception 'a lot is judged when its first incoming inspection is decided, by the limits in force' using errcode = 'BW432';
  end if;
  return new;
end $function$;
create trigger drift_point_wall before insert on drift_point for each row execute function drift_point_wall();

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on drift_point for each statement execute function api_stays_out();
create trigger append_only before delete or update on drift_point for each row execute function append_only();
create trigger append_only_truncate before truncate on drift_point for each statement execute function append_only();
create trigger audit_delete after delete on drift_point referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on drift_point referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on drift_point referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on drift_point for each row execute function identity_is_fixed();

-- drift_signal ------------------------------------------------------

-- Evidence is added to an open alert of the same chart, in the transaction that judged the lot, of a rule that its limits name
-- (REQUIREMENTS 118).
-- Refuses with BW435
create or replace function drift_signal_wall() returns trigger language plpgsql as $function$
begin
  if new.raised_at <> now() or not exists (
       select from drift_alert a join drift_point p on p.chart_id = a.chart_id join drift_limits l on l.id = p.limits_id
        where a.id = new.alert_id and a.status = 'open' and p.id = new.point_id and p.judged_at = now() and l.rules ? new.rule) then
    raise exception 'evidence is what a rule of the limits says of the lot that is judged' using errcode = 'BW435';
  end if;
  return new;
end $function$;
create trigger drift_signal_wall before insert on drift_signal for each row execute function drift_signal_wall();

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on drift_signal for each statement execute function api_stays_out();
create trigger append_only before delete or update on drift_signal for each row execute function append_only();
create trigger append_only_truncate before truncate on drift_signal for each statement execute function append_only();
create trigger audit_delete after delete on drift_signal referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on drift_signal referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on drift_signal referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on drift_signal for each row execute function identity_is_fixed();

-- drift_watch -------------------------------------------------------

alter table drift_watch
  add constraint ck_drift_watch_sampling check (sampling = any (array['normal'::text, 'tightened'::text])),
  add constraint ck_drift_watch_tightened check (num_nulls(tightened_at, alert_id) =
case sampling
    when 'tightened'::text then 0
    else 2
end);

-- The lots of an item from a supplier are watched and sampled as their alerts say: tightened with the first alert, and normal again only with the
-- signature that closes the last (REQUIREMENTS 50).
-- Refuses with BW426, BW427
create or replace function drift_watch_wall() returns trigger language plpgsql as $function$
begin
  if tg_op = 'INSERT' then
    if new.sampling <> 'normal' then
      raise exception 'a watch begins with normal sampling' using errcode = 'BW426';
    end if;
    return new;
  end if;
  if new is not distinct from old then
    return new;
  end if;
  if (new.supplier_id, new.item_id) is distinct from (old.supplier_id, old.item_id) then
    raise exception 'whose lots are watched never changes' using errcode = 'BW426';
  end if;
  if new.sampling = 'tightened' then
    if new.tightened_at is distinct from (case old.sampling when 'tightened' then old.tightened_at else now() end) or not exists (
         select from drift_alert a join drift_chart c on c.id = a.chart_id
          where a.id = new.alert_id and c.watch_id = new.id and a.status = 'open') then
      raise exception 'sampling is tightened by an open alert' using errcode = 'BW427';
    end if;
  elsif exists (select from drift_alert a join drift_chart c on c.id = a.chart_id where c.watch_id = new.id and a.status = 'open')
     or not exists (
         select from drift_alert a join drift_chart c on c.id = a.chart_id join process_run r on r.subject_id = a.subject_id
           join signature s on s.run_id = r.id and s.signed_at = now()
          where c.watch_id = new.id and a.closed_at = now() and s.person_id = a.closed_by_id) then
    raise exception 'sampling is normal again with the signature that closes the last alert' using errcode = 'BW427';
  end if;
  return new;
end $function$;
create trigger drift_watch_wall before insert or update on drift_watch for each row execute function drift_watch_wall();

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on drift_watch for each statement execute function api_stays_out();
create trigger audit_delete after delete on drift_watch referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on drift_watch referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on drift_watch referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on drift_watch for each row execute function identity_is_fixed();
create trigger kept before delete on drift_watch for each row execute function kept();
