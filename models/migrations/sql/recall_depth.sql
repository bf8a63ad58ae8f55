-- The depth of a recall chooses whom it tells: a class I goes down to the user, and nobody below the depth gets a notice
-- (21 CFR 7.42(b)(1)).

create function recall_depth_wall() returns trigger language plpgsql as $$
begin
  -- what was decided before this rule stands until somebody decides again
  if new.recall_class = 'I' and new.depth in ('wholesale', 'retail')
     and (tg_op = 'INSERT' or (new.recall_class, new.depth) is distinct from (old.recall_class, old.depth)) then
    raise exception 'a class I recall goes down to the user' using errcode = 'BW230';
  end if;
  return new;
end $$;

create trigger recall_depth_wall before insert or update of recall_class, depth on recall
  for each row execute function recall_depth_wall();

create function recall_notice_depth_wall() returns trigger language plpgsql as $$
declare
  levels constant text[] := array['wholesale', 'retail', 'user'];
begin
  -- who got the goods from somebody that was told is told because of that answer, whatever the level of who passed them on
  if to_jsonb(new) ->> 'parent_id' is null and exists (
      select from recall r, customer c where r.id = new.recall_id and c.id = new.customer_id
         and array_position(levels, c.level) > array_position(levels, r.depth)) then
    raise exception 'the recall does not go down to this customer' using errcode = 'BW231';
  end if;
  return new;
end $$;

create trigger recall_notice_depth_wall before insert on recall_notice
  for each row execute function recall_notice_depth_wall();
