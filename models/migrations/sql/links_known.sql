-- Since when a link is known, and until when it counted (REQUIREMENTS 13, 21; DESIGN 9, as-of).
--
-- Links are append-only; a correction is a new link that names the wrong one.  So that the closure need not ask for each
-- link whether a later one took its place, the wrong link carries the moment at which that became known.  Nobody writes
-- it: this trigger does, once, and the row's guard lets nothing else through.

create function link_is_kept() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.superseded_at is null
     and to_jsonb(new) - 'superseded_at' = to_jsonb(old) - 'superseded_at'
     and exists (select from genealogy_edge s where s.supersedes_id = old.id and s.recorded_at = new.superseded_at) then
    return new;
  end if;
  raise exception 'genealogy_edge is append-only: % refused', tg_op
    using errcode = 'BW002', hint = 'correct by a new row that names the old one';
end $$;

drop trigger append_only on genealogy_edge;
create trigger append_only before update or delete on genealogy_edge for each row execute function link_is_kept();

-- the owner's right, because the application may not update a link
create function supersede_link() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  -- two corrections of one link at once: the second waits for the first here, and then finds it done
  update genealogy_edge set superseded_at = new.recorded_at where id = new.supersedes_id and superseded_at is null;
  if not found then
    raise exception 'link % is corrected already', new.supersedes_id
      using errcode = 'BW037', hint = 'correct the link that took its place';
  end if;
  return null;
end $$;

create trigger supersede_link after insert on genealogy_edge for each row
  when (new.supersedes_id is not null) execute function supersede_link();
