-- What processes are about, in one table (DESIGN 6a): each batch, recall, item, partner, person … has one subject, made in the
-- statement that makes the row, whatever door it comes through; its number and title follow the row.  A subject has a site, a legal
-- entity and an owner: nothing may stand without one but what is recorded before there is a site or a person to name.

create function next_subject() returns bigint language sql volatile security definer set search_path = public, pg_temp as $$
  -- the number of the subject to come; as the owner, because the application takes no number of its own from a sequence
  select nextval('subject_id_seq')
$$;

create function subject_role(kind text) returns text language sql immutable as $$
  -- who answers for a kind of subject where no rule says otherwise
  select case kind
    when 'recall' then 'recall_coordinator'
    when 'nonconformance' then 'quality_manager'
    when 'capa' then 'quality_manager'
    when 'complaint' then 'quality_manager'
    when 'supplier' then 'quality_manager'
    when 'customer' then 'warehouse'
    when 'place' then 'warehouse'
    when 'person' then 'administrator'
    when 'site' then 'administrator'
    when 'connector' then 'administrator'
    else 'process_owner' end
$$;

create function subject_owner(about text, family text, supplier bigint, site bigint, shift text) returns bigint
language plpgsql stable security definer set search_path = public, pg_temp as $$
declare
  somebody bigint;
begin
  -- The most specific rule first, and of it the person before the role; then whoever holds the role of the kind, of several the
  -- one who came first; then who acts; then an administrator.  Nobody is an owner who has left or is a machine.
  select coalesce(
           (select p.id from person p where p.id = r.person_id and p.active and p.kind = 'human'),
           (select min(p.id) from role_grant g join person p on p.id = g.person_id
             where g.role = r.role and p.active and p.kind = 'human' and held_role(p.id, g.role, now()))) into somebody
    from owner_rule r
   where r.subject_kind = about and r.ended_at is null
     and (r.item_family is null or r.item_family = family) and (r.supplier_id is null or r.supplier_id = supplier)
     and (r.site_id is null or r.site_id = site) and (r.shift is null or r.shift = subject_owner.shift)
     and (exists (select from person p where p.id = r.person_id and p.active and p.kind = 'human')
       or exists (select from role_grant g join person p on p.id = g.person_id
                   where g.role = r.role and p.active and p.kind = 'human' and held_role(p.id, g.role, now())))
   order by num_nonnulls(r.item_family, r.supplier_id, r.site_id, r.shift) desc, r.person_id is null, r.id limit 1;
  if somebody is not null then
    return somebody;
  end if;
  select min(p.id) into somebody from role_grant g join person p on p.id = g.person_id
   where g.role = subject_role(about) and p.active and p.kind = 'human' and held_role(p.id, g.role, now());
  if somebody is not null then
    return somebody;
  end if;
  select p.id into somebody from person p
   where p.public_id::text = current_setting('bw.actor_id', true) and p.active and p.kind = 'human';
  if somebody is not null then
    return somebody;
  end if;
  select min(p.id) into somebody from role_grant g join person p on p.id = g.person_id
   where g.role = 'administrator' and p.active and p.kind = 'human' and held_role(p.id, g.role, now());
  return somebody;
end $$;

create function subject_known() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  -- written by itself: a kind that has no table yet, never one whose rows make their own
  if new.kind in ('lot', 'recall', 'nonconformance', 'item', 'supplier', 'customer', 'equipment', 'place', 'person',
                   'definition', 'site') then
    raise exception 'the subject of a % comes with its row, and not without', new.kind using errcode = 'BW350';
  end if;
  new.site_id := coalesce(new.site_id, (select min(s.id) from site s));
  new.entity_id := coalesce(new.entity_id, (select e.id from legal_entity e where e.site_id = new.site_id));
  new.owner_id := coalesce(new.owner_id, subject_owner(new.kind, null, null, new.site_id, null));
  return new;
end $$;

-- a whole import makes its subjects in one statement and asks once whose they are; only what is written by itself is asked by row
create trigger subject_known before insert on subject for each row
  when (pg_trigger_depth() = 0) execute function subject_known();

create function subject_stays() returns trigger language plpgsql as $$
begin
  if (new.kind, new.opened_at, new.titled_by_id) is distinct from (old.kind, old.opened_at, old.titled_by_id)
     or (new.number, new.title, new.title_en) is distinct from (old.number, old.title, old.title_en) and pg_trigger_depth() = 1 then
    raise exception 'a subject is called what its row is called' using errcode = 'BW351';
  end if;
  if new.owner_id is null and old.owner_id is not null or new.site_id is null and old.site_id is not null
     or new.entity_id is null and old.entity_id is not null then
    raise exception 'a subject has a site, a legal entity and an owner' using errcode = 'BW352';
  end if;
  return new;
end $$;

create trigger subject_stays before update on subject for each row execute function subject_stays();
create trigger kept before delete on subject for each row execute function kept();

-- What was recorded before there was anybody: at the end of the transaction it belongs to whom there is then ------------

create function subjects_owned() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
declare
  somebody bigint;
begin
  select min(p.id) into somebody from person p where p.active and p.kind = 'human';
  if somebody is not null then
    update subject s set owner_id = o.owner_id
      from (select k.kind, k.site_id, coalesce(subject_owner(k.kind, null, null, k.site_id, null), somebody) as owner_id
              from (select distinct kind, site_id from subject where owner_id is null) k) o
     where s.owner_id is null and s.kind = o.kind and s.site_id is not distinct from o.site_id;
  end if;
  return null;
end $$;

create constraint trigger subject_owned after insert on subject deferrable initially deferred for each row
  when (new.owner_id is null) execute function subjects_owned();
create constraint trigger subjects_owned after insert on person deferrable initially deferred for each row
  execute function subjects_owned();

create function subjects_placed() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  insert into legal_entity (kind, name, name_en, site_id) values ('maker', new.name, new.name_en, new.id);
  update subject s set site_id = new.id, entity_id = (select e.id from legal_entity e where e.site_id = new.id) where s.site_id is null;
  return null;
end $$;

create trigger maker_of_site after insert on site for each row execute function subjects_placed();

create function subject_fixed() returns trigger language plpgsql as $$
begin
  raise exception 'a row of % keeps its subject', tg_table_name using errcode = 'BW353';
end $$;

-- A further version of a definition is about the same subject
create function subject_of_key() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  new.subject_id := coalesce((select d.subject_id from definition_version d where d.key = new.key order by d.id limit 1), new.subject_id);
  return new;
end $$;

create trigger subject_of_key before insert on definition_version for each row execute function subject_of_key();

-- Runs, tasks, signatures and news name the subject of the batch or recall that they are about -------------------------

create function subject_of_run() returns trigger language plpgsql as $$
declare
  meant bigint;
begin
  select coalesce((select l.subject_id from lot l where l.id = new.lot_id),
                  (select c.subject_id from recall c where c.id = new.recall_id), new.subject_id) into meant;
  if new.subject_id <> meant then
    raise exception 'a run is about one subject' using errcode = 'BW354';
  end if;
  new.subject_id := meant;
  return new;
end $$;

create function subject_of_task() returns trigger language plpgsql as $$
declare
  meant bigint;
begin
  select r.subject_id into meant from process_run r where r.id = new.run_id;
  if new.subject_id <> meant then
    raise exception 'a task is about the subject of its run' using errcode = 'BW354';
  end if;
  new.subject_id := meant;
  return new;
end $$;

create function subject_of_signature() returns trigger language plpgsql as $$
declare
  meant bigint;
begin
  select coalesce((select r.subject_id from process_run r where r.id = new.run_id),
                  (select l.subject_id from lot l where l.id = new.lot_id), new.subject_id) into meant;
  if new.subject_id <> meant then
    raise exception 'a signature is about the subject of its run or batch' using errcode = 'BW354';
  end if;
  new.subject_id := meant;
  return new;
end $$;

create function subject_of_news() returns trigger language plpgsql as $$
begin
  new.subject_id := (select l.subject_id from lot l where l.id = new.lot_id);
  return new;
end $$;

-- The rows of the record that are about a subject, for its trail: another kind of subject needs no word here
create function subject_rows(s subject) returns table (name text, id bigint) language plpgsql stable as $$
declare
  behind text := case s.kind when 'place' then 'location' when 'definition' then 'definition_version' else s.kind end;
begin
  return query select 'subject'::text, s.id
    union all select 'process_run', r.id from process_run r where r.subject_id = s.id
    union all select 'human_task', t.id from human_task t where t.subject_id = s.id
    union all select 'signature', g.id from signature g where g.subject_id = s.id;
  if exists (select from pg_attribute a where a.attrelid = to_regclass(behind) and a.attname = 'subject_id') then
    return query execute format('select %L::text, b.id from %I b where b.subject_id = $1', behind, behind) using s.id;
  end if;
end $$;
