-- The walls of definition: what the database refuses or does by itself, whoever asks, as it stands now.
-- Written from a migrated database by `make docs`; what is said above a function is yours and stays, and so does the file that you
-- move it to.  A wall is changed by a migration (docs/how-to/add-a-wall.md).

-- what walls ask, and what stands at tables of other nouns ----------

-- What a step did is asked by the names of its effects, never by the key of the step: whoever renames one changes its name only
-- (DESIGN 6a).  Texts of language 1, of before, go by the keys that shipped.
create or replace function effects_of_before(stage text, outcome text) returns text[] language sql immutable as $function$
  -- those that walls ask for, in the words of the nouns' kinds; a test holds the two against each other
  select case stage when 'packaging' then array['packaging.reconcile']
                    when 'putaway' then array['warehouse.put_away']
                    when 'hold_all' then array['recall.hold_scope']
                    when 'notify' then array['recall.notify']
                    when 'approve_scope' then case outcome when 'approve' then array['recall.approve_scope'] else array[]::text[] end
                    when 'follow_up' then case outcome when 'done' then array['recall.end_follow_up']
                                                       when 'expand' then array['recall.widen_scope'] else array[]::text[] end
                    else array[]::text[] end
$function$;

-- What a step did is asked by the names of its effects, never by the key of the step: whoever renames one changes its name only
-- (DESIGN 6a).  Texts of language 1, of before, go by the keys that shipped.
create or replace function in_family(key text, family text) returns boolean language sql immutable as $function$
  select key = family or starts_with(key, family || '-') or right(key, length(family) + 1) = '-' || family
$function$;

-- What a step did is asked by the names of its effects, never by the key of the step: whoever renames one changes its name only
-- (DESIGN 6a).  Texts of language 1, of before, go by the keys that shipped.
create or replace function step_did(of_run bigint, step text, by_outcome text, effect text) returns boolean language sql stable as $function$
  select case when coalesce((b.body ->> 'language')::integer, 1) = 1 then effect = any (effects_of_before(step, by_outcome))
              else exists (
                select from jsonb_array_elements(b.body -> 'stages') s
                 where s ->> 'key' = step
                   and (coalesce(s -> 'does', '[]') ? effect or exists (
                     select from jsonb_array_elements(coalesce(s -> 'outcomes', '[]')) o
                      where o ->> 'key' = by_outcome and coalesce(o -> 'does', '[]') ? effect))) end
    from process_run p join definition_version d on d.id = p.definition_id, lateral (select d.body::jsonb as body) b
   where p.id = of_run
$function$;

-- definition_version ------------------------------------------------

alter table definition_version
  add constraint ck_definition_version_status check (status = any (array['draft'::text, 'in_review'::text, 'approved'::text, 'effective'::text, 'superseded'::text]));

-- A plant is founded at the door, with the definitions that ship; there is nobody yet whom they could bind (21 CFR 11.10(d)).
-- Refuses with BW201
create or replace function api_only_founds() returns trigger language plpgsql as $function$
begin
  if session_user = 'batchwright_api' and (tg_op <> 'INSERT' or exists (select from account)) then
    raise exception 'definitions come into a plant with its founding or an update, never by the door that people come through'
      using errcode = 'BW201';
  end if;
  return null;
end $function$;
create trigger api_stays_out before insert or delete or update on definition_version for each statement
  execute function api_only_founds();

-- What was found open when the application's roles were tried as an attacker would (DESIGN 2.4; 21 CFR 11.10(d), (e), (g)):
-- each role writes its own part only, and what the record relies on stays as it was when somebody did.
-- Refuses with BW259
create or replace function definition_born() returns trigger language plpgsql as $function$
begin
  if new.digest <> encode(sha256(convert_to(new.body, 'UTF8')), 'hex')
     or (session_user = 'batchwright_worker' and (new.version <> 1 or new.status <> 'effective' or exists (
           select from definition_version d where d.key = new.key))) then
    raise exception 'definition % is not what its digest says, or nobody approved it', new.key using errcode = 'BW259';
  end if;
  return new;
end $function$;
create trigger definition_born before insert on definition_version for each row execute function definition_born();

-- A definition goes forward only: what was approved never becomes a draft again, so its text stays frozen for good (ISO 13485 4.2.4).
-- Refuses with BW042, BW170
create or replace function definition_wall() returns trigger language plpgsql as $function$
begin
  if old.status not in ('draft', 'in_review') and (new.key, new.version, new.digest, new.body)
     is distinct from (old.key, old.version, old.digest, old.body) then
    raise exception 'an approved definition never changes' using errcode = 'BW042';
  end if;
  if new.status <> old.status and not (old.status, new.status) in (
      ('draft', 'in_review'), ('in_review', 'draft'), ('in_review', 'approved'),
      ('approved', 'effective'), ('approved', 'superseded'), ('effective', 'superseded')) then
    raise exception 'a definition can''t go from % to %', old.status, new.status using errcode = 'BW170';
  end if;
  return new;
end $function$;
create trigger definition_wall before update on definition_version for each row execute function definition_wall();

-- What was found open when the application's roles were tried as an attacker would (DESIGN 2.4; 21 CFR 11.10(d), (e), (g)):
-- each role writes its own part only, and what the record relies on stays as it was when somebody did.
-- Refuses with BW259
create or replace function definition_stays() returns trigger language plpgsql as $function$
begin
  if session_user = 'batchwright_worker' or new.author_id is distinct from old.author_id
     or (old.status not in ('draft', 'in_review') and new.effective_from is distinct from old.effective_from
         and old.effective_from is not null) then
    raise exception 'definition % stays as it was approved', old.key using errcode = 'BW259';
  end if;
  return new;
end $function$;
create trigger definition_wall_stays before update on definition_version for each row execute function definition_stays();

-- Each definition version has a subject of its own, made in the statement that makes the row, whatever door it comes through (DESIGN 6a).
-- Refuses with BW353
create or replace function subject_of_definition_version()
  returns trigger language plpgsql security definer set search_path to 'public', 'pg_temp' as $function$
begin
  if exists (select from new_rows n where n.subject_id > (select last_value from subject_id_seq)) then
    raise exception 'the subject of a row is numbered with it' using errcode = 'BW353';
  end if;

  insert into subject (id, kind, number, title, title_en, titled_by_id, site_id, entity_id, owner_id, opened_at)
  with made as materialized (
    select n.subject_id as id, n.key as number, n.body::jsonb #>> '{title,zh}' as title, n.body::jsonb #>> '{title,en}' as title_en, null::bigint as titled_by_id,
           coalesce(null::bigint, (select min(s.id) from site s)) as site_id, n.created_at as opened_at,
           null::text as family, null::bigint as supplier_id
      from new_rows n where n.id in (select max(v.id) from new_rows v group by v.subject_id) and not exists (select from subject k where k.id = n.subject_id) ),
  owned as materialized (
    select array[w.family, w.supplier_id::text, w.site_id::text] as for_whom,
           subject_owner('definition', w.family, w.supplier_id, w.site_id, null) as owner_id,
           (select e.id from legal_entity e where e.site_id = w.site_id) as entity_id
      from (select distinct family, supplier_id, site_id from made) w)
  select m.id, 'definition', m.number, m.title, m.title_en, m.titled_by_id, m.site_id, o.entity_id, o.owner_id, m.opened_at
    from made m join owned o on o.for_whom = array[m.family, m.supplier_id::text, m.site_id::text];
  return null;
end $function$;
create trigger subject_made after insert on definition_version referencing new table as new_rows for each statement
  execute function subject_of_definition_version();

-- A further version of a definition is about the same subject (DESIGN 6a).
create or replace function subject_of_key()
  returns trigger language plpgsql security definer set search_path to 'public', 'pg_temp' as $function$
begin
  new.subject_id := coalesce((select d.subject_id from definition_version d where d.key = new.key order by d.id limit 1), new.subject_id);
  return new;
end $function$;
create trigger subject_of_key before insert on definition_version for each row execute function subject_of_key();

-- Walls that tables share.
create trigger audit_delete after delete on definition_version referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on definition_version referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on definition_version referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on definition_version for each row execute function identity_is_fixed();
create trigger subject_fixed before update of subject_id on definition_version for each row
  when (old.subject_id is distinct from new.subject_id) execute function subject_fixed();
