-- One function says what may be a label, and the database's reader of labels reads EPC URIs as the rule does
-- (models/rules/identifiers_epc.py).  No own number of anything in the plant is a whole label; those of before stay and are listed.
-- What stands here holds instead of its namesakes in labels.sql.
drop trigger lot_no_is_no_label on lot;
drop trigger supplier_lot_no_is_no_label on lot;
drop trigger serial_no_is_no_label on serial_unit;
drop trigger unit_no_is_no_label on logistic_unit;
drop index lot_no_label, supplier_lot_no_label, serial_no_label, unit_no_label;

-- What can't be a label is told from its characters alone.  Without a search path of its own, so that the planner sees through it:
-- indexes and conditions on them cost what the expression costs.
create function may_be_label(typed text) returns boolean language sql immutable strict parallel safe as $$
  select typed collate "C" ~ '[^A-Za-z0-9 ._-]|^ *(0[0-2][0-9]{14}|[Mm][Aa][.]156[.]|([Ll][Oo][Tt]|[Bb][Aa][Tt][Cc][Hh]|[Ss][Ee][Rr][Ii][Aa][Ll]) *[NnCc])'
$$;

create function gs1_check(body text) returns text language sql immutable strict parallel safe as $$
  select ((10 - sum((ascii(substr(body, n, 1)) - 48) * case when (length(body) - n) % 2 = 0 then 3 else 1 end) % 10) % 10)::text
    from generate_series(1, length(body)) n
$$;

-- The serial, lot or SSCC of an EPC URI; empty where it names something else, null where it is none.
create function label_epc(content text) returns text[] language plpgsql immutable strict parallel safe as $$
declare
  said text[] := regexp_match(content collate "C",
    '^urn:epc:(id|class|idpat|tag):([a-z]+)(-[0-9]+)?:(?:([0-7])[.])?([0-9]{6,12})[.](.*)$', 'i');
  kind text := lower(said[1]);
  scheme text := lower(said[2]);
  tail_is constant text := '^([!''()*+,.:;=_A-Za-z0-9-]|%(2[1-9A-F]|[3-6][0-9A-F]|7[0-9A-E]))+$';
  width int := case when scheme in ('sgtin', 'lgtin', 'upui') then 13 when scheme in ('sgln', 'pgln', 'grai', 'gdti') then 12
                    when scheme in ('sscc', 'gsrn', 'gsrnp') then 17 when scheme = 'gsin' then 16 end;
  apart int := strpos(said[6], '.');
  reference text := case when apart > 0 then left(said[6], apart - 1) else said[6] end;
  tail text := case when apart > 0 then substr(said[6], apart + 1) end;
begin
  if said is null or (kind = 'tag') <> (said[3] is not null) or (kind = 'tag') <> (said[4] is not null)
      or (kind = 'class' and scheme <> 'lgtin') then
    return null;
  elsif scheme in ('giai', 'ginc') then
    return case when said[6] collate "C" ~* tail_is then '{}'::text[] end;
  elsif width is null or length(said[5]) + length(reference) <> width or reference collate "C" !~ '^[0-9]*$'
      or (tail is not null) <> (scheme not in ('sscc', 'pgln', 'gsrn', 'gsrnp', 'gsin')) or tail collate "C" !~* tail_is then
    return null;
  elsif scheme = 'sscc' then
    reference := left(reference, 1) || said[5] || substr(reference, 2);
    return array[reference || gs1_check(reference)];
  elsif scheme in ('sgtin', 'lgtin') and not (kind = 'idpat' and tail = '*') then
    return array[unquoted(tail)];
  end if;
  return '{}';
end $$;

-- The numbers that a content holds, empty where it is a label without any; null where it is no label by itself.
create or replace function label_content(content text, symbology text) returns text[] language plpgsql immutable parallel safe as $$
declare
  digits text := translate(content, ' -', '');
  unmarked text := translate(content, '^|~', E'\x1d\x1d\x1d');
  found text[];
  read record;
  inside text;
begin
  if symbology in (']C1', ']e0', ']e1', ']e2', ']d2', ']Q3', ']J1') then
    read := gs1_read(content);
    return gs1_numbers(read.said);
  elsif symbology ~ '^.[EI]' then
    if split_part(content, '|', 2) like ']e0%' then
      read := gs1_read(substr(content, strpos(content, '|') + 4));
      found := gs1_numbers(read.said);
    end if;
    inside := btrim(content, E'\x1d');
    return case when found <> '{}' then found when strpos(inside, E'\x1d') > 0 then '{}' else array[inside] end;
  end if;
  found := coalesce(label_epc(content), label_link(content), label_bracketed(content));
  if found is null and symbology is null and content ~ '^[\^\u001d]' then
    read := gs1_read(replace(content, '^', E'\x1d'));
    found := gs1_numbers(read.said);
  end if;
  found := coalesce(found, label_hibc(content), label_ma(content));
  if found is not null then
    return found;
  end if;
  if digits collate "C" ~ '^[0-9]+$' then
    if length(digits) = 18 and gs1_csum(digits) then
      return array[digits];
    elsif length(digits) in (8, 12, 13, 14) and gs1_csum(digits) then
      return array[content];
    elsif length(digits) in (12, 13, 14, 18) then
      return null;
    end if;
  end if;
  if length(unmarked) >= 16 and (left(unmarked, 2) = '00' and gs1_csum(substr(unmarked, 3, 18))
      or left(unmarked, 2) in ('01', '02') and length(unmarked) >= 16 and gs1_csum(substr(unmarked, 3, 14))) then
    read := gs1_read(unmarked);
    if read.clean or strpos(unmarked, E'\x1d') > 0 then
      return gs1_numbers(read.said);
    end if;
  end if;
  inside := btrim((regexp_match(content, '^[*]([^*]+)[*]$'))[1], E' \x1d');
  if inside is not null then
    found := label_content(inside, symbology);
    inside := btrim(inside, E'\x1d');
    return coalesce(found, case when strpos(inside, E'\x1d') = 0 and inside <> '' then array[inside] else '{}' end);
  end if;
  inside := coalesce(
    (regexp_match(content, '^(?:(?:lot|batch)(?:[\s\u001d]*(?:no\.?|nr\.?|number|code))?[\s\u001d]*[:#=]|(?:lot|batch)[\s\u001d]*(?:no|nr|number|code)(?:\.[\s\u001d]*|[\s\u001d]+)'
      '|[【\[](?:lot|批号|批次号?)[】\]]|(?:生产|产品|供方|供应商)?批次?号?[\s\u001d]*[:#=]|(?:生产|产品)?批号[\s\u001d])[\s\u001d]*(.+)$', 'i'))[1],
    (regexp_match(content, '^(?:(?:sn|s/n|serial)(?:[\s\u001d]*(?:no\.?|nr\.?|number))?[\s\u001d]*[:#=]|(?:s/n|serial[\s\u001d]*(?:no|nr|number))(?:\.[\s\u001d]*|[\s\u001d]+)'
      '|[【\[](?:s/?n|序列号)[】\]]|(?:序列号|出厂编号)[\s\u001d]*[:#=\s\u001d])[\s\u001d]*(.+)$', 'i'))[1]);
  inside := btrim(btrim(inside, E' \x1d'), '*');
  return case when inside <> '' then coalesce(label_content(inside, symbology), array[inside]) end;
end $$;

-- The numbers that a stored text holds where it is a whole label: its lot, its serial number, its SSCC, or all that a plain code
-- says.  Null where it is a number.
create or replace function label_numbers(typed text) returns text[]
  language plpgsql immutable strict parallel safe set search_path = public, pg_temp as $$
declare
  whole text;
  content text;
  symbology text;
  found text[];
begin
  if not may_be_label(typed) then
    return null;
  end if;
  whole := regexp_replace(typed collate "C", '[\u0001-\u0008\u000e-\u001c\u001e-\u001f\u007f-\u0084\u0086-\u009f\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+', '', 'g');
  if length(whole) > 500 then
    return null;
  end if;
  whole := regexp_replace(whole collate "C", '\{GS\}|<GS>|\[GS\]|\{FNC1\}|<FNC1>|\[FNC1\]|\\x1d|\\u001d|&#(?:29|x1d);|\u241d', E'\x1d', 'gi');
  whole := translate(btrim(normalize(whole, NFKC), E' \t\r\n'), E'\t\r\n', '   ');
  if length(whole) > 500 or btrim(whole, E'\x1d ') = '' or not unicode_assigned(whole)
      or whole collate "C" ~ '[\u000b\u000c\u0085\ue000-\uf8ff\u2195-\u2199\u219c-\u219f\u21a1-\u21a2\u21a4-\u21a5\u21a7-\u21ad\u21af-\u21cd\u21d0-\u21d1\u21d3\u21d5-\u21f3\u2300-\u2307\u230c-\u231f\u2322-\u2328\u232b-\u237b\u237d-\u239a\u23b4-\u23db\u23e2-\u2426\u2440-\u244a\u2500-\u25b6\u25b8-\u25c0\u25c2-\u25f7\u2600-\u266e\u2670-\u2767\u2794-\u27bf\u2800-\u28ff\u2b00-\u2b2f\u2b45-\u2b46\u2b4d-\u2b73\u2b76-\u2b95\u2b97-\u2bff\u2ce5-\u2cea\u2e50-\u2e51\u2e80-\u2e99\u2e9b-\u2e9e\u2ea0-\u2ef2\u2ff0-\u2ffb\u3004\u3012-\u3013\u3020\u3037\u303e-\u303f\u3190-\u3191\u31c0-\u31e3\u327f\u4dc0-\u4dff\ua490-\ua4c6\ua828-\ua82b\ua836-\ua837\ua839\uaa77-\uaa79\ufd40-\ufd4f\ufdcf\ufdfd-\ufdff\ufffc-\ufffd\U00010137-\U0001013f\U00010179-\U00010189\U0001018c-\U0001018e\U00010190-\U0001019c\U000101a0\U000101d0-\U000101fc\U00010877-\U00010878\U00010ac8\U0001173f\U00011fd5-\U00011fdc\U00011fe1-\U00011ff1\U00016b3c-\U00016b3f\U00016b45\U0001bc9c\U0001cf50-\U0001cfc3\U0001d000-\U0001d0f5\U0001d100-\U0001d126\U0001d129-\U0001d15d\U0001d16a-\U0001d16c\U0001d183-\U0001d184\U0001d18c-\U0001d1a9\U0001d1ae-\U0001d1ba\U0001d1c1-\U0001d1ea\U0001d200-\U0001d241\U0001d245\U0001d300-\U0001d356\U0001d800-\U0001d9ff\U0001da37-\U0001da3a\U0001da6d-\U0001da74\U0001da76-\U0001da83\U0001da85-\U0001da86\U0001e14f\U0001ecac\U0001ed2e\U0001f000-\U0001ffff\U000f0000-\U0010fffd]' then
    return null;
  end if;
  content := whole;
  if whole like ']%' then
    symbology := (regexp_match(whole collate "C", '^\][A-Zdejz][0-9A-Fa-m]'))[1];
    if symbology is null then
      return '{}';
    end if;
    content := substr(whole, 4);
    if btrim(content, E'\x1d') = '' then
      return null;
    end if;
  elsif translate(whole, ' -', '') collate "C" ~ '^[0-9]+$' and length(translate(whole, ' -', '')) in (8, 12, 13, 14, 18)
      and (gs1_csum(translate(whole, ' -', '')) or length(translate(whole, ' -', '')) <> 8) then
    return null;
  end if;
  found := label_content(content, symbology);
  if found is null and content like '+%' and typed ~ ' [\t\r\n\u001e\u0004]*$'
      and hibc_check(upper(substr(content, regexp_instr(content collate "C", '[+][0-9$].', 7)) collate "C")) = ' ' then
    found := label_content(content || ' ', symbology);  -- its check character is the blank that stands behind it
  end if;
  if found is not null then
    return found;
  end if;
  if symbology is not null or strpos(whole, E'\x1d') > 0 then
    content := btrim(content, E'\x1d');
    return case when strpos(content, E'\x1d') = 0 then array[content] else '{}' end;
  end if;
  return case when whole collate "C" ~* '^(https?://|urn:epc:)' then '{}'::text[] end;
end $$;

create or replace function label_keys(typed text) returns text[]
  language sql immutable strict parallel safe set search_path = public, pg_temp as $$
  select case when may_be_label(typed) then (
    select case when l.numbers is not null then array(select near_key(n) from unnest(l.numbers) n where near_key(n) <> '') end
      from (select label_numbers(typed)) as l (numbers)) end
$$;

-- Few rows are labels, so the indexes are small.
create index lot_no_label on lot using gin (label_keys(lot_no)) where may_be_label(lot_no) and label_keys(lot_no) is not null;
create index supplier_lot_no_label on lot using gin (label_keys(supplier_lot_no)) where may_be_label(supplier_lot_no) and label_keys(supplier_lot_no) is not null;
create index serial_no_label on serial_unit using gin (label_keys(serial_no)) where may_be_label(serial_no) and label_keys(serial_no) is not null;
create index unit_no_label on logistic_unit using gin (label_keys(unit_no)) where may_be_label(unit_no) and label_keys(unit_no) is not null;
create index item_no_label on item using gin (label_keys(item_no)) where may_be_label(item_no) and label_keys(item_no) is not null;
create index supplier_no_label on supplier using gin (label_keys(supplier_no)) where may_be_label(supplier_no) and label_keys(supplier_no) is not null;
create index customer_no_label on customer using gin (label_keys(customer_no)) where may_be_label(customer_no) and label_keys(customer_no) is not null;
create index equipment_no_label on equipment using gin (label_keys(equipment_no)) where may_be_label(equipment_no) and label_keys(equipment_no) is not null;
create index location_code_label on location using gin (label_keys(code)) where may_be_label(code) and label_keys(code) is not null;
create index work_order_no_label on work_order using gin (label_keys(work_order_no)) where may_be_label(work_order_no) and label_keys(work_order_no) is not null;
create index load_no_label on operation_run using gin (label_keys(load_no)) where may_be_label(load_no) and label_keys(load_no) is not null;
create index shipment_no_label on shipment using gin (label_keys(shipment_no)) where may_be_label(shipment_no) and label_keys(shipment_no) is not null;
create index order_no_label on shipment using gin (label_keys(order_no)) where may_be_label(order_no) and label_keys(order_no) is not null;
create index tracking_no_label on shipment using gin (label_keys(tracking_no)) where may_be_label(tracking_no) and label_keys(tracking_no) is not null;
create index recall_no_label on recall using gin (label_keys(recall_no)) where may_be_label(recall_no) and label_keys(recall_no) is not null;

-- Every number that is a whole label; by the indexes, however many rows look as if they might be one.
create or replace function stored_labels() returns table (register text, id bigint, lot_id bigint, number text, label text)
  language sql stable rows 10 set search_path = public, pg_temp set enable_seqscan = off as $$
  select 'lot', id, id, lot_no, lot_no from lot where may_be_label(lot_no) and label_keys(lot_no) is not null
  union all
  select 'supplier_lot', id, id, lot_no, supplier_lot_no from lot where may_be_label(supplier_lot_no) and label_keys(supplier_lot_no) is not null
  union all
  select 'serial_unit', id, lot_id, serial_no, serial_no from serial_unit where may_be_label(serial_no) and label_keys(serial_no) is not null
  union all
  select 'logistic_unit', id, null, unit_no, unit_no from logistic_unit where may_be_label(unit_no) and label_keys(unit_no) is not null
  union all
  select 'item', id, null, item_no, item_no from item where may_be_label(item_no) and label_keys(item_no) is not null
  union all
  select 'supplier', id, null, supplier_no, supplier_no from supplier where may_be_label(supplier_no) and label_keys(supplier_no) is not null
  union all
  select 'customer', id, null, customer_no, customer_no from customer where may_be_label(customer_no) and label_keys(customer_no) is not null
  union all
  select 'equipment', id, null, equipment_no, equipment_no from equipment where may_be_label(equipment_no) and label_keys(equipment_no) is not null
  union all
  select 'location', id, null, code, code from location where may_be_label(code) and label_keys(code) is not null
  union all
  select 'work_order', id, null, work_order_no, work_order_no from work_order where may_be_label(work_order_no) and label_keys(work_order_no) is not null
  union all
  select 'load', min(id), null, load_no, load_no from operation_run where may_be_label(load_no) and label_keys(load_no) is not null group by load_no
  union all
  select 'shipment', id, null, shipment_no, shipment_no from shipment where may_be_label(shipment_no) and label_keys(shipment_no) is not null
  union all
  select 'order', min(id), null, order_no, order_no from shipment where may_be_label(order_no) and label_keys(order_no) is not null group by order_no
  union all
  select 'tracking', min(id), null, tracking_no, tracking_no from shipment where may_be_label(tracking_no) and label_keys(tracking_no) is not null group by tracking_no
  union all
  select 'recall', id, null, recall_no, recall_no from recall where may_be_label(recall_no) and label_keys(recall_no) is not null
$$;

-- The last wall: a new number is never a whole label.  What is brought over from an older system is as it is, and is listed.
create or replace function number_is_no_label() returns trigger language plpgsql set search_path = public, pg_temp as $$
declare
  given text := to_jsonb(new) ->> tg_argv[0];
begin
  if tg_op = 'UPDATE' and given = to_jsonb(old) ->> tg_argv[0] then
    return new;
  end if;
  if tg_table_name = 'serial_unit' and exists (
      select from lot l where l.id = (to_jsonb(new) ->> 'lot_id')::bigint and l.origin = 'migrated') then
    return new;
  end if;
  if tg_table_name = 'operation_run' and exists (
      select from work_order w where w.id = (to_jsonb(new) ->> 'work_order_id')::bigint and w.origin = 'migrated') then
    return new;
  end if;
  if tg_argv[0] = 'supplier_lot_no' and exists (
      select from lot l where l.supplier_lot_key = near_key(given) and l.supplier_lot_no = given) then
    return new;  -- a part of a batch of before inherits what stands there
  end if;
  if label_numbers(given) is not null then
    if tg_argv[1] = 'BW138' then
      raise exception '% is all that a label says, not a number', left(given, 80) using errcode = 'BW138';
    end if;
    raise exception '% is all that a label says, not the number of a %', left(given, 80), tg_table_name using errcode = 'BW260';
  end if;
  return new;
end $$;

create trigger lot_no_is_no_label before insert or update of lot_no on lot for each row
  when (new.origin <> 'migrated' and may_be_label(new.lot_no)) execute function number_is_no_label('lot_no', 'BW138');
create trigger supplier_lot_no_is_no_label before insert or update of supplier_lot_no on lot for each row
  when (new.origin <> 'migrated' and may_be_label(new.supplier_lot_no)) execute function number_is_no_label('supplier_lot_no', 'BW138');
create trigger serial_no_is_no_label before insert or update of serial_no on serial_unit for each row
  when (may_be_label(new.serial_no)) execute function number_is_no_label('serial_no', 'BW138');
create trigger unit_no_is_no_label before insert or update of unit_no on logistic_unit for each row
  when (may_be_label(new.unit_no)) execute function number_is_no_label('unit_no', 'BW138');
create trigger item_no_is_no_label before insert or update of item_no on item for each row
  when (new.origin <> 'migrated' and may_be_label(new.item_no)) execute function number_is_no_label('item_no', 'BW260');
create trigger supplier_no_is_no_label before insert or update of supplier_no on supplier for each row
  when (new.origin <> 'migrated' and may_be_label(new.supplier_no)) execute function number_is_no_label('supplier_no', 'BW260');
create trigger customer_no_is_no_label before insert or update of customer_no on customer for each row
  when (new.origin <> 'migrated' and may_be_label(new.customer_no)) execute function number_is_no_label('customer_no', 'BW260');
create trigger equipment_no_is_no_label before insert or update of equipment_no on equipment for each row
  when (may_be_label(new.equipment_no)) execute function number_is_no_label('equipment_no', 'BW260');
create trigger code_is_no_label before insert or update of code on location for each row
  when (new.origin <> 'migrated' and may_be_label(new.code)) execute function number_is_no_label('code', 'BW260');
create trigger work_order_no_is_no_label before insert or update of work_order_no on work_order for each row
  when (new.origin <> 'migrated' and may_be_label(new.work_order_no)) execute function number_is_no_label('work_order_no', 'BW260');
create trigger load_no_is_no_label before insert or update of load_no on operation_run for each row
  when (may_be_label(new.load_no)) execute function number_is_no_label('load_no', 'BW260');
create trigger shipment_no_is_no_label before insert or update of shipment_no on shipment for each row
  when (new.origin <> 'migrated' and may_be_label(new.shipment_no)) execute function number_is_no_label('shipment_no', 'BW260');
create trigger order_no_is_no_label before insert or update of order_no on shipment for each row
  when (new.origin <> 'migrated' and may_be_label(new.order_no)) execute function number_is_no_label('order_no', 'BW260');
create trigger tracking_no_is_no_label before insert or update of tracking_no on shipment for each row
  when (new.origin <> 'migrated' and may_be_label(new.tracking_no)) execute function number_is_no_label('tracking_no', 'BW260');
create trigger recall_no_is_no_label before insert or update of recall_no on recall for each row
  when (may_be_label(new.recall_no)) execute function number_is_no_label('recall_no', 'BW260');
