-- One key per number (models/rules/identity.py says what it folds and why); the same function, and a test says so.
-- Ranges are code points: the collation "C" knows nothing else.
create function identity_key(typed text) returns text language plpgsql immutable strict parallel safe as $$
declare
  folded text;
begin
  if typed collate "C" ~ '^[A-Z0-9./]+(-[A-Z0-9./]+)*$' then
    return typed;
  end if;
  folded := regexp_replace(typed collate "C", '[\u0001-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+', '', 'g');
  folded := upper(normalize(folded, NFKC) collate pg_unicode_fast);
  folded := regexp_replace(normalize(folded, NFKC) collate "C", '[\u0001-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+', '', 'g');
  return trim(both '-' from regexp_replace(folded collate "C",
    '[\u0009-\u000d\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u2800\u3000\u002d\u02d7\u058a\u05be\u1400\u1806\u2010-\u2015\u2043\u207b\u208b\u2212\u2500\u2501\u2796\u2e17\u2e1a\u2e3a\u2e3b\u2e40\u2e5d\u301c\u3030\u30a0\ufe31\ufe32\ufe58\ufe63\uff0d\U00010ead\u005f\u203f\u2040\u2054\ufe33\ufe34\ufe4d-\ufe4f\uff3f]+', '-', 'g'));
end $$;

create function near_key(typed text) returns text language plpgsql immutable strict parallel safe as $$
begin
  return translate(identity_key(typed), '-./', '');
end $$;

-- The search keys of before deleted separators of the raw text; now they are of the number that is meant.
alter table lot alter column lot_key set expression as (near_key(lot_no));
alter table lot alter column supplier_lot_key set expression as (near_key(supplier_lot_no));
alter table serial_unit alter column serial_key set expression as (near_key(serial_no));
alter table logistic_unit alter column unit_key set expression as (near_key(unit_no));

-- Every other number is found by its key too.
create index item_item_no_identity on item (identity_key(item_no));
create index item_catalogue_no_identity on item (identity_key(catalogue_no));
create index item_identifier_code_identity on item_identifier (identity_key(code));
create index supplier_item_no_identity on supplier_item (identity_key(supplier_item_no));
create index shipment_no_identity on shipment (identity_key(shipment_no));
create index shipment_order_no_identity on shipment (identity_key(order_no));
create index shipment_tracking_no_identity on shipment (identity_key(tracking_no));
create index work_order_no_identity on work_order (identity_key(work_order_no));
create index operation_run_load_no_identity on operation_run (identity_key(load_no));
create index equipment_no_identity on equipment (identity_key(equipment_no));
create index customer_no_identity on customer (identity_key(customer_no));
create index supplier_no_identity on supplier (identity_key(supplier_no));
create index location_code_identity on location (identity_key(code));
create index inspection_no_identity on inspection (identity_key(inspection_no));
create index nonconformance_no_identity on nonconformance (identity_key(nonconformance_no));

-- A new number of our own that folds like one there is is refused; what folds alike already stays, and is listed.
create table own_number (
  identity text primary key,
  lot_id bigint not null references lot (id)
);
insert into own_number (identity, lot_id)
  select identity_key(lot_no), min(id) from lot where identity_key(lot_no) <> '' group by 1;

create function own_number_is_new() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
declare
  other text;
begin
  -- lots that are brought over from an older system are as they are
  insert into own_number (identity, lot_id)
    select identity_key(n.lot_no), min(n.id) from new_rows n where n.origin = 'migrated' and identity_key(n.lot_no) <> ''
     group by 1 order by 1
    on conflict do nothing;
  begin
    insert into own_number (identity, lot_id)
      select identity_key(n.lot_no), n.id from new_rows n where n.origin <> 'migrated' and identity_key(n.lot_no) <> ''
       order by 1;
  exception when unique_violation then
    select l.lot_no into other from new_rows n join own_number o on o.identity = identity_key(n.lot_no)
      join lot l on l.id = o.lot_id where n.origin <> 'migrated' limit 1;
    raise exception 'a batch number must differ from every other in more than case, blanks and dashes: there is % already',
      coalesce(other, 'one') using errcode = 'BW137';
  end;
  return null;
end $$;

create trigger own_number_is_new after insert on lot referencing new table as new_rows
  for each statement execute function own_number_is_new();
