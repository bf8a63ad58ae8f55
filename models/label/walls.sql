-- The walls of label: what the database refuses or does by itself, whoever asks, as it stands now.
-- Written from a migrated database by `make docs`; what is said above a function is yours and stays, and so does the file that you
-- move it to.  A wall is changed by a migration (docs/how-to/add-a-wall.md).

-- what walls ask, and what stands at tables of other nouns ----------

-- `(01)…(10)…`; what stands in brackets and is no identifier belongs to the value.
create or replace function label_bracketed(content text) returns text[] language plpgsql immutable parallel safe strict as $function$
declare
  parts text[] := string_to_array(regexp_replace(
    regexp_replace(content collate "C", '[\u0009-\u000d\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u2800\u3000\u001d]+', '', 'g'),
    '(?<!\\)\(([0-9]{2,4})\)', E'\x02\\1\x03', 'g'), E'\x02');
  said jsonb := '{}';
  part text;
begin
  if parts[1] <> '' or array_length(parts, 1) < 2 then
    return null;
  end if;
  foreach part in array parts[2:] loop
    said := jsonb_build_object(split_part(part, E'\x03', 1),
      rtrim(replace(substr(part, strpos(part, E'\x03') + 1), '\(', '('), E'\x1d')) || said;
  end loop;
  return gs1_numbers(said);
end $function$;

-- The numbers that a content holds, empty where it is a label without any; null where it is no label by itself.
create or replace function label_content(content text, symbology text) returns text[] language plpgsql immutable parallel safe as $function$
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
end $function$;

-- The serial, lot or SSCC of an EPC URI; empty where it names something else, null where it is none.
create or replace function label_epc(content text) returns text[] language plpgsql immutable parallel safe strict as $function$
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
end $function$;

-- What a whole label holds, for a home of before may have stored one where a number belongs (models/identifier/rules/scanned_field.py, `held`):
-- the same reading, and a test holds the two together.  No row is changed: it is found by what its label says.
create or replace function label_hibc(content text) returns text[] language plpgsql immutable parallel safe strict as $function$
declare
  printed text := btrim(content, '*');
  capital text := upper(printed collate "C");
  bare text := regexp_replace(capital, '_$', '');
  apart int;
  one record;
  other record;
begin
  if printed not like '+%' then
    return null;
  end if;
  printed := case when hibc_check(left(capital, -1)) = right(capital, 1) then capital
                  when hibc_check(bare) = ' ' then bare || ' ' else printed end;
  apart := case when printed collate "C" ~ '^[+][A-Z][A-Z0-9]{3}.' then regexp_instr(printed collate "C", ' *[+][0-9$].', 7) else 0 end;
  if apart > 0 then
    one := hibc_part(left(printed, apart - 1));
    other := hibc_part(ltrim(substr(printed, apart), ' '));
    if one.di <> '' and other.di = '' and substr(printed, apart - 1, 1) = other.link then
      return array(select n from unnest(array[other.lot, other.serial]) n where n <> '');
    end if;
  end if;
  one := hibc_part(printed);
  return case when one.di is not null then array(select n from unnest(array[one.lot, one.serial]) n where n <> '') end;
end $function$;

-- One function says what may be a label, and the database's reader of labels reads EPC URIs as the rule does
-- (models/identifier/rules/epc.py).  No own number of anything in the plant is a whole label; those of before stay and are listed.
-- What stands here holds instead of its namesakes in labels.sql.
create or replace function label_keys(typed text)
  returns text[] language sql immutable parallel safe strict set search_path to 'public', 'pg_temp' as $function$
  select case when may_be_label(typed) then (
    select case when l.numbers is not null then array(select near_key(n) from unnest(l.numbers) n where near_key(n) <> '') end
      from (select label_numbers(typed)) as l (numbers)) end
$function$;

-- A GS1 Digital Link; without its scheme only where everything in it reads clean, for a number may look like an address.
create or replace function label_link(typed text) returns text[] language plpgsql immutable parallel safe strict as $function$
declare
  alias constant jsonb := '{"gtin":"01","sscc":"00","cpv":"22","lot":"10","ser":"21","gln":"414","glnx":"254","exp":"17"}';
  bare boolean := typed collate "C" ~ '^[A-Za-z0-9-]+([.][A-Za-z0-9-]+)+(:[0-9]+)?/';
  parts text[] := regexp_match(case when bare then 'https://' else '' end || typed,
    '^(?:https?|HTTPS?)://([^/?#]*)(/[^?#]*)?([?][^#]*)?(#.*)?$');
  path text[] := (string_to_array(coalesce(parts[2], ''), '/'))[2:];
  segments int := coalesce(array_length(path, 1), 0);
  keys text[] := '{}';
  said jsonb := '{}';
  clean boolean;
  starts int;
  name text;
  part text;
begin
  if parts is null then
    return null;
  end if;
  for n in reverse segments - 1 .. 1 loop
    if coalesce(alias ->> path[n], path[n]) in ('00', '01', '253', '255', '401', '402', '414', '415', '417', '8003', '8004',
        '8006', '8010', '8013', '8017', '8018') and path[n + 1] <> '' and (segments - n) % 2 = 1 then
      starts := n;
      exit;
    end if;
  end loop;
  if starts is null then
    return null;
  end if;
  clean := parts[1] collate "C" ~ '^[][A-Za-z0-9._:@~%-]+$' and coalesce(parts[2], '') || coalesce(parts[3], '') !~ '[\s\u001d<>"{}|\\^`]';
  for n in starts .. segments - 1 by 2 loop
    name := coalesce(alias ->> path[n], path[n]);
    part := unquoted(path[n + 1]);
    part := case when name in ('01', '02') and length(part) in (8, 12, 13) then lpad(part, 14, '0') else part end;
    keys := keys || name;
    said := jsonb_build_object(name, part) || said;
    clean := clean and coalesce(gs1_clean(name, part), false);
  end loop;
  clean := clean and array_to_string(keys, ' ') ~ ('^((01|8006)( 22)?( 10)?( 21)?|01 235|00|253|255|401|402|8003|8013|414( 254| 7040)?'
    '|(417|8004)( 7040)?|8010( 8011)?|415( 8020)?|801[78]( 8019)?)$');
  foreach part in array regexp_split_to_array(substr(coalesce(parts[3], ''), 2), '[&;]') loop
    name := split_part(part, '=', 1);
    name := coalesce(alias ->> name, name);
    if strpos(part, '=') > 0 and name collate "C" ~ '^[0-9]+$' then
      clean := clean and not name = any(keys) and name not in ('03', '10', '21', '22', '235', '254', '8011', '8014', '8019', '8020',
        '7040', '7041', '8040', '8041', '8042', '8043', '8200');
      part := unquoted(replace(substr(part, strpos(part, '=') + 1), '+', ' '));
      part := case when name in ('01', '02') and length(part) in (8, 12, 13) then lpad(part, 14, '0') else part end;
      said := jsonb_build_object(name, part) || said;
      clean := clean and coalesce(gs1_clean(name, part), false);
    end if;
  end loop;
  return case when clean or not bare then gs1_numbers(said) end;
end $function$;

-- What a whole label holds, for a home of before may have stored one where a number belongs (models/identifier/rules/scanned_field.py, `held`):
-- the same reading, and a test holds the two together.  No row is changed: it is found by what its label says.
create or replace function label_ma(content text) returns text[] language sql immutable parallel safe strict as $function$
  select case when content collate "C" ~* '^MA[.]156[.]M[0-9A-Z]+[.]' then array(
    select said from (
      select distinct on (upper(left(node, 1))) upper(left(node, 1)) as letter, substr(node, 2) as said
        from unnest((string_to_array(content, '.'))[6:]) with ordinality as x (node, n) order by upper(left(node, 1)), n desc) y
     where letter in ('L', 'S') and said <> '') end
$function$;

-- The numbers that a stored text holds where it is a whole label: its lot, its serial number, its SSCC, or all that a plain code
-- says.  Null where it is a number.
create or replace function label_numbers(typed text)
  returns text[] language plpgsql immutable parallel safe strict set search_path to 'public', 'pg_temp' as $function$
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
end $function$;

-- Every number that is a whole label; by the indexes, however many rows look as if they might be one.
create or replace function stored_labels()
  returns table(register text, id bigint, lot_id bigint, number text, label text) language sql stable rows 10
  set search_path to 'public', 'pg_temp' set enable_seqscan to 'off' as $function$
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
$function$;
