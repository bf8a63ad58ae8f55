-- Whose password it is (models/rules/credential.py; 21 CFR 11.100(a), (b), 11.200(a)(3)).

-- One mailbox, however its address is typed; the same function as in Python, and a test says so.
create function mail_key(address text) returns text language sql immutable strict parallel safe as $$
  select lower(regexp_replace(trim(address), '\+[^@]*(?=@)', ''))
$$;

create index person_mail_identity on person (mail_key(email));
create index person_employee_no_identity on person (identity_key(employee_no));

create function acts_as(person bigint) returns boolean language sql stable as $$
  select current_setting('bw.actor_id', true) = (select p.public_id::text from person p where p.id = person)
$$;

create function furnishes() returns boolean language sql stable security definer set search_path = public, pg_temp as $$
  select exists (select from service_actor s where s.actor_id = current_setting('bw.actor_id', true) and s.furnishes)
$$;

-- A password is a person's own only by the person: whoever else touches it takes the right to sign with it away.
create function account_own_wall() returns trigger language plpgsql as $$
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
end $$;

create trigger account_own_wall before insert or update on account for each row execute function account_own_wall();

-- Nobody certifies somebody else.
create function certification_wall() returns trigger language plpgsql as $$
begin
  if new.at is distinct from now() or not exists (select from account a where a.id = new.account_id and a.person_id = new.person_id)
     or not (acts_as(new.person_id) or furnishes()) then
    raise exception 'a person certifies the own identity, at that moment' using errcode = 'BW190';
  end if;
  return new;
end $$;

create trigger certification_wall before insert on certification for each row execute function certification_wall();

-- A signature rests on a password that only its owner has set.
create function signature_own_wall() returns trigger language plpgsql as $$
begin
  if not exists (select from signing_attempt t join account a on a.id = t.account_id
                  where t.id = new.attempt_id and a.person_id = new.person_id and a.own_since <= t.at) then
    raise exception 'the password behind this signature was set by somebody else, or its owner hasn''t certified who it is'
      using errcode = 'BW187';
  end if;
  return new;
end $$;

-- after `signature_wall` and `signature_wall_role` in the order of names
create trigger signature_wall_self before insert on signature for each row execute function signature_own_wall();

-- Who has certified identity and may hand over a half.
create function handing_over() returns bigint language sql stable as $$
  select count(distinct p.id) from person p join account a on a.person_id = p.id
   where p.active and not a.disabled and a.own_since is not null
     and (held_role(p.id, 'administrator', now()) or held_role(p.id, 'quality_manager', now()))
$$;

-- A code is made by nobody for themselves; its halves are seen by two people; it is used once, by its owner.
create function sign_in_code_wall() returns trigger language plpgsql as $$
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
end $$;

create trigger sign_in_code_wall before insert or update on sign_in_code
  for each row execute function sign_in_code_wall();

-- Codes are mailed to the address on record, so nobody but the person changes it.
create function person_address_wall() returns trigger language plpgsql as $$
begin
  if new.email is distinct from old.email and old.kind = 'human' and not acts_as(new.id)
     and current_setting('bw.actor_id', true) not like 'service:%' then
    raise exception 'a mail address is changed by nobody but the person' using errcode = 'BW191';
  end if;
  return new;
end $$;

create trigger person_address_wall before update on person for each row execute function person_address_wall();

-- A person is registered once.  One of before that is there twice stays, and is listed.
create function person_once_wall() returns trigger language plpgsql as $$
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
end $$;

create trigger person_once_wall before insert or update on person for each row execute function person_once_wall();
