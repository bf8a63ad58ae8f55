-- The last wall around pulled goods and sent notices: what was found and what was sent stays as it was said (DESIGN 2.4).

create function recall_pull_wall() returns trigger language plpgsql as $$
begin
  if old.done_at is not null then
    raise exception 'what was found at a place stays as it was said' using errcode = 'BW090';
  end if;
  if to_jsonb(new) - array['found', 'put_to', 'note', 'done_at', 'done_by_id']
     is distinct from to_jsonb(old) - array['found', 'put_to', 'note', 'done_at', 'done_by_id'] then
    raise exception 'what somebody was sent for stays' using errcode = 'BW091';
  end if;
  return new;
end $$;

create trigger recall_pull_wall before update on recall_pull for each row execute function recall_pull_wall();
create trigger kept before delete on recall_pull for each row execute function kept();

create function notice_delivery_wall() returns trigger language plpgsql as $$
begin
  if old.status in ('sent', 'printed') then
    raise exception 'a notice that went out stays as it went out' using errcode = 'BW092';
  end if;
  return new;
end $$;

create trigger notice_delivery_wall before update on notice_delivery
  for each row execute function notice_delivery_wall();
create trigger kept before delete on notice_delivery for each row execute function kept();
