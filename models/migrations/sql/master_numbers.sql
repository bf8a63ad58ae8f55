-- A new number of master data that folds like one there is is refused, as those of batches are (models/rules/master.py);
-- what folds alike already stays, and what an earlier system brings is as it was there.

create function master_number_is_new() returns trigger language plpgsql as $$
declare
  given text := to_jsonb(new) ->> tg_argv[0];
  other text;
begin
  if to_jsonb(new) ->> 'origin' = 'migrated' or identity_key(given) = '' then
    return new;
  end if;
  -- of two who come at once with the same number, the second waits here and finds the first
  perform pg_advisory_xact_lock(hashtextextended(tg_table_name || ' ' || identity_key(given), 0));
  execute format('select %1$I from %2$I where identity_key(%1$I) = identity_key($1) and %1$I <> $1 limit 1',
                 tg_argv[0], tg_table_name) into other using given;
  if other is not null then
    raise exception 'a number must differ from every other in more than case, blanks and dashes: there is % already', other
      using errcode = 'BW202';
  end if;
  return new;
end $$;

create trigger master_number_is_new before insert on item for each row execute function master_number_is_new('item_no');
create trigger master_number_is_new before insert on supplier
  for each row execute function master_number_is_new('supplier_no');
create trigger master_number_is_new before insert on customer
  for each row execute function master_number_is_new('customer_no');
create trigger master_number_is_new before insert on equipment
  for each row execute function master_number_is_new('equipment_no');
create trigger master_number_is_new before insert on location for each row execute function master_number_is_new('code');
