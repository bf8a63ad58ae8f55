-- Numbers are given by counters, not by counting rows: whoever takes one holds the counter until the end of the transaction, so two
-- never get the same, and what is rolled back leaves no gap.

create function numbering_wall() returns trigger language plpgsql as $$
begin
  if (new.kind, new.scope, new.site_id, new.year) is distinct from (old.kind, old.scope, old.site_id, old.year)
     or new.next < old.next then
    raise exception 'a counter of numbers only goes on' using errcode = 'BW355';
  end if;
  return new;
end $$;

create trigger numbering_wall before update on numbering for each row execute function numbering_wall();
create trigger kept before delete on numbering for each row execute function kept();

-- behind the highest number in use
insert into numbering (kind, site_id, year, next)
select r.mode, (select min(s.id) from site s), substring(r.recall_no from '^R[CD]-(\d{4})-\d+$')::int,
       max(substring(r.recall_no from '^R[CD]-\d{4}-(\d{1,9})$')::int) + 1
  from recall r where r.recall_no ~ '^R[CD]-\d{4}-\d{1,9}$' group by r.mode, 3;
insert into numbering (kind, scope, site_id, year, next)
select 'nonconformance', l.lot_no, (select min(s.id) from site s), 0,
       greatest(count(*), max(substring(n.nonconformance_no from '-(\d{1,9})$')::int)) + 1
  from nonconformance n join lot l on l.id = n.lot_id group by l.lot_no;
