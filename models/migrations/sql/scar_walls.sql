-- A supplier acts by its own number, as a customer does, through the link that it was sent (21 CFR 11.10(e); REQUIREMENTS 52).
create or replace function known_actor(who text, said text)
  returns boolean language sql stable security definer set search_path to 'public', 'pg_temp' as $function$
  select case
    when who ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
      then exists (select from person p where p.public_id = who::uuid and p.name = said and p.active)
    when who like 'customer:%' then exists (select from customer c where c.customer_no = substr(who, 10))
    when who like 'supplier:%' then exists (select from supplier s where s.supplier_no = substr(who, 10))
    when who like 'import:%' then who ~ '^import:[a-z0-9_.-]+$'
    else exists (select from service_actor s where s.actor_id = who) end
$function$;

-- Each request has a subject of its own, made in the statement that makes the row, whatever door it comes through (DESIGN 6a).
create or replace function subject_of_scar()
  returns trigger language plpgsql security definer set search_path to 'public', 'pg_temp' as $function$
begin
  if exists (select from new_rows n where n.subject_id > (select last_value from subject_id_seq)) then
    raise exception 'the subject of a row is numbered with it' using errcode = 'BW353';
  end if;

  insert into subject (id, kind, number, title, title_en, titled_by_id, site_id, entity_id, owner_id, opened_at)
  with made as materialized (
    select n.subject_id as id, n.scar_no as number, n.title as title, n.title as title_en, null::bigint as titled_by_id,
           (select min(p.id) from site p) as site_id, n.opened_at as opened_at, i.category as family, n.supplier_id as supplier_id
      from new_rows n left join item i on i.id = n.item_id),
  owned as materialized (
    select array[w.family, w.supplier_id::text, w.site_id::text] as for_whom,
           subject_owner('scar', w.family, w.supplier_id, w.site_id, null) as owner_id,
           (select e.id from legal_entity e where e.site_id = w.site_id) as entity_id
      from (select distinct family, supplier_id, site_id from made) w)
  select m.id, 'scar', m.number, m.title, m.title_en, m.titled_by_id, m.site_id, o.entity_id, o.owner_id, m.opened_at
    from made m join owned o on o.for_whom is not distinct from array[m.family, m.supplier_id::text, m.site_id::text];
  return null;
end $function$;
create trigger subject_made after insert on scar referencing new table as new_rows for each statement
  execute function subject_of_scar();
create trigger subject_fixed before update of subject_id on scar for each row
  when (old.subject_id is distinct from new.subject_id) execute function subject_fixed();

-- A request begins open; what it is about never changes, and it ends once: closed by a signature over an accepted answer, or withdrawn with a
-- reason (ISO 13485 7.4.1; REQUIREMENTS 52).
create or replace function scar_wall() returns trigger language plpgsql as $function$
begin
  if tg_op = 'INSERT' then
    if new.status <> 'open' or new.opened_at <> now() then
      raise exception 'request % begins open', new.scar_no using errcode = 'BW440';
    end if;
    return new;
  end if;
  if new is not distinct from old then
    return new;
  end if;
  if old.status <> 'open' or new.ended_at is distinct from now()
     or (new.public_id, new.scar_no, new.supplier_id, new.item_id, new.title, new.found, new.asks, new.opened_by_id, new.opened_at)
        is distinct from
        (old.public_id, old.scar_no, old.supplier_id, old.item_id, old.title, old.found, old.asks, old.opened_by_id, old.opened_at) then
    raise exception 'what request % is about never changes, and it ends once', old.scar_no using errcode = 'BW441';
  end if;
  if new.status = 'closed' and not exists (
       select from scar_round r join scar_answer a on a.round_id = r.id join scar_review v on v.answer_id = a.id
         join process_run p on p.subject_id = new.subject_id join signature s on s.run_id = p.id
        where r.scar_id = new.id and v.verdict = 'accepted' and s.signed_at = now()
          and r.round = (select max(x.round) from scar_round x where x.scar_id = new.id)) then
    raise exception 'request % is closed by a signature over an accepted answer', old.scar_no using errcode = 'BW442';
  end if;
  if new.status = 'withdrawn' and coalesce(btrim(new.end_reason), '') = '' then
    raise exception 'request % is withdrawn with a reason', old.scar_no using errcode = 'BW443';
  end if;
  return new;
end $function$;
create trigger scar_wall before insert or update on scar for each row execute function scar_wall();
create trigger kept before delete on scar for each row execute function kept();
create trigger opened_by_its_actor before insert on scar for each row execute function by_its_actor('opened_by_id');
create trigger scar_no_is_no_label before insert or update of scar_no on scar for each row
  when (may_be_label(new.scar_no)) execute function number_is_no_label('scar_no', 'BW260');

-- Rounds follow each other, of a request that is open, and none before the answer of the last one was reviewed (ISO 13485 7.4.1; REQUIREMENTS 52).
create or replace function scar_round_wall() returns trigger language plpgsql as $function$
begin
  if new.sent_at <> now() or new.expires_at <= now()
     or not exists (select from scar s where s.id = new.scar_id and s.status = 'open')
     or new.round <> (select coalesce(max(r.round), 0) + 1 from scar_round r where r.scar_id = new.scar_id)
     or exists (select from scar_round r join scar_answer a on a.round_id = r.id
                 where r.scar_id = new.scar_id and not exists (select from scar_review v where v.answer_id = a.id)) then
    raise exception 'the rounds of a request follow each other, while it is open' using errcode = 'BW444';
  end if;
  return new;
end $function$;
create trigger scar_round_wall before insert on scar_round for each row execute function scar_round_wall();
create trigger sent_by_its_actor before insert on scar_round for each row execute function by_its_actor('sent_by_id');

-- Whether the link of a round takes something now from whoever acts: from its own supplier, while the request is open, the round is the newest, its
-- time has not passed and nobody has answered.
create or replace function scar_takes(of_round bigint) returns boolean language sql stable as $function$
  select exists (
    select from scar_round r join scar s on s.id = r.scar_id join supplier p on p.id = s.supplier_id
     where r.id = of_round and s.status = 'open' and r.expires_at > now()
       and current_setting('bw.actor_id', true) = 'supplier:' || p.supplier_no
       and r.round = (select max(x.round) from scar_round x where x.scar_id = s.id)
       and not exists (select from scar_answer a where a.round_id = r.id))
$function$;

-- A file comes through a link that is in force, and no more of them than a link takes (ISO 13485 7.4.1; REQUIREMENTS 52).
create or replace function scar_file_wall() returns trigger language plpgsql as $function$
begin
  if new.arrived_at <> now() or not scar_takes(new.round_id) then
    raise exception 'a file comes from the supplier itself, through a link that is in force' using errcode = 'BW445';
  end if;
  if (select count(*) from scar_file f where f.round_id = new.round_id) >= 40 then
    raise exception 'a link takes forty files at most' using errcode = 'BW446';
  end if;
  return new;
end $function$;
create trigger scar_file_wall before insert on scar_file for each row execute function scar_file_wall();

-- A round is answered once, by its own supplier, through a link that is in force, with files that came through it (ISO 13485 7.4.1; REQUIREMENTS 52).
create or replace function scar_answer_wall() returns trigger language plpgsql as $function$
begin
  if new.answered_at <> now() or not scar_takes(new.round_id) then
    raise exception 'a request is answered by its supplier, through a link that is in force' using errcode = 'BW447';
  end if;
  if exists (select from unnest(new.files) d where not exists (
       select from scar_file f join stored_file t on t.id = f.file_id where f.round_id = new.round_id and t.digest = d)) then
    raise exception 'the files of an answer came through its link' using errcode = 'BW448';
  end if;
  return new;
end $function$;
create trigger scar_answer_wall before insert on scar_answer for each row execute function scar_answer_wall();

-- What we say of an answer is signed by who says it (ISO 13485 7.4.1; REQUIREMENTS 52).
create or replace function scar_review_wall() returns trigger language plpgsql as $function$
begin
  if new.reviewed_at <> now() or not exists (
       select from scar_answer a join scar_round r on r.id = a.round_id join scar c on c.id = r.scar_id
         join process_run p on p.subject_id = c.subject_id join signature s on s.run_id = p.id
        where a.id = new.answer_id and s.signed_at = now() and s.person_id = new.reviewed_by_id) then
    raise exception 'an answer is reviewed by a signature' using errcode = 'BW449';
  end if;
  return new;
end $function$;
create trigger scar_review_wall before insert on scar_review for each row execute function scar_review_wall();
