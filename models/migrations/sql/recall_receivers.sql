-- Goods that a consignee passed on (21 CFR 7.42(b)(1), 7.49(d)): receivers are named by the answer that says so, for no more
-- than it passed on, never in a circle; what a notice tells of stays.

create unique index recall_notice_receiver_identity on recall_notice (parent_id, identity_key(receiver));

create function recall_receiver_wall() returns trigger language plpgsql as $$
declare
  above recall_notice;
  given numeric;
  round boolean;
begin
  if new.acknowledged_at is not null or new.received is not null or new.passed_on is not null then
    raise exception 'a notice is answered after it was written' using errcode = 'BW220';
  end if;
  if new.parent_id is null then
    return new;
  end if;
  -- one answer's receivers at a time
  select * into above from recall_notice where id = new.parent_id for no key update;
  if above.id is null or above.acknowledged_at is null or above.recall_id <> new.recall_id
     or above.customer_id <> new.customer_id or above.scope_version <> new.scope_version
     or not exists (select from recall c where c.id = new.recall_id and c.status = 'open') then
    raise exception 'a receiver is named by the answer that passed goods on' using errcode = 'BW220';
  end if;
  if exists (select from jsonb_array_elements(new.lines) one
              where not exists (select from jsonb_array_elements(above.lines) its
                                 where its ->> 'lot_no' = one ->> 'lot_no'
                                   and (one ->> 'quantity')::numeric
                                       <= least((its ->> 'quantity')::numeric, new.shipped))) then
    raise exception 'a receiver got none but what was passed on' using errcode = 'BW220';
  end if;
  select coalesce(sum(shipped), 0) into given from recall_notice where parent_id = new.parent_id;
  if given + new.shipped > coalesce(above.passed_on, 0) then
    raise exception 'receivers got more than was passed on' using errcode = 'BW221';
  end if;
  with recursive up as (
    select n.id, n.parent_id, coalesce(n.receiver, c.name) as name
      from recall_notice n join customer c on c.id = n.customer_id where n.id = new.parent_id
    union all
    select n.id, n.parent_id, coalesce(n.receiver, c.name)
      from up join recall_notice n on n.id = up.parent_id join customer c on c.id = n.customer_id)
  select exists (select from up where identity_key(name) = identity_key(new.receiver)) into round;
  if round then
    raise exception 'goods are not passed on to who passed them on' using errcode = 'BW222';
  end if;
  return new;
end $$;

create trigger recall_receiver_wall before insert on recall_notice
  for each row execute function recall_receiver_wall();

create or replace function recall_notice_wall() returns trigger language plpgsql as $$
begin
  if (new.recall_id, new.customer_id, new.parent_id, new.receiver, new.contact, new.email, new.phone, new.scope_version,
      new.lines, new.shipped)
     is distinct from (old.recall_id, old.customer_id, old.parent_id, old.receiver, old.contact, old.email, old.phone,
      old.scope_version, old.lines, old.shipped) then
    raise exception 'what a notice tells of, and whom, stays' using errcode = 'BW223';
  end if;
  if old.acknowledged_at is not null
     and (new.acknowledged_at, new.received, new.on_hand, new.used, new.will_return, new.passed_on)
     is distinct from (old.acknowledged_at, old.received, old.on_hand, old.used, old.will_return, old.passed_on) then
    raise exception 'what a customer has acknowledged stays' using errcode = 'BW073';
  end if;
  if old.acknowledged_at is null and new.acknowledged_at is not null
     and (new.received > new.shipped or new.received <> new.on_hand + new.used + coalesce(new.passed_on, 0)
          or new.will_return > new.on_hand) then
    raise exception 'an answer is about what came, and all of it' using errcode = 'BW224';
  end if;
  return new;
end $$;

create or replace function recall_check_wall() returns trigger language plpgsql as $$
begin
  if not exists (select from recall_notice n join recall_sample s on s.recall_id = n.recall_id
                   and s.scope_version = n.scope_version where n.id = new.notice_id and s.id = new.sample_id
                   and (n.parent_id is not null or s.wave = 0)) then
    raise exception 'the checked customer was not told of that version of the scope' using errcode = 'BW076';
  end if;
  return new;
end $$;

-- who may post a letter writes none
create trigger api_stays_out before insert or delete or update of acknowledged_at, received, on_hand, used, will_return,
    passed_on on recall_notice
  for each statement execute function api_stays_out();
