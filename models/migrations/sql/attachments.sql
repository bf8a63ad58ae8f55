-- A content is what its digest says, whole from the moment it is kept (21 CFR 11.10(c), 11.70).

create function stored_file_whole() returns trigger language plpgsql as $$
declare
  found record;
begin
  select count(*) as parts, coalesce(sum(length(p.data)), 0) as size,
         sha256(coalesce(string_agg(p.data, ''::bytea order by p.place), ''::bytea)) as digest
    into found from stored_part p where p.file_id = new.id;
  if found.size <> new.size or encode(found.digest, 'hex') <> new.digest
     or found.parts <> ceil(new.size / 1048576.0) then
    raise exception 'the parts of file % aren''t what its digest says', new.digest using errcode = 'BW340';
  end if;
  return null;
end $$;

create constraint trigger whole after insert on stored_file deferrable initially deferred
  for each row execute function stored_file_whole();

-- Once kept, every place is taken: what comes later has none.
create function stored_part_wall() returns trigger language plpgsql as $$
begin
  if new.place >= (select ceil(f.size / 1048576.0) from stored_file f where f.id = new.file_id) then
    raise exception 'file % has no part %', new.file_id, new.place using errcode = 'BW341';
  end if;
  return new;
end $$;

create trigger place_in_file before insert on stored_part for each row execute function stored_part_wall();

-- Who attaches is who acts.
create function attachment_wall() returns trigger language plpgsql as $$
begin
  if (select p.public_id::text from person p where p.id = new.uploaded_by_id) is distinct from current_setting('bw.actor_id', true) then
    raise exception 'a file is attached by whoever acts' using errcode = 'BW342';
  end if;
  return new;
end $$;

create trigger attached_by_actor before insert on attachment for each row execute function attachment_wall();
