-- The walls of scar: what the database refuses or does by itself, whoever asks, as it stands now.
-- Written from a migrated database by `make docs`; what is said above a function is yours and stays, and so does the file that you
-- move it to.  A wall is changed by a migration (docs/how-to/add-a-wall.md).

-- what walls ask, and what stands at tables of other nouns ----------

-- Whether the link of a round takes something now from whoever acts: from its own supplier, while the request is open, the round is the newest, its
-- time has not passed and nobody has answered.
create or replace function scar_takes(of_round bigint) returns boolean language sql stable as $function$
  select exists (
    select from scar_round r join scar s on s.id = r.scar_id join supplier p on p.id = s.supplier_id
     where r.id = of_round and s.status = 'open' and r.expires_at > now()
       and current_setting('bw.actor_id', true) = 'supplier:' || p.supplier_no
       and r.round = (select max(x.round) from scar_round x where x.scar_id = s.id)
       and not exists (select from scar_answer a where a.round_id = r.id))
$function$;

-- scar --------------------------------------------------------------

alter table scar
  add constraint ck_scar_asks check (cardinality(asks) > 0 and asks <@ array['containment'::text, 'cause'::text, 'correction'::text, 'prevention'::text]),
  add constraint ck_scar_end_reason check ((status = 'withdrawn'::text) = (end_reason is not null)),
  add constraint ck_scar_ended check ((status = 'open'::text) = (ended_at is null)),
  add constraint ck_scar_status check (status = any (array['open'::text, 'closed'::text, 'withdrawn'::text])),
  add constraint ck_scar_title check (btrim(title) <> ''::text);

-- A request begins open; what it is about never changes, and it ends once: closed by a signature over an accepted answer, or withdrawn with a
-- reason (ISO 13485 7.4.1; REQUIREMENTS 52).
-- Refuses with BW440, BW441, BW442, BW443
create or replace function scar_wall() returns trigger language plpgsql as $function$
begin
  if tg_op = 'INSERT' then
    if new.status <> 'open' or new.opened_at <> now() then
      raise exception 'request % begins open', new.scar_no using errcode = 'BW440';
    end if;
    return new;
  end if;
  if new is not distinct from old then
    return new;
  end if;
  if old.status <> 'open' or new.ended_at is distinct from now()
     or (new.public_id, new.scar_no, new.supplier_id, new.item_id, new.title, new.found, new.asks, new.opened_by_id, new.opened_at)
        is distinct from
        (old.public_id, old.scar_no, old.supplier_id, old.item_id, old.title, old.found, old.asks, old.opened_by_id, old.opened_at) then
    raise exception 'what request % is about never changes, and it ends once', old.scar_no using errcode = 'BW441';
  end if;
  if new.status = 'closed' and not exists (
       select from scar_round r join scar_answer a on a.round_id = r.id join scar_review v on v.answer_id = a.id
         join process_run p on p.subject_id = new.subject_id join signature s on s.run_id = p.id
        where r.scar_id = new.id and v.verdict = 'accepted' and s.signed_at = now()
          and r.round = (select max(x.round) from scar_round x where x.scar_id = new.id)) then
    raise exception 'request % is closed by a signature over an accepted answer', old.scar_no using errcode = 'BW442';
  end if;
  if new.status = 'withdrawn' and coalesce(btrim(new.end_reason), '') = '' then
    raise exception 'request % is withdrawn with a reason', old.scar_no using errcode = 'BW443';
  end if;
  return new;
end $function$;
create trigger scar_wall before insert or update on scar for each row execute function scar_wall();

-- Each request has a subject of its own, made in the statement that makes the row, whatever door it comes through (DESIGN 6a).
-- Refuses with BW353
create or replace function subject_of_scar()
  returns trigger language plpgsql security definer set search_path to 'public', 'pg_temp' as $function$
begin
  if exists (select from new_rows n where n.subject_id > (select last_value from subject_id_seq)) then
    raise exception 'the subject of a row is numbered with it' using errcode = 'BW353';
  end if;

  insert into subject (id, kind, number, title, title_en, titled_by_id, site_id, entity_id, owner_id, opened_at)
  with made as materialized (
    select n.subject_id as id, n.scar_no as number, n.title as title, n.title as title_en, null::bigint as titled_by_id,
           (select min(p.id) from site p) as site_id, n.opened_at as opened_at, i.category as family, n.supplier_id as supplier_id
      from new_rows n left join item i on i.id = n.item_id),
  owned as materialized (
    select array[w.family, w.supplier_id::text, w.site_id::text] as for_whom,
           subject_owner('scar', w.family, w.supplier_id, w.site_id, null) as owner_id,
           (select e.id from legal_entity e where e.site_id = w.site_id) as entity_id
      from (select distinct family, supplier_id, site_id from made) w)
  select m.id, 'scar', m.number, m.title, m.title_en, m.titled_by_id, m.site_id, o.entity_id, o.owner_id, m.opened_at
    from made m join owned o on o.for_whom is not distinct from array[m.family, m.supplier_id::text, m.site_id::text];
  return null;
end $function$;
create trigger subject_made after insert on scar referencing new table as new_rows for each statement
  execute function subject_of_scar();

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on scar for each statement execute function api_stays_out();
create trigger audit_delete after delete on scar referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on scar referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on scar referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on scar for each row execute function identity_is_fixed();
create trigger kept before delete on scar for each row execute function kept();
create trigger opened_by_its_actor before insert on scar for each row execute function by_its_actor('opened_by_id');
create trigger scar_no_is_no_label before insert or update of scar_no on scar for each row
  when (may_be_label(new.scar_no)) execute function number_is_no_label('scar_no', 'BW260');
create trigger subject_fixed before update of subject_id on scar for each row
  when (old.subject_id is distinct from new.subject_id) execute function subject_fixed();

-- scar_answer -------------------------------------------------------

alter table scar_answer
  add constraint ck_scar_answer_name check (btrim(name) <> ''::text);

-- A round is answered once, by its own supplier, through a link that is in force, with files that came through it (ISO 13485 7.4.1; REQUIREMENTS 52).
-- Refuses with BW447, BW448
create or replace function scar_answer_wall() returns trigger language plpgsql as $function$
begin
  if new.answered_at <> now() or not scar_takes(new.round_id) then
    raise exception 'a request is answered by its supplier, through a link that is in force' using errcode = 'BW447';
  end if;
  if exists (select from unnest(new.files) d where not exists (
       select from scar_file f join stored_file t on t.id = f.file_id where f.round_id = new.round_id and t.digest = d)) then
    raise exception 'the files of an answer came through its link' using errcode = 'BW448';
  end if;
  return new;
end $function$;
create trigger scar_answer_wall before insert on scar_answer for each row execute function scar_answer_wall();

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on scar_answer for each statement execute function api_stays_out();
create trigger append_only before delete or update on scar_answer for each row execute function append_only();
create trigger append_only_truncate before truncate on scar_answer for each statement execute function append_only();
create trigger audit_delete after delete on scar_answer referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on scar_answer referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on scar_answer referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on scar_answer for each row execute function identity_is_fixed();

-- scar_file ---------------------------------------------------------

-- A file comes through a link that is in force, and no more of them than a link takes (ISO 13485 7.4.1; REQUIREMENTS 52).
-- Refuses with BW445, BW446
create or replace function scar_file_wall() returns trigger language plpgsql as $function$
begin
  if new.arrived_at <> now() or not scar_takes(new.round_id) then
    raise exception 'a file comes from the supplier itself, through a link that is in force' using errcode = 'BW445';
  end if;
  if (select count(*) from scar_file f where f.round_id = new.round_id) >= 40 then
    raise exception 'a link takes forty files at most' using errcode = 'BW446';
  end if;
  return new;
end $function$;
create trigger scar_file_wall before insert on scar_file for each row execute function scar_file_wall();

-- Walls that tables share.
create trigger append_only before delete or update on scar_file for each row execute function append_only();
create trigger append_only_truncate before truncate on scar_file for each statement execute function append_only();
create trigger audit_delete after delete on scar_file referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on scar_file referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on scar_file referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on scar_file for each row execute function identity_is_fixed();

-- scar_review -------------------------------------------------------

alter table scar_review
  add constraint ck_scar_review_reason check (verdict = 'accepted'::text or btrim(reason) <> ''::text),
  add constraint ck_scar_review_verdict check (verdict = any (array['accepted'::text, 'back'::text]));

-- What we say of an answer is signed by who says it (ISO 13485 7.4.1; REQUIREMENTS 52).
-- Refuses with BW449
create or replace function scar_review_wall() returns trigger language plpgsql as $function$
begin
  if new.reviewed_at <> now() or not exists (
       select from scar_answer a join scar_round r on r.id = a.round_id join scar c on c.id = r.scar_id
         join process_run p on p.subject_id = c.subject_id join signature s on s.run_id = p.id
        where a.id = new.answer_id and s.signed_at = now() and s.person_id = new.reviewed_by_id) then
    raise exception 'an answer is reviewed by a signature' using errcode = 'BW449';
  end if;
  return new;
end $function$;
create trigger scar_review_wall before insert on scar_review for each row execute function scar_review_wall();

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on scar_review for each statement execute function api_stays_out();
create trigger append_only before delete or update on scar_review for each row execute function append_only();
create trigger append_only_truncate before truncate on scar_review for each statement execute function append_only();
create trigger audit_delete after delete on scar_review referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on scar_review referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on scar_review referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on scar_review for each row execute function identity_is_fixed();

-- scar_round --------------------------------------------------------

alter table scar_round
  add constraint ck_scar_round_round check (round > 0),
  add constraint ck_scar_round_span check (expires_at > sent_at);

-- Rounds follow each other, of a request that is open, and none before the answer of the last one was reviewed (ISO 13485 7.4.1; REQUIREMENTS 52).
-- Refuses with BW444
create or replace function scar_round_wall() returns trigger language plpgsql as $function$
begin
  if new.sent_at <> now() or new.expires_at <= now()
     or not exists (select from scar s where s.id = new.scar_id and s.status = 'open')
     or new.round <> (select coalesce(max(r.round), 0) + 1 from scar_round r where r.scar_id = new.scar_id)
     or exists (select from scar_round r join scar_answer a on a.round_id = r.id
                 where r.scar_id = new.scar_id and not exists (select from scar_review v where v.answer_id = a.id)) then
    raise exception 'the rounds of a request follow each other, while it is open' using errcode = 'BW444';
  end if;
  return new;
end $function$;
create trigger scar_round_wall before insert on scar_round for each row execute function scar_round_wall();

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on scar_round for each statement execute function api_stays_out();
create trigger append_only before delete or update on scar_round for each row execute function append_only();
create trigger append_only_truncate before truncate on scar_round for each statement execute function append_only();
create trigger audit_delete after delete on scar_round referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on scar_round referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on scar_round referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on scar_round for each row execute function identity_is_fixed();
create trigger sent_by_its_actor before insert on scar_round for each row execute function by_its_actor('sent_by_id');
