-- What a CAPA is about is added and ended by people while it is open, each with a reason, and is never rewritten (REQUIREMENTS 41).
create or replace function capa_scope_wall() returns trigger language plpgsql as $function$
begin
  if not exists (select from capa c where c.id = new.capa_id and c.status = 'open') then
    raise exception 'what an ended CAPA was about stays as it was' using errcode = 'BW397';
  end if;
  if tg_op = 'INSERT' then
    if new.ended_at is not null then
      raise exception 'a part of a scope isn''t ended before it is there' using errcode = 'BW398';
    end if;
    return new;
  end if;
  if (old.ended_at is not null and new is distinct from old)
     or (to_jsonb(new) - array['ended_by_id', 'ended_at', 'end_reason']) is distinct from
        (to_jsonb(old) - array['ended_by_id', 'ended_at', 'end_reason']) then
    raise exception 'a part of a scope is ended once, and otherwise stays as it was' using errcode = 'BW398';
  end if;
  return new;
end $function$;
create trigger capa_scope_wall before insert or update on capa_scope for each row execute function capa_scope_wall();
create trigger added_by_its_actor before insert on capa_scope for each row execute function by_its_actor('added_by_id');
create trigger ended_by_its_actor before update on capa_scope for each row
  when (new.ended_by_id is distinct from old.ended_by_id) execute function by_its_actor('ended_by_id');
