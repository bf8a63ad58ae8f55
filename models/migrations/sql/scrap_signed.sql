-- Scrapping is signed (21 CFR 11.50; ISO 13485 8.3.3): by who decides, over this very return.

create function scrap_signed_wall() returns trigger language plpgsql as $$
begin
  if new.kind = 'scrap' and not exists (
      select from signature s join recall_return r on r.id = new.return_id
       where s.id = new.signature_id and s.act = 'dispose_return' and s.about = r.public_id::text
         and s.person_id = new.decided_by_id and s.outcome = 'scrap'
         and not exists (select from recall_disposition d where d.signature_id = s.id)) then
    raise exception 'scrapping takes a signature of its own' using errcode = 'BW081';
  end if;
  return new;
end $$;

create trigger scrap_signed_wall before insert on recall_disposition
  for each row execute function scrap_signed_wall();
