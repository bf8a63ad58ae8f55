"""What a plant has of what its first batch needs, counted in the record (DESIGN 12)."""

from sqlalchemy import text
from sqlmodel import Session

from models.plant.rules import first_batch as rules

MOST = 20
"""Of what is missing, so many are named; the numbers are whole."""

PEOPLE = text("""
with holder as (
  select distinct g.person_id, g.role from role_grant g join person p on p.id = g.person_id
   where p.active and p.kind = 'human' and g.revoked_at is null and (g.valid_until is null or g.valid_until > now())
     and exists (select from account a where a.person_id = p.id and not a.disabled and a.own_since is not null)
)
select 'role_' || role as key, count(*) as there from holder group by role
union all
-- the two who sign: a reviewer and an approver, who are not the same person
select 'signers', case when exists (select from holder r join holder a on a.person_id <> r.person_id
   where r.role = 'qa_reviewer' and a.role = 'qa_approver') then 2
   else least(1, (select count(*) from holder where role in ('qa_reviewer', 'qa_approver'))) end
""")
THINGS = text("""
select 'place_quarantine' as key, count(*) as there from location where kind = 'quarantine'
union all select 'place_line', count(*) from location where kind in ('line', 'cleanroom')
union all select 'place_storage', count(*) from location where kind = 'storage'
union all select 'supplier', count(*) from supplier where status <> 'blocked'
union all select 'customer', count(*) from customer
union all select 'item_bought', count(*) from item where active and kind in ('raw', 'component')
union all select 'item_made', count(*) from item where active and kind in ('in_process', 'finished', 'packaged')
""")
PLANS = text("""
select 'bill' as key, i.item_no, exists (select from bom_line b where b.item_id = i.id) as there
  from item i where i.active and i.kind in ('in_process', 'finished', 'packaged')
union all
select s.key, i.item_no, exists (select from inspection_plan p where p.stage = s.stage and p.status = 'effective'
         and (p.item_id = i.id or p.item_id is null and p.item_kind = i.kind)) as there
  from item i join (values ('plan_incoming', 'incoming', array['raw', 'component']),
                           ('plan_final', 'final', array['in_process', 'finished', 'packaged'])) s (key, stage, kinds)
    on i.kind = any(s.kinds)
 where i.active order by 2
""")
ASKED = text("""
select distinct 'gauge' as key, c.equipment_kind as what, exists (
    select from equipment e left join lateral (select k.result, k.due_at from calibration k where k.equipment_id = e.id
       order by k.performed_at desc, k.id desc limit 1) k on true
     where e.kind = c.equipment_kind and e.status = 'in_service'
       and not exists (select from equipment_block b where b.equipment_id = e.id and b.lifted_at is null)
       and (not e.needs_calibration or coalesce(k.result = 'passed' and k.due_at > now(), false))) as there
  from characteristic c join inspection_plan p on p.id = c.plan_id
 where p.status = 'effective' and c.equipment_kind is not null
union
select 'skill', p.qualification, exists (select from qualification q join person n on n.id = q.person_id
    where n.active and q.code = p.qualification and q.valid_from <= now() and (q.valid_until is null or q.valid_until > now()))
  from inspection_plan p where p.status = 'effective' and p.qualification is not null
 order by 1, 2
""")


def readiness(session: Session) -> rules.Readiness:
    """The list with what is there; four statements, however much there is."""
    connection = session.connection()
    there = {row.key: row.there for query in (PEOPLE, THINGS) for row in connection.execute(query)}
    asked: dict[str, int] = {}
    missing: dict[str, list[str]] = {}
    pairs = [*((row.key, row.item_no, row.there) for row in connection.execute(PLANS))]
    pairs += [(row.key, row.what, row.there) for row in connection.execute(ASKED)]
    for key, what, has in pairs:
        asked[key] = asked.get(key, 0) + 1
        there[key] = there.get(key, 0) + int(has)
        if not has:
            missing.setdefault(key, []).append(what)
    named = {key: tuple(found[:MOST]) for key, found in missing.items()}
    return rules.readiness(rules.Found(there=there, asked=asked, details=named))
