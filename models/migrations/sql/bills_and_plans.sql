-- What a product is made of never leads back to it (BOM-002), and for an item, or a kind of items, one plan is effective at
-- a stage (INP-009): whoever writes it, by whichever door, and also where two write at the same time.  Rows of before stay
-- as they are until they are touched.

create function bill_leads_back() returns trigger language plpgsql as $$
begin
  perform pg_advisory_xact_lock(hashtext('bom_line'));
  if new.component_id = new.item_id or exists (
      with recursive part (id) as (
        select b.component_id from bom_line b where b.item_id = new.component_id and b.id <> new.id
        union select b.component_id from bom_line b join part p on p.id = b.item_id where b.id <> new.id)
      select from part where id = new.item_id) then
    raise exception 'item % would be made of itself', (select item_no from item where id = new.item_id)
      using errcode = 'BW163';
  end if;
  return new;
end $$;

create trigger bom_line_leads_back before insert or update of item_id, component_id on bom_line for each row
  execute function bill_leads_back();

create function plan_is_one() returns trigger language plpgsql as $$
begin
  perform pg_advisory_xact_lock(hashtext('inspection_plan'));
  if exists (
      select from inspection_plan p where p.status = 'effective' and p.id <> new.id and p.stage = new.stage
        and (p.item_id, p.item_kind) is not distinct from (new.item_id, new.item_kind)) then
    raise exception 'another plan of the same items is effective at this stage' using errcode = 'BW164';
  end if;
  return new;
end $$;

create trigger inspection_plan_is_one before insert or update of status, stage, item_id, item_kind on inspection_plan
  for each row when (new.status = 'effective') execute function plan_is_one();
