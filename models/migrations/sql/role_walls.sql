-- What may change about a role (REQ 112; STANDARDS D 102; 21 CFR 11.10(e), 11.10(g); DESIGN 2.4, 8).

-- How many people hold a role now.
create function role_holders(wanted text) returns bigint language sql stable as $$
  select count(*) from role_grant g
   where g.role = wanted and g.revoked_at is null and (g.valid_until is null or g.valid_until > now())
$$;

-- Where a role is in use: effective definitions by their key, open tasks, rules of owners, and our own code, which names some roles.
create function role_uses(wanted text) returns table (place text, what text) language sql stable as $$
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
$$;

-- Whether the one who acts is that person.
create function acts_now(person bigint) returns boolean language sql stable as $$
  select exists (select from person p where p.id = person and p.public_id::text = current_setting('bw.actor_id', true))
$$;

create function role_wall() returns trigger language plpgsql as $$
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
end $$;

create trigger role_wall before insert or update on role for each row execute function role_wall();
create trigger kept before delete on role for each row execute function kept();

-- Where somebody could manage accounts before, somebody can afterwards (21 CFR 11.10(d), 11.10(g)).
create function role_one_stays() returns trigger language plpgsql as $$
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
end $$;

create trigger role_one_stays after update on role for each row execute function role_one_stays();

-- A role that is not in use is given to nobody, and nobody gives one to themselves (REQUIREMENTS 112; 21 CFR 11.10(g)).
create function role_given_wall() returns trigger language plpgsql as $$
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
end $$;

create trigger role_given_wall before insert on role_grant for each row execute function role_given_wall();
