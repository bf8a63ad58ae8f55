-- The class of a recall is the firm's in China, its proposal in the United States, and an agency's only by a letter; what the
-- firm decides is written by whoever signed the approval of the scope (21 CFR 7.41; 医疗器械召回管理办法; MDR Art. 87).

create function recall_market_wall() returns trigger language plpgsql as $$
begin
  if new.kind <> 'agency' and not exists (
      select from signature s join process_run r on r.id = s.run_id
       where r.recall_id = new.recall_id and s.subject = 'recall' and s.outcome = 'approve'
         and s.person_id = new.recorded_by_id) then
    raise exception 'the firm decides a class by the signature that approves the scope' using errcode = 'BW210';
  end if;
  if new.kind = 'agency' and not exists (
      select from recall c where c.id = new.recall_id and c.decided_at <= new.classified_at and c.status <> 'withdrawn') then
    raise exception 'an agency classifies what was decided' using errcode = 'BW210';
  end if;
  return new;
end $$;

create trigger recall_market_wall before insert on recall_market for each row execute function recall_market_wall();
create trigger told_by_its_actor before insert on recall_market
  for each row execute function by_its_actor('recorded_by_id');
create trigger api_stays_out before insert or update or delete on recall_market
  for each statement execute function api_stays_out();

-- what is done with the goods, and down to whom, is decided by the same signature
drop trigger api_stays_out on recall;
create trigger api_stays_out before insert or delete or update of status, recall_class, mode, hazard, opened_at, decided_at,
    held_at, closed_at, action, measure, depth on recall
  for each statement execute function api_stays_out();
