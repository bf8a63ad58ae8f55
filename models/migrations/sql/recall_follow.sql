-- The last wall around what follows a recall (DESIGN 2.4): nothing is disposed of twice, nothing recalled is sold again.

create function recall_disposition_wall() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
declare
  back recall_return;
  done numeric;
begin
  -- one disposition of a return at a time; a hold on the lot waits for it, or is seen
  select * into back from recall_return where id = new.return_id for update;
  perform from lot where id = back.lot_id for share;
  select coalesce(sum(quantity), 0) into done from recall_disposition where return_id = new.return_id;
  if done + new.quantity > back.quantity then
    raise exception 'more is disposed of than came back' using errcode = 'BW074';
  end if;
  if new.kind = 'restock' and exists (select from hold h where h.lot_id = back.lot_id and h.lifted_at is null) then
    raise exception 'a held lot does not go back to stock' using errcode = 'BW075';
  end if;
  return new;
end $$;

create trigger recall_disposition_wall before insert on recall_disposition
  for each row execute function recall_disposition_wall();

create function recall_check_wall() returns trigger language plpgsql as $$
begin
  if not exists (select from recall_notice n join recall_sample s on s.recall_id = n.recall_id
                   and s.scope_version = n.scope_version where n.id = new.notice_id and s.id = new.sample_id) then
    raise exception 'the checked customer was not told of that version of the scope' using errcode = 'BW076';
  end if;
  return new;
end $$;

create trigger recall_check_wall before insert on recall_check for each row execute function recall_check_wall();
