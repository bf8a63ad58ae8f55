-- What a signature says beside the record (21 CFR 11.50, 11.70): as it was proven, and kept word by word.

create function statement_wall() returns trigger language plpgsql as $$
begin
  if new.form <> 2 or new.statement is null
     or new.statement is distinct from (select a.statement from signing_attempt a where a.id = new.attempt_id) then
    raise exception 'this signature doesn''t say what its attempt said' using errcode = 'BW065';
  end if;
  if not exists (select from signed_record r where r.digest = new.statement
                    and r.canonical::jsonb ->> 'record' = new.digest
                    and r.canonical::jsonb ->> 'meaning' = new.meaning
                    and r.canonical::jsonb ->> 'signer' = new.printed_name) then
    raise exception 'the statement of this signature is missing, or about something else' using errcode = 'BW066';
  end if;
  return new;
end $$;

-- after `signature_wall` and `signature_wall_role` in the order of names
create trigger signature_wall_statement before insert on signature for each row execute function statement_wall();

-- what is kept under a digest has that digest
create function signed_record_wall() returns trigger language plpgsql as $$
begin
  if new.digest <> encode(sha256(convert_to(new.canonical, 'UTF8')), 'hex') then
    raise exception 'this text has another digest' using errcode = 'BW067';
  end if;
  return new;
end $$;

create trigger signed_record_wall before insert on signed_record for each row execute function signed_record_wall();
