-- Which batches a thing touches, of those named where some are: one function for each kind of thing that can change, `affected_by_<kind>`.
-- Whoever lets another kind of thing change adds the function of that name (models/process/changeable.py).
create or replace function affected_by_item(target text, among bigint[]) returns setof bigint language sql stable as $function$
  select l.id from item i join lot l on l.item_id = i.id where i.item_no = target and (among is null or l.id = any (among))
  union
  -- and what is being made of it
  select w.lot_id from work_order w
   where w.lot_id is not null and w.status = 'open' and (among is null or w.lot_id = any (among))
     and w.extra -> 'bill' @> jsonb_build_array(jsonb_build_object('item_no', target))
$function$;

create or replace function affected_by_supplier(target text, among bigint[]) returns setof bigint language sql stable as $function$
  select l.id from supplier s join lot l on l.supplier_id = s.id where s.supplier_no = target and (among is null or l.id = any (among))
$function$;

create or replace function affected_by_equipment(target text, among bigint[]) returns setof bigint language sql stable as $function$
  -- what was made with it, and open orders of which a step asks for a machine of its kind
  select r.lot_id from equipment e join operation_equipment o on o.equipment_id = e.id join operation_run r on r.id = o.operation_run_id
   where e.equipment_no = target and (among is null or r.lot_id = any (among))
  union
  select w.lot_id from equipment e join routing_step s on s.equipment_kind = e.kind join work_order w on w.id = s.work_order_id
   where e.equipment_no = target and w.lot_id is not null and w.status = 'open' and (among is null or w.lot_id = any (among))
$function$;

create or replace function affected_by_inspection_plan(target text, among bigint[]) returns setof bigint language sql stable as $function$
  -- a plan without an item is for every item of its kind
  select l.id from inspection_plan p join lot l on l.item_id = p.item_id or (p.item_id is null and l.kind = p.item_kind)
   where p.code = target and (among is null or l.id = any (among))
$function$;

create or replace function affected_by_document(target text, among bigint[]) returns setof bigint language sql stable as $function$
  select w.lot_id from work_order w where w.document = target and w.lot_id is not null and (among is null or w.lot_id = any (among))
$function$;

create or replace function affected_by_definition(target text, among bigint[]) returns setof bigint language sql stable as $function$
  select r.lot_id from definition_version d join process_run r on r.definition_id = d.id
   where d.key = target and r.status = 'running' and r.lot_id is not null and (among is null or r.lot_id = any (among))
$function$;

create or replace function affected_by_software(target text, among bigint[]) returns setof bigint language sql immutable as $function$
  -- no register of software yet: its batches are named by hand
  select null::bigint where false
$function$;

-- Where the steps of a batch's life stand, in their order; `models.lot.rules.locked.rank` says the same and a test holds the two together.
create or replace function batch_step_rank(step text, seq integer) returns integer language sql immutable as $function$
  select 100000 * array_position(array['incoming', 'operation', 'final', 'package', 'release', 'put_away', 'leave'], step)
         + case when step = 'operation' then least(seq, 99999) else 0 end
$function$;

-- The step that comes next for each of these batches; none for what is rejected or closed.
create or replace function batch_stands(lots bigint[]) returns table (lot_id bigint, step text, seq integer) language sql stable as $function$
  select l.id,
         case l.status
           when 'received' then 'incoming' when 'in_process' then 'operation' when 'finished' then 'final' when 'packed' then 'release'
           when 'inspected' then case l.kind when 'in_process' then 'release' else 'package' end
           when 'released' then case when exists (
             select from human_task t where t.lot_id = l.id and t.status = 'open'
                and step_did(t.run_id, t.stage, null, 'warehouse.put_away')) then 'put_away' else 'leave' end end,
         case when l.status = 'in_process' then coalesce((
           select min(s.seq) from work_order w join routing_step s on s.work_order_id = w.id
            where w.lot_id = l.id and w.status = 'open' and not exists (
              select from operation_run r where r.work_order_id = w.id and r.seq = s.seq
                 and r.run_no >= coalesce((w.extra ->> 'cycle')::integer, 1))), 0) else 0 end
    from lot l where l.id = any (lots) and l.status not in ('rejected', 'closed')
$function$;

-- Everything that a change touches, of those batches where some are named: by what changes, and what somebody has named by hand.
create or replace function change_touches(of_change bigint, among bigint[]) returns setof bigint language plpgsql stable as $function$
declare
  c change;
begin
  select * into c from change where id = of_change;
  return query execute format('select a from %I($1, $2) a', 'affected_by_' || c.kind) using c.target, among;
  return query select l.id from lot l where l.lot_no = any (c.also) and (among is null or l.id = any (among));
end $function$;

-- The batches that a change pauses and from which step on: those that haven't come past its first step.  What is released and used up isn't
-- there any more; of a batch that is just being made nothing can be in stock yet.
create or replace function change_pauses(of_change bigint, among bigint[])
  returns table (lot_id bigint, step text, seq integer) language sql stable as $function$
  select s.lot_id, case when c.first_step = 'next' then s.step else c.first_step end, case when c.first_step = 'next' then s.seq else c.first_seq end
    from change c, batch_stands(array(select distinct t from change_touches(of_change, among) t)) s
   where c.id = of_change and (c.first_step = 'next' or batch_step_rank(s.step, s.seq) <= batch_step_rank(c.first_step, c.first_seq))
     and (s.step <> 'leave' or among is not null or exists (select from stock k where k.lot_id = s.lot_id and k.quantity > 0))
$function$;

-- Which step of a batch a task is, by its family and its effects; none where it moves the batch no further (models/lot/store/open_locks.py).
create or replace function task_batch_step(t human_task) returns text language sql stable as $function$
  select case when in_family(t.process, 'incoming-inspection') then 'incoming' when in_family(t.process, 'final-inspection') then 'final'
              when in_family(t.process, 'release') then 'release'
              when step_did(t.run_id, t.stage, null, 'packaging.reconcile') then 'package'
              when step_did(t.run_id, t.stage, null, 'warehouse.put_away') then 'put_away' end
$function$;

-- Whether a change forbids a batch that step, and has since that moment.
create or replace function batch_is_paused(of_lot bigint, at_step text, at_seq integer, began timestamptz)
  returns boolean language sql stable as $function$
  select exists (
    select from change_lock k where k.lot_id = of_lot and k.decided_at is null and k.freed_at is null and k.locked_at <= began
       and batch_step_rank(k.step, k.seq) <= batch_step_rank(at_step, at_seq))
$function$;
