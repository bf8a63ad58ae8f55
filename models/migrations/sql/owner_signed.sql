-- A subject's owner changes by a signature over whose it was and whose it is to be, written in the same transaction
-- (DESIGN 6a; ISO 13485 5.5.1; 21 CFR 11.10(e), 11.70).  What has no owner yet may be given one.
create or replace function subject_handed_over() returns trigger language plpgsql as $function$
begin
  if not exists (
      select from signature s join person p on p.id = new.owner_id
       where s.act = 'hand_over' and s.about = new.public_id::text and s.signed_at = now() and s.outcome = p.public_id::text) then
    raise exception 'the owner of % changes by a signature only', new.number using errcode = 'BW368';
  end if;
  if not exists (select from person p join account a on a.person_id = p.id and not a.disabled
                  where p.id = new.owner_id and p.active and p.kind = 'human') then
    raise exception 'whoever owns % works here and logs in', new.number using errcode = 'BW369';
  end if;
  return new;
end $function$;
create trigger subject_handed_over before update of owner_id on subject for each row
  when (old.owner_id is not null and new.owner_id is not null and new.owner_id <> old.owner_id) execute function subject_handed_over();
