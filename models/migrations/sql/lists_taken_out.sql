-- Who took a list out of the record is who acts, at the moment of it (21 CFR 11.10(e)).
create function list_export_wall() returns trigger language plpgsql as $$
begin
  if not coalesce(acts_as(new.person_id), false) or new.at <> now() then
    raise exception 'a list is taken out by whoever acts, when they do' using errcode = 'BW365';
  end if;
  return new;
end $$;

create trigger taken_out_by_actor before insert on list_export for each row execute function list_export_wall();

-- A saved view is its owner's: nobody else names it, changes what it shows or takes it away, shared or not (DESIGN 2.4).
create function saved_view_wall() returns trigger language plpgsql as $$
declare
  it saved_view := coalesce(new, old);
begin
  if not coalesce(acts_as(it.person_id), false)
     or (tg_op = 'UPDATE' and (new.person_id, new.list_key, new.created_at) is distinct from (old.person_id, old.list_key, old.created_at)) then
    raise exception 'a saved view is changed by its owner and stays theirs' using errcode = 'BW366';
  end if;
  if tg_op = 'DELETE' then
    return old;
  end if;
  if (tg_op = 'INSERT' and new.version <> 1) or (tg_op = 'UPDATE' and new.version <> old.version + 1)
     or new.changed_at <> now()
     or (new.for_role is not null and (tg_op = 'INSERT' or new.for_role is distinct from old.for_role)
         and not held_role(new.person_id, new.for_role, now())) then
    raise exception 'a saved view counts its changes, and is shared with a role that its owner has' using errcode = 'BW367';
  end if;
  return new;
end $$;

create trigger owner_keeps before insert or update or delete on saved_view for each row execute function saved_view_wall();

create trigger worker_has_no_say before insert or update or delete on list_export
  for each statement execute function worker_has_no_say();
create trigger worker_has_no_say before insert or update or delete on saved_view
  for each statement execute function worker_has_no_say();
