-- Who held which role when, and who may stand behind an act (21 CFR 11.10(g), 11.10(i), 11.100; DESIGN 2.4, 7).

-- Grants of before begin with the audit event that wrote them; grants that were deleted come back as ended ones.
update role_grant g set granted_at = e.at
  from (select row_id, min(at) as at from audit_event where table_name = 'role_grant' and operation = 'insert'
         group by row_id) e
 where e.row_id = g.id;

insert into role_grant (id, person_id, role, valid_until, granted_at, revoked_at) overriding system value
select d.row_id, (d.before ->> 'person_id')::bigint, d.before ->> 'role', (d.before ->> 'valid_until')::timestamptz,
       coalesce((select min(i.at) from audit_event i where i.table_name = 'role_grant' and i.operation = 'insert'
                    and i.row_id = d.row_id), d.at), d.at
  from audit_event d
 where d.table_name = 'role_grant' and d.operation = 'delete'
   and not exists (select from role_grant g where g.id = d.row_id)
   and exists (select from person p where p.id = (d.before ->> 'person_id')::bigint);

create function role_grant_wall() returns trigger language plpgsql as $$
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
end $$;

create trigger role_grant_wall before insert or update on role_grant for each row execute function role_grant_wall();

create function held_role(person bigint, wanted text, moment timestamptz) returns boolean language sql stable as $$
  select exists (select from role_grant g where g.person_id = person and g.role = wanted and g.granted_at <= moment
                    and (g.revoked_at is null or g.revoked_at > moment)
                    and (g.valid_until is null or g.valid_until > moment))
$$;

create function skills_lacking(absent bigint, deputy bigint, moment timestamptz) returns text[] language sql stable as $$
  select coalesce(array_agg(distinct q.code), '{}') from qualification q
   where q.person_id = absent and q.valid_from <= moment and (q.valid_until is null or q.valid_until > moment)
     and not exists (select from qualification o where o.person_id = deputy and o.code = q.code
                        and o.valid_from <= moment and (o.valid_until is null or o.valid_until > moment))
$$;

-- nobody acts in a role that they don't hold, whoever's deputy they are
create function check_role(person bigint, behalf bigint, wanted text, what text) returns void language plpgsql as $$
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
end $$;

create function signature_role_wall() returns trigger language plpgsql as $$
begin
  perform check_role(new.person_id, new.on_behalf_of_id, t.role, 'a signature') from human_task t where t.id = new.task_id;
  return new;
end $$;

-- after `signature_wall` in the order of names, which says what is wrong with the attempt first
create trigger signature_wall_role before insert on signature for each row execute function signature_role_wall();

create function task_role_wall() returns trigger language plpgsql as $$
begin
  if new.status = 'done' and old.status = 'open' and new.done_by_id is not null then
    perform check_role(new.done_by_id, new.on_behalf_of_id, new.role, 'a task is done');
  end if;
  if new.assignee_id is not null and new.assignee_id is distinct from old.assignee_id then
    perform check_role(new.assignee_id, null, new.role, 'a task is taken');
  end if;
  return new;
end $$;

create trigger task_wall_role before update on human_task for each row execute function task_role_wall();

create function delegation_wall() returns trigger language plpgsql as $$
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
end $$;

create trigger delegation_wall before insert on delegation for each row execute function delegation_wall();

-- The audit trail names people of this plant, under their own name, and services that are known (11.10(e), 11.100(a)).

insert into service_actor (actor_id, what) values
  ('service:auth', 'login and sessions'), ('service:cli', 'the command line'), ('service:clock', 'deadlines'),
  ('service:faults', 'acts that met a fault'), ('service:demo', 'founding the demo company'), ('service:found', 'founding a plant'), ('service:mail', 'mail'),
  ('service:operator', 'an operator at the server'), ('service:outbox', 'delivery of facts'),
  ('service:reconcile', 'comparing the record with the engine'), ('service:schedule', 'schedules'),
  ('service:update', 'updates of the software');

create function known_actor(who text, said text) returns boolean language sql stable security definer
set search_path = public, pg_temp as $$
  select case
    when who ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
      then exists (select from person p where p.public_id = who::uuid and p.name = said and p.active)
    when who like 'customer:%' then exists (select from customer c where c.customer_no = substr(who, 10))
    when who like 'import:%' then who ~ '^import:[a-z0-9_.-]+$'
    else exists (select from service_actor s where s.actor_id = who) end
$$;

create function audit_actor_wall() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
declare
  wrong record;
begin
  select n.actor_id, n.actor_name into wrong from (select distinct actor_id, actor_name from new_rows) n
   where not known_actor(n.actor_id, n.actor_name) limit 1;
  if found then
    raise exception 'nobody here is % (%)', wrong.actor_name, wrong.actor_id using errcode = 'BW003';
  end if;
  return null;
end $$;

create trigger audit_actor_wall after insert on audit_event referencing new table as new_rows
  for each statement execute function audit_actor_wall();
