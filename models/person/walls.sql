-- The walls of person: what the database refuses or does by itself, whoever asks, as it stands now.
-- Written from a migrated database by `make docs`; what is said above a function is yours and stays, and so does the file that you
-- move it to.  A wall is changed by a migration (docs/how-to/add-a-wall.md).

-- what walls ask, and what stands at tables of other nouns ----------

-- Whose password it is (models/person/rules/credential.py; 21 CFR 11.100(a), (b), 11.200(a)(3)).
create or replace function acts_as(person bigint) returns boolean language sql stable as $function$
  select current_setting('bw.actor_id', true) = (select p.public_id::text from person p where p.id = person)
$function$;

-- Nobody writes in another's name or at another time (21 CFR 11.10(d), 11.50, 11.70, 11.100(a), 11.200): who a row says did it
-- is who does it, a signature carries the name of its signer and the moment of its signing, and is about its own task.
-- Refuses with BW184
create or replace function attempt_account_wall() returns trigger language plpgsql as $function$
begin
  if not exists (select from account a where a.id = new.account_id and a.person_id = new.person_id) then
    raise exception 'an attempt is made through an account of its person' using errcode = 'BW184';
  end if;
  if proven(new) and exists (
      select from account a where a.id = new.account_id and (a.disabled or a.locked_until > now())) then
    raise exception 'nothing is proven through a closed or locked account' using errcode = 'BW184';
  end if;
  return new;
end $function$;

-- Nobody acts in a role that they don't hold, whoever's deputy they are (21 CFR 11.10(g)).
-- Refuses with BW061, BW062, BW063
create or replace function check_role(person bigint, behalf bigint, wanted text, what text) returns void language plpgsql as $function$
begin
  if not held_role(person, wanted, now()) or not exists (select from person p where p.id = person and p.active) then
    raise exception '% by somebody without the role %', what, wanted using errcode = 'BW061';
  end if;
  if behalf is null then
    return;
  end if;
  if not held_role(behalf, wanted, now())
     or not exists (select from delegation d where d.from_person_id = behalf and d.to_person_id = person
                       and d.starts_at <= now() and d.ends_at > now()) then
    raise exception '% for somebody who has not delegated the role %', what, wanted using errcode = 'BW062';
  end if;
  if skills_lacking(behalf, person, now()) <> '{}' then
    raise exception '% by a deputy without the skills of who is absent', what using errcode = 'BW063';
  end if;
end $function$;

-- Whoever furnishes it does so until it says that it has ended; the mark of it is kept for ever (bookkeeping.sql).
create or replace function furnishes() returns boolean language sql stable security definer set search_path to 'public', 'pg_temp' as $function$
  select exists (select from service_actor s where s.actor_id = current_setting('bw.actor_id', true) and s.furnishes)
     and not exists (select from applied a where a.activity_key = 'demo-company/ended')
     and not exists (
       select from site p where not exists (
         select from audit_event e join service_actor f on f.actor_id = e.actor_id and f.furnishes
          where e.table_name = 'site' and e.row_id = p.id and e.operation = 'insert'))
$function$;

-- Who has certified identity and may hand over a half.
create or replace function handing_over() returns bigint language sql stable as $function$
  select count(distinct p.id) from person p join account a on a.person_id = p.id
   where p.active and not a.disabled and a.own_since is not null and 'people.hand_over' = any(permits(p.id))
$function$;

-- Who held which role when, and who may stand behind an act (21 CFR 11.10(g), 11.10(i), 11.100; DESIGN 2.4, 7).
create or replace function held_role(person bigint, wanted text, moment timestamp with time zone)
  returns boolean language sql stable as $function$
  select exists (select from role_grant g where g.person_id = person and g.role = wanted and g.granted_at <= moment
                    and (g.revoked_at is null or g.revoked_at > moment)
                    and (g.valid_until is null or g.valid_until > moment))
$function$;

-- One mailbox, however its address is typed; the same function as in Python, and a test says so.
create or replace function mail_key(address text) returns text language sql immutable parallel safe strict as $function$
  select lower(regexp_replace(trim(address), '\+[^@]*(?=@)', ''))
$function$;

-- Whether an attempt proved who somebody is: the password was right, and the account could be used (21 CFR 11.200(a)).
create or replace function proven(attempt signing_attempt) returns boolean language sql immutable as $function$
  select attempt.result is not distinct from 'accepted'
$function$;

-- How many people hold a role now.
create or replace function role_holders(wanted text) returns bigint language sql stable as $function$
  select count(*) from role_grant g
   where g.role = wanted and g.revoked_at is null and (g.valid_until is null or g.valid_until > now())
$function$;

-- Where a role is in use: effective definitions by their key, open tasks, rules of owners, and our own code, which names some roles.
create or replace function role_uses(wanted text) returns table(place text, what text) language sql stable as $function$
  select 'definition', d.key from definition_version d
   where d.status = 'effective' and jsonb_path_exists(d.body::jsonb, '$.** ? (@.role == $role || @.to_role == $role)',
                                                      jsonb_build_object('role', wanted))
  union all
  select 'task', count(*)::text from human_task t where t.status = 'open' and t.role = wanted having count(*) > 0
  union all
  select 'owner', count(*)::text from owner_rule o where o.ended_at is null and o.role = wanted having count(*) > 0
  union all
  select 'code', '' where wanted in ('operator', 'inspector', 'warehouse', 'qa_reviewer', 'qa_approver', 'quality_manager',
                                     'process_owner', 'recall_coordinator', 'administrator')
$function$;

-- Who held which role when, and who may stand behind an act (21 CFR 11.10(g), 11.10(i), 11.100; DESIGN 2.4, 7).
create or replace function skills_lacking(absent bigint, deputy bigint, moment timestamp with time zone)
  returns text[] language sql stable as $function$
  select coalesce(array_agg(distinct q.code), '{}') from qualification q
   where q.person_id = absent and q.valid_from <= moment and (q.valid_until is null or q.valid_until > moment)
     and not exists (select from qualification o where o.person_id = deputy and o.code = q.code
                        and o.valid_from <= moment and (o.valid_until is null or o.valid_until > moment))
$function$;

-- account -----------------------------------------------------------

-- A password is a person's own only by the person: whoever else touches it takes the right to sign with it away (21 CFR 11.200(a)(3)).
-- Refuses with BW188
create or replace function account_own_wall() returns trigger language plpgsql as $function$
begin
  if furnishes() or new.own_since is null then
    return new;
  end if;
  if tg_op = 'INSERT' or new.person_id <> old.person_id
     or ((new.password_hash, new.own_since) is distinct from (old.password_hash, old.own_since)
         and not acts_as(new.person_id)) then
    raise exception 'a password that somebody else has set is nobody''s own' using errcode = 'BW188';
  end if;
  if new.own_since is distinct from old.own_since and not exists (
      select from certification c where c.account_id = new.id and c.person_id = new.person_id and c.at = now()) then
    raise exception 'a password is the person''s own when the person has confirmed who it is' using errcode = 'BW188';
  end if;
  return new;
end $function$;
create trigger account_own_wall before insert or update on account for each row execute function account_own_wall();

-- Walls that tables share.
create trigger audit_delete after delete on account referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on account referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on account referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on account for each row execute function identity_is_fixed();
create trigger reason_wall before update of disabled on account for each row execute function reason_wall('disabled');
create trigger worker_stays_out before insert or update of login, password_hash, person_id on account for each statement
  execute function worker_stays_out();
create trigger worker_writes_none before insert or delete or update on account for each statement
  execute function worker_has_no_say();

-- account_mail ------------------------------------------------------

alter table account_mail
  add constraint ck_account_mail_status check (status = any (array['waiting'::text, 'sent'::text, 'failed'::text, 'unsent'::text]));

-- What was found open when the application's roles were tried as an attacker would (DESIGN 2.4; 21 CFR 11.10(d), (e), (g)):
-- each role writes its own part only, and what the record relies on stays as it was when somebody did.
-- Refuses with BW256
create or replace function account_mail_wall() returns trigger language plpgsql as $function$
begin
  if tg_op = 'INSERT' then
    if new.status <> 'waiting' or new.attempts <> 0 or new.done_at is not null
       or not exists (select from account a join person p on p.id = a.person_id where a.id = new.account_id
                         and strpos(p.email, new.address) > 0)
       or (new.code_id is not null
           and not exists (select from sign_in_code c where c.id = new.code_id and c.account_id = new.account_id)) then
      raise exception 'a mail about an account goes to its person, at the address on record' using errcode = 'BW256';
    end if;
    return new;
  end if;
  if to_jsonb(new) - array['status', 'attempts', 'why', 'done_at']
       is distinct from to_jsonb(old) - array['status', 'attempts', 'why', 'done_at']
     or (old.status in ('sent', 'unsent') and new is distinct from old) then
    raise exception 'a mail about an account stays what it said, to whom, and what came of it' using errcode = 'BW256';
  end if;
  return new;
end $function$;
create trigger account_mail_wall before insert or update on account_mail for each row execute function account_mail_wall();

-- Walls that tables share.
create trigger api_stays_out before delete or update on account_mail for each statement execute function api_stays_out();
create trigger audit_delete after delete on account_mail referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on account_mail referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on account_mail referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on account_mail for each row execute function identity_is_fixed();
create trigger worker_writes_none before insert or delete on account_mail for each statement execute function worker_has_no_say();

-- certification -----------------------------------------------------

-- Nobody certifies somebody else (21 CFR 11.100(b), (c)).
-- Refuses with BW190
create or replace function certification_wall() returns trigger language plpgsql as $function$
begin
  if new.at is distinct from now() or not exists (select from account a where a.id = new.account_id and a.person_id = new.person_id)
     or not (acts_as(new.person_id) or furnishes()) then
    raise exception 'a person certifies the own identity, at that moment' using errcode = 'BW190';
  end if;
  return new;
end $function$;
create trigger certification_wall before insert on certification for each row execute function certification_wall();

-- Walls that tables share.
create trigger append_only before delete or update on certification for each row execute function append_only();
create trigger append_only_truncate before truncate on certification for each statement execute function append_only();
create trigger audit_delete after delete on certification referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on certification referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on certification referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on certification for each row execute function identity_is_fixed();
create trigger worker_stays_out before insert or delete or update on certification for each statement
  execute function worker_stays_out();

-- delegation --------------------------------------------------------

alter table delegation
  add constraint ck_delegation_other check (from_person_id <> to_person_id),
  add constraint ck_delegation_period check (ends_at > starts_at);

-- Who held which role when, and who may stand behind an act (21 CFR 11.10(g), 11.10(i), 11.100; DESIGN 2.4, 7).
-- Refuses with BW063, BW064
create or replace function delegation_wall() returns trigger language plpgsql as $function$
begin
  if not exists (select from role_grant g where g.person_id = new.from_person_id and held_role(g.person_id, g.role, now())
                    and held_role(new.to_person_id, g.role, now()))
     or not exists (select from person p where p.id = new.to_person_id and p.active and p.kind = 'human') then
    raise exception 'the deputy holds none of the roles of who is absent' using errcode = 'BW064';
  end if;
  if skills_lacking(new.from_person_id, new.to_person_id, now()) <> '{}' then
    raise exception 'the deputy lacks skills of who is absent' using errcode = 'BW063';
  end if;
  return new;
end $function$;
create trigger delegation_wall before insert on delegation for each row execute function delegation_wall();

-- Walls that tables share.
create trigger audit_delete after delete on delegation referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on delegation referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on delegation referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on delegation for each row execute function identity_is_fixed();
create trigger worker_writes_none before insert or delete or update on delegation for each statement
  execute function worker_has_no_say();

-- login_session -----------------------------------------------------

alter table login_session
  add constraint ck_login_session_kind check (kind = any (array['cookie'::text, 'token'::text]));

-- Walls that tables share.
create trigger worker_stays_out before insert or update on login_session for each statement execute function worker_stays_out();

-- person ------------------------------------------------------------

alter table person
  add constraint ck_person_kind check (kind = any (array['human'::text, 'service'::text]));

-- Codes are mailed to the address on record, so nobody but the person changes it, and no part of the software either (21 CFR 11.10(d)).
-- Refuses with BW191
create or replace function person_address_wall() returns trigger language plpgsql as $function$
begin
  if new.email is distinct from old.email and old.kind = 'human' and not acts_as(new.id) and not furnishes() then
    raise exception 'a mail address is changed by nobody but the person' using errcode = 'BW191';
  end if;
  return new;
end $function$;
create trigger person_address_wall before update on person for each row execute function person_address_wall();

-- A person is registered once.  One of before that is there twice stays, and is listed (21 CFR 11.100(a)).
-- Refuses with BW192
create or replace function person_once_wall() returns trigger language plpgsql as $function$
declare
  other text;
begin
  if new.kind <> 'human' or furnishes() then
    return new;
  end if;
  if new.email is not null and (tg_op = 'INSERT' or new.email is distinct from old.email) then
    perform pg_advisory_xact_lock(hashtextextended('person mail ' || mail_key(new.email), 0));
    select p.name into other from person p where mail_key(p.email) = mail_key(new.email) and p.id <> new.id limit 1;
  end if;
  if other is null and new.employee_no is not null and (tg_op = 'INSERT' or new.employee_no is distinct from old.employee_no) then
    perform pg_advisory_xact_lock(hashtextextended('person number ' || identity_key(new.employee_no), 0));
    select p.name into other from person p
     where identity_key(p.employee_no) = identity_key(new.employee_no) and p.id <> new.id limit 1;
  end if;
  if other is not null then
    raise exception 'this mail address or employee number is %''s', other using errcode = 'BW192';
  end if;
  return new;
end $function$;
create trigger person_once_wall before insert or update on person for each row execute function person_once_wall();

-- The subject of a person has its number, title and site: they follow the row (DESIGN 6a).
create or replace function subject_called_person()
  returns trigger language plpgsql security definer set search_path to 'public', 'pg_temp' as $function$
begin
  update subject s set number = coalesce(new.employee_no, new.id::text), title = new.name, title_en = new.name_en, site_id = coalesce(new.site_id, s.site_id)
   where s.id = new.subject_id;
  return null;
end $function$;
create trigger subject_called after update of employee_no, name, name_en, site_id on person for each row
  execute function subject_called_person();

-- Each person has a subject of its own, made in the statement that makes the row, whatever door it comes through (DESIGN 6a).
-- Refuses with BW353
create or replace function subject_of_person()
  returns trigger language plpgsql security definer set search_path to 'public', 'pg_temp' as $function$
begin
  if exists (select from new_rows n where n.subject_id > (select last_value from subject_id_seq)) then
    raise exception 'the subject of a row is numbered with it' using errcode = 'BW353';
  end if;

  insert into subject (id, kind, number, title, title_en, titled_by_id, site_id, entity_id, owner_id, opened_at)
  with made as materialized (
    select n.subject_id as id, coalesce(n.employee_no, n.id::text) as number, n.name as title, n.name_en as title_en, null::bigint as titled_by_id,
           coalesce(n.site_id, (select min(s.id) from site s)) as site_id, now() as opened_at,
           null::text as family, null::bigint as supplier_id
      from new_rows n ),
  owned as materialized (
    select array[w.family, w.supplier_id::text, w.site_id::text] as for_whom,
           subject_owner('person', w.family, w.supplier_id, w.site_id, null) as owner_id,
           (select e.id from legal_entity e where e.site_id = w.site_id) as entity_id
      from (select distinct family, supplier_id, site_id from made) w)
  select m.id, 'person', m.number, m.title, m.title_en, m.titled_by_id, m.site_id, o.entity_id, o.owner_id, m.opened_at
    from made m join owned o on o.for_whom = array[m.family, m.supplier_id::text, m.site_id::text];
  return null;
end $function$;
create trigger subject_made after insert on person referencing new table as new_rows for each statement
  execute function subject_of_person();

-- Walls that tables share.
create trigger audit_delete after delete on person referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on person referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on person referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on person for each row execute function identity_is_fixed();
create trigger kept before delete on person for each row execute function kept();
create trigger name_wall before update of name, name_en on person for each row
  when (old.name is distinct from new.name or old.name_en is distinct from new.name_en) execute function name_wall();
create trigger number_stays before update on person for each row execute function number_stays('kind', 'public_id');
create trigger reason_wall before update of active on person for each row execute function reason_wall('active');
create trigger reason_wall_name before update of name, name_en on person for each row
  execute function reason_wall('name', 'name_en');
create trigger subject_fixed before update of subject_id on person for each row
  when (old.subject_id is distinct from new.subject_id) execute function subject_fixed();
create constraint trigger subjects_owned after insert on person deferrable initially deferred for each row
  execute function subjects_owned();
create trigger worker_writes_none before insert or delete or update on person for each statement
  execute function worker_has_no_say();

-- qualification -----------------------------------------------------

-- Walls that tables share.
create trigger audit_delete after delete on qualification referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on qualification referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on qualification referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on qualification for each row execute function identity_is_fixed();
create trigger qualification_since_clocks before insert or update of valid_from on qualification for each row
  when (new.valid_from < '1970-01-01 00:00:00+00'::timestamp with time zone) execute function before_clocks_began();
create trigger reason_wall before update of person_id, code, document, valid_from, valid_until on qualification for each row
  execute function reason_wall('person_id', 'code', 'document', 'valid_from', 'valid_until');
create trigger worker_writes_none before insert or delete or update on qualification for each statement
  execute function worker_has_no_say();

-- role --------------------------------------------------------------

alter table role
  add constraint ck_role_apart check (
case duty
    when 'business'::text then not permissions && array['people.write'::text, 'fault.settle'::text]
    when 'audit'::text then permissions <@ array['record.read'::text, 'audit.read'::text]
    else permissions <@ array['people.write'::text, 'people.hand_over'::text, 'fault.settle'::text, 'record.read'::text, 'audit.read'::text]
end),
  add constraint ck_role_duty check (duty = any (array['business'::text, 'administration'::text, 'audit'::text])),
  add constraint ck_role_names check (btrim(zh) <> ''::text and btrim(en) <> ''::text);

-- Where somebody could manage accounts before, somebody can afterwards (21 CFR 11.10(d), 11.10(g)).
-- Refuses with BW362
create or replace function role_one_stays() returns trigger language plpgsql as $function$
begin
  if 'people.write' = any(old.permissions) and old.active and not ('people.write' = any(new.permissions) and new.active) then
    perform pg_advisory_xact_lock(hashtext('administrators'));
    if not exists (select from person p where p.active and p.kind = 'human' and 'people.write' = any(permits(p.id))
                      and exists (select from account a where a.person_id = p.id and not a.disabled))
       and exists (select from role_grant g where g.role = old.key and g.revoked_at is null) then
      raise exception 'nobody would be left who manages people and accounts' using errcode = 'BW362';
    end if;
  end if;
  return null;
end $function$;
create trigger role_one_stays after update on role for each row execute function role_one_stays();

-- What may change about a role (REQ 112; STANDARDS D 102; 21 CFR 11.10(e), 11.10(g); DESIGN 2.4, 8).
-- Refuses with BW360, BW361, BW363
create or replace function role_wall() returns trigger language plpgsql as $function$
begin
  if tg_op = 'INSERT' then
    if new.shipped and current_setting('bw.actor_id', true) <> 'service:update' then
      raise exception 'only an update of the software ships a role' using errcode = 'BW360';
    end if;
    if new.quality and new.duty <> 'business' then
      raise exception 'role % of % decides nothing about quality', new.key, new.duty using errcode = 'BW360';
    end if;
    new.version := 1;
    return new;
  end if;
  if (new.key, new.duty, new.shipped) is distinct from (old.key, old.duty, old.shipped) then
    raise exception 'the key and the kind of role % stay as they are', old.key using errcode = 'BW360';
  end if;
  if new.quality and new.duty <> 'business' then
    raise exception 'role % of % decides nothing about quality', new.key, new.duty using errcode = 'BW360';
  end if;
  if not new.permissions <@ old.permissions
     and exists (select from role_grant g where g.role = old.key and g.revoked_at is null and acts_now(g.person_id)
                    and (g.valid_until is null or g.valid_until > now())) then
    raise exception 'nobody lets a role permit more that they hold themselves' using errcode = 'BW361';
  end if;
  if old.active and not new.active and (role_holders(old.key) > 0 or exists (select from role_uses(old.key))) then
    raise exception 'role % is held or in use, and stays in use', old.key using errcode = 'BW363';
  end if;
  new.version := old.version + 1;
  return new;
end $function$;
create trigger role_wall before insert or update on role for each row execute function role_wall();

-- Walls that tables share.
create trigger audit_delete after delete on role referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on role referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on role referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on role for each row execute function identity_is_fixed();
create trigger kept before delete on role for each row execute function kept();
create trigger reason_wall before update on role for each row
  execute function reason_wall('zh', 'en', 'permissions', 'quality', 'active');
create trigger reason_wall_given before insert on role for each row execute function reason_wall();
create trigger worker_writes_none before insert or delete or update on role for each statement
  execute function worker_has_no_say();

-- role_grant --------------------------------------------------------

-- A role that is not in use is given to nobody, and nobody gives one to themselves (REQUIREMENTS 112; 21 CFR 11.10(g)).
-- Refuses with BW361, BW363
create or replace function role_given_wall() returns trigger language plpgsql as $function$
declare
  used boolean;
begin
  select r.active into used from role r where r.key = new.role for share;
  if not used then
    raise exception 'role % is not in use', new.role using errcode = 'BW363';
  end if;
  if acts_now(new.person_id) then
    raise exception 'nobody gives themselves a role' using errcode = 'BW361';
  end if;
  return new;
end $function$;
create trigger role_given_wall before insert on role_grant for each row execute function role_given_wall();

-- Who held which role when, and who may stand behind an act (21 CFR 11.10(g), 11.10(i), 11.100; DESIGN 2.4, 7).
-- Refuses with BW060
create or replace function role_grant_wall() returns trigger language plpgsql as $function$
begin
  if tg_op = 'INSERT' then
    new.granted_at := now();  -- nobody back-dates a grant
    if new.revoked_at is not null then
      new.revoked_at := now();
    end if;
    return new;
  end if;
  if old.revoked_at is not null
     or (new.person_id, new.role, new.valid_until, new.granted_at)
        is distinct from (old.person_id, old.role, old.valid_until, old.granted_at) then
    raise exception 'a role that was given can only be taken away, once' using errcode = 'BW060';
  end if;
  if new.revoked_at is not null then
    new.revoked_at := now();
  end if;
  return new;
end $function$;
create trigger role_grant_wall before insert or update on role_grant for each row execute function role_grant_wall();

-- Walls that tables share.
create trigger audit_delete after delete on role_grant referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on role_grant referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on role_grant referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on role_grant for each row execute function identity_is_fixed();
create trigger reason_wall before update of revoked_at on role_grant for each row execute function reason_wall('revoked_at');
create trigger reason_wall_given before insert on role_grant for each row execute function reason_wall();
create trigger worker_writes_none before insert or delete or update on role_grant for each statement
  execute function worker_has_no_say();

-- security_notice ---------------------------------------------------

-- What was found open when the application's roles were tried as an attacker would (DESIGN 2.4; 21 CFR 11.10(d), (e), (g)):
-- each role writes its own part only, and what the record relies on stays as it was when somebody did.
-- Refuses with BW256
create or replace function security_notice_wall() returns trigger language plpgsql as $function$
begin
  if tg_op = 'INSERT' then
    new.at := now();
    new.seen_at := null;
    return new;
  end if;
  if to_jsonb(new) - 'seen_at' is distinct from to_jsonb(old) - 'seen_at'
     or (old.seen_at is not null and new.seen_at is distinct from old.seen_at) then
    raise exception 'what a person is told of the own account stays' using errcode = 'BW256';
  end if;
  return new;
end $function$;
create trigger security_notice_wall before insert or update on security_notice for each row
  execute function security_notice_wall();

-- Walls that tables share.
create trigger audit_delete after delete on security_notice referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on security_notice referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on security_notice referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on security_notice for each row execute function identity_is_fixed();
create trigger worker_writes_none before insert or delete or update on security_notice for each statement
  execute function worker_has_no_say();

-- sign_in_code ------------------------------------------------------

alter table sign_in_code
  add constraint ck_sign_in_code_two_people check (second_by_id is null or second_by_id <> first_by_id),
  add constraint ck_sign_in_code_way check (way = any (array['mail'::text, 'hands'::text, 'console'::text]));

-- A code is made by nobody for themselves; its halves are seen by two people; it is used once, by its owner (21 CFR 11.200(a)(3)).
-- Refuses with BW189
create or replace function sign_in_code_wall() returns trigger language plpgsql as $function$
declare
  owner bigint := (select a.person_id from account a where a.id = new.account_id);
begin
  if tg_op = 'INSERT' then
    if new.way = 'console' then
      -- printed where the server stands, to begin with: as long as nobody has ever got in
      if new.made_by_id is not null or exists (select from certification) then
        raise exception 'a code is printed at the founding only' using errcode = 'BW189';
      end if;
    elsif new.made_by_id is null or new.made_by_id = owner or not acts_as(new.made_by_id)
          or coalesce(new.first_hash, new.second_hash) is not null then
      raise exception 'a one-time code is asked for by somebody else, in their own name' using errcode = 'BW189';
    end if;
    if new.used_at is not null then
      raise exception 'a one-time code begins unused' using errcode = 'BW189';
    end if;
    return new;
  end if;
  if (new.account_id, new.way, new.made_by_id, new.made_at, new.expires_at)
     is distinct from (old.account_id, old.way, old.made_by_id, old.made_at, old.expires_at)
     or (old.used_at is not null and new.used_at is distinct from old.used_at)
     or (old.void_at is not null and new.void_at is distinct from old.void_at)
     or (new.used_at is not null and old.used_at is null
         and (new.void_at is not null or new.expires_at <= now() or not acts_as(owner))) then
    raise exception 'a one-time code is used once, by its owner and in time' using errcode = 'BW189';
  end if;
  if (new.first_hash, new.first_by_id) is distinct from (old.first_hash, old.first_by_id)
     and (old.first_hash is not null or new.way <> 'hands' or new.first_by_id = owner or not acts_as(new.first_by_id))
     or (new.second_hash, new.second_by_id) is distinct from (old.second_hash, old.second_by_id)
     and (old.second_hash is not null or old.first_hash is null or new.way <> 'hands' or new.second_by_id = owner
          or new.second_by_id = old.first_by_id
          or not coalesce(acts_as(new.second_by_id),
                          -- a plant begins with one person: the other half is then seen by whoever is at the server
                          current_setting('bw.actor_id', true) = 'service:operator' and handing_over() < 2)) then
    raise exception 'each half of a code is seen by one person, and the two are different' using errcode = 'BW189';
  end if;
  return new;
end $function$;
create trigger sign_in_code_wall before insert or update on sign_in_code for each row execute function sign_in_code_wall();

-- Walls that tables share.
create trigger audit_delete after delete on sign_in_code referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on sign_in_code referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on sign_in_code referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on sign_in_code for each row execute function identity_is_fixed();
create trigger worker_stays_out before insert or delete or update on sign_in_code for each statement
  execute function worker_stays_out();

-- site --------------------------------------------------------------

alter table site
  add constraint ck_site_country check (country ~ '^[A-Z]{2}$'::text),
  add constraint ck_site_language check (language = any (array['zh'::text, 'en'::text]));

-- What processes are about, in one table (DESIGN 6a): each batch, recall, item, partner, person … has one subject, made in the
-- statement that makes the row, whatever door it comes through; its number and title follow the row.  A subject has a site, a legal
-- entity and an owner: nothing may stand without one but what is recorded before there is a site or a person to name.
create or replace function subjects_placed()
  returns trigger language plpgsql security definer set search_path to 'public', 'pg_temp' as $function$
begin
  insert into legal_entity (kind, name, name_en, site_id) values ('maker', new.name, new.name_en, new.id);
  update subject s set site_id = new.id, entity_id = (select e.id from legal_entity e where e.site_id = new.id) where s.site_id is null;
  return null;
end $function$;
create trigger maker_of_site after insert on site for each row execute function subjects_placed();

-- When a work order was opened, where it is told: not after its entry, and none of its operations began before it (ALCOA+;
-- 21 CFR 11.10(f)).  People tell times to the minute; what an order told stays as it was given (BW182).
-- Refuses with BW332
create or replace function site_zone_wall() returns trigger language plpgsql as $function$
begin
  if new.zone = 'Factory' or not exists (select from pg_timezone_names z where z.name = new.zone) then
    raise exception '% is no time zone', new.zone using errcode = 'BW332';
  end if;
  return new;
end $function$;
create trigger site_zone_wall before insert or update of zone on site for each row execute function site_zone_wall();

-- The subject of a site has its number, title and site: they follow the row (DESIGN 6a).
create or replace function subject_called_site()
  returns trigger language plpgsql security definer set search_path to 'public', 'pg_temp' as $function$
begin
  update subject s set number = new.code, title = new.name, title_en = new.name_en, site_id = coalesce(new.id, s.site_id)
   where s.id = new.subject_id;
  return null;
end $function$;
create trigger subject_called after update of code, name, name_en on site for each row execute function subject_called_site();

-- Each site has a subject of its own, made in the statement that makes the row, whatever door it comes through (DESIGN 6a).
-- Refuses with BW353
create or replace function subject_of_site()
  returns trigger language plpgsql security definer set search_path to 'public', 'pg_temp' as $function$
begin
  if exists (select from new_rows n where n.subject_id > (select last_value from subject_id_seq)) then
    raise exception 'the subject of a row is numbered with it' using errcode = 'BW353';
  end if;

  insert into subject (id, kind, number, title, title_en, titled_by_id, site_id, entity_id, owner_id, opened_at)
  with made as materialized (
    select n.subject_id as id, n.code as number, n.name as title, n.name_en as title_en, null::bigint as titled_by_id,
           coalesce(n.id, (select min(s.id) from site s)) as site_id, now() as opened_at,
           null::text as family, null::bigint as supplier_id
      from new_rows n ),
  owned as materialized (
    select array[w.family, w.supplier_id::text, w.site_id::text] as for_whom,
           subject_owner('site', w.family, w.supplier_id, w.site_id, null) as owner_id,
           (select e.id from legal_entity e where e.site_id = w.site_id) as entity_id
      from (select distinct family, supplier_id, site_id from made) w)
  select m.id, 'site', m.number, m.title, m.title_en, m.titled_by_id, m.site_id, o.entity_id, o.owner_id, m.opened_at
    from made m join owned o on o.for_whom = array[m.family, m.supplier_id::text, m.site_id::text];
  return null;
end $function$;
create trigger subject_made after insert on site referencing new table as new_rows for each statement
  execute function subject_of_site();

-- Walls that tables share.
create trigger audit_delete after delete on site referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on site referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on site referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on site for each row execute function identity_is_fixed();
create trigger reason_wall before update of zone, country, late_entry_hours on site for each row
  execute function reason_wall('zone', 'country', 'late_entry_hours');
create trigger subject_fixed before update of subject_id on site for each row
  when (old.subject_id is distinct from new.subject_id) execute function subject_fixed();
create trigger worker_writes_none before insert or delete or update on site for each statement
  execute function worker_has_no_say();
