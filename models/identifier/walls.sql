-- The walls of identifier: what the database refuses or does by itself, whoever asks, as it stands now.
-- Written from a migrated database by `make docs`; what is said above a function is yours and stays, and so does the file that you
-- move it to.  A wall is changed by a migration (docs/how-to/add-a-wall.md).

-- what walls ask, and what stands at tables of other nouns ----------

-- One function says what may be a label, and the database's reader of labels reads EPC URIs as the rule does
-- (models/identifier/rules/epc.py).  No own number of anything in the plant is a whole label; those of before stay and are listed.
-- What stands here holds instead of its namesakes in labels.sql.
create or replace function gs1_check(body text) returns text language sql immutable parallel safe strict as $function$
  select ((10 - sum((ascii(substr(body, n, 1)) - 48) * case when (length(body) - n) % 2 = 0 then 3 else 1 end) % 10) % 10)::text
    from generate_series(1, length(body)) n
$function$;

-- The last wall around cases and pallets (DESIGN 2.4; REQUIREMENTS 19, 56, 95): never more in them than is there, nothing in
-- two of them, none in itself, and what was shipped stays as it left.
create or replace function gs1_check_holds(digits text) returns boolean language sql immutable as $function$
  -- weights 1 and 3 from the right, the check digit itself among them (GS1 General Specifications 7.9)
  select sum(substr(reverse(digits), n, 1)::int * case when n % 2 = 1 then 1 else 3 end) % 10 = 0
    from generate_series(1, length(digits)) n
$function$;

-- Whether a value is what its identifier may hold: length, characters, check digit, days that there are.
create or replace function gs1_clean(identifier text, said text) returns boolean language plpgsql immutable parallel safe strict as $function$
declare
  entry record;
begin
  select * into entry from gs1_identifier(identifier);
  if entry.ai is distinct from identifier or said = '' or said collate "C" !~ entry.shape then
    return false;
  end if;
  if identifier in ('00', '01', '02', '03', '402', '8017', '8018') or identifier ~ '^41' then
    return gs1_csum(said);
  elsif identifier in ('253', '255') then
    return gs1_csum(left(said, 13));
  elsif identifier = '8003' or identifier in ('8006', '8026') then
    return gs1_csum(substr(said, case identifier when '8003' then 2 else 1 end, case identifier when '8003' then 13 else 14 end));
  elsif identifier ~ '^1[123567]$' then
    return substr(said, 3, 2) between '01' and '12' and (right(said, 2) = '00'
      or right(said, 2)::int <= extract(day from make_date(2000 + left(said, 2)::int, substr(said, 3, 2)::int, 1)
        + interval '1 month - 1 day'));
  end if;
  return true;
end $function$;

-- What a whole label holds, for a home of before may have stored one where a number belongs (models/identifier/rules/scanned_field.py, `held`):
-- the same reading, and a test holds the two together.  No row is changed: it is found by what its label says.
create or replace function gs1_csum(digits text) returns boolean language sql immutable parallel safe strict as $function$
  select length(digits) > 1 and digits collate "C" ~ '^[0-9]+$'
     and (select sum((ascii(substr(digits, n, 1)) - 48) * case when (length(digits) - n) % 2 = 0 then 1 else 3 end) % 10 = 0
            from generate_series(1, length(digits)) n)
$function$;

-- The application identifier that a text begins with, its width where no separator ends it, and what it may hold (X: any of the
-- 82 characters that GS1 allows).
create or replace function gs1_identifier(beginning text, out ai text, out width integer, out shape text)
  returns record language sql immutable parallel safe strict as $function$
  select (regexp_match(beginning collate "C", '^(' || k.identifiers || ')'))[1], k.width,
         '^' || replace(k.shape, 'X', '[!"%-?A-Z_a-z]') || '$'
    from (values
    ('00', 18, '([0-9]{18})'),
    ('0[1-3]', 14, '([0-9]{14})'),
    ('10|2[12]|243|254|420|4318|702[0-2]|71[0-7]|7240|8002|8012', null, 'X{1,20}'),
    ('1[123567]', 6, '([0-9]{2}(0[0-9]|1[0-2])([0-2][0-9]|3[01]))'),
    ('20', 2, '([0-9]{2})'),
    ('235', null, 'X{1,28}'),
    ('24[01]|25[01]|40[013]|4308|4319|7002|7023|8004|90', null, 'X{1,30}'),
    ('242', null, '([0-9]{1,6})'),
    ('253', null, '([0-9]{13})X{0,17}'),
    ('255', null, '([0-9]{13})([0-9]{0,12})'),
    ('30', null, '([0-9]{0,8})'),
    ('3(1[0-6]|2[0-9]|3[0-7]|4[0-9]|5[0-7]|6[0-9])[0-5]', 6, '([0-9]{6})'),
    ('37', null, '([0-9]{1,8})'),
    ('390[0-9]|392[0-9]', null, '([0-9]{1,15})'),
    ('391[0-9]|393[0-9]', null, '([0-9]{3})([0-9]{1,15})'),
    ('394[0-3]|8111', null, '([0-9]{4})'),
    ('395[0-5]|4326|7006|8005', null, '([0-9]{6})'),
    ('402', null, '([0-9]{17})'),
    ('41[0-7]', 13, '([0-9]{13})'),
    ('421', null, '([0-9]{3})X{1,9}'),
    ('42[246]', null, '([0-9]{3})'),
    ('42[35]', null, '(([0-9]{3}){1,5})'),
    ('427|7008', null, 'X{1,3}'),
    ('430[01]|431[01]|4320', null, 'X{1,35}'),
    ('430[2-6]|431[2-6]|7257', null, 'X{1,70}'),
    ('4307|4317', null, '([A-Z0-9]{2})'),
    ('4309', null, '([0-9]{20})'),
    ('432[1-3]', null, '([01])'),
    ('432[45]|7003', null, '([0-9]{10})'),
    ('433[0-3]', null, '([0-9]{6}[-]?)'),
    ('7001', null, '([0-9]{13})'),
    ('7004', null, '([0-9]{0,4})'),
    ('7005', null, 'X{1,12}'),
    ('7007', null, '([0-9]{6})([0-9]{6})?'),
    ('7009', null, 'X{1,10}'),
    ('7010', null, 'X{1,2}'),
    ('7011', null, '([0-9]{6})([0-9]{4})?'),
    ('703[0-9]', null, '([0-9]{3})X{1,27}'),
    ('7040', null, '([0-9])XXX'),
    ('7041', null, 'X{1,4}'),
    ('723[0-9]', null, 'X{3,30}'),
    ('7241', null, '([0-9]{2})'),
    ('7242|801[34]|8020', null, 'X{1,25}'),
    ('7250', null, '([0-9]{4}(0[0-9]|1[0-2])([0-2][0-9]|3[01]))'),
    ('7251', null, '([0-9]{4}(0[0-9]|1[0-2])([0-2][0-9]|3[01])([01][0-9]|2[0-3])([0-5][0-9]))'),
    ('7252', null, '([0-9]{1})'),
    ('725[349]', null, 'X{1,40}'),
    ('7255', null, 'X{1,10}'),
    ('7256', null, 'X{1,90}'),
    ('7258', null, '([0-9][/][0-9])'),
    ('8001', null, '([0-9]{4})([0-9]{5})([0-9]{3})([0-9]{1})([0-9]{1})'),
    ('8003', null, '(0)([0-9]{13})X{0,16}'),
    ('8006|8026', null, '([0-9]{14})([0-9]{4})'),
    ('8007', null, 'X{1,34}'),
    ('8008', null, '([0-9]{2}(0[0-9]|1[0-2])([0-2][0-9]|3[01])([01][0-9]|2[0-3]))(([0-5][0-9])([0-5][0-9])?)?'),
    ('8009', null, 'X{1,50}'),
    ('8010', null, '([A-Z0-9/#-]{5,30})'),
    ('8011', null, '([0-9]{1,12})'),
    ('801[78]', null, '([0-9]{18})'),
    ('8019', null, '([0-9]{1,10})'),
    ('8030', null, '([0-9A-Za-z_-]{1,90})'),
    ('804[01]', null, '([0-9]{15})'),
    ('8042', null, '([0-9]{32})'),
    ('8043', null, '([0-9]{18,20})'),
    ('811[02]|8200', null, 'X{1,70}'),
    ('9[1-9]', null, 'X{1,90}')
  ) as k (identifiers, width, shape) where beginning collate "C" ~ ('^(' || k.identifiers || ')')
$function$;

-- What a whole label holds, for a home of before may have stored one where a number belongs (models/identifier/rules/scanned_field.py, `held`):
-- the same reading, and a test holds the two together.  No row is changed: it is found by what its label says.
create or replace function gs1_numbers(said jsonb) returns text[] language sql immutable parallel safe strict as $function$
  select array(select n from unnest(array[said ->> '10', said ->> '21', said ->> '00']) n where n <> '')
$function$;

-- Identifier after identifier; a separator ends values of variable length.
create or replace function gs1_read(message text, out said jsonb, out clean boolean)
  returns record language plpgsql immutable parallel safe strict as $function$
declare
  rest text := regexp_replace(message, '^\u001d', '');
  entry record;
  field text;
  part text;
  ended int;
begin
  said := '{}';
  clean := true;
  while rest <> '' loop
    select * into entry from gs1_identifier(left(rest, 4));
    if entry.ai is null then
      clean := false;
      exit;
    end if;
    rest := substr(rest, length(entry.ai) + 1);
    ended := strpos(rest, E'\x1d');
    field := case when ended > 0 then left(rest, ended - 1) else rest end;
    part := case when entry.width is null then field else left(field, entry.width) end;
    clean := clean and gs1_clean(entry.ai, part);
    said := jsonb_build_object(entry.ai, part) || said;
    rest := case when part <> field then substr(rest, length(part) + 1) when ended > 0 then substr(rest, ended + 1) else '' end;
  end loop;
end $function$;

-- What a whole label holds, for a home of before may have stored one where a number belongs (models/identifier/rules/scanned_field.py, `held`):
-- the same reading, and a test holds the two together.  No row is changed: it is found by what its label says.
create or replace function hibc_check(label text) returns text language sql immutable parallel safe strict as $function$
  select case when label collate "C" ~ '^[0-9A-Z. $/+%-]*$' then substr('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%', 1 + (
    select coalesce(sum(strpos('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%', substr(label, n, 1)) - 1), 0) % 43
      from generate_series(1, length(label)) n)::int, 1) end
$function$;

-- What a whole label holds, for a home of before may have stored one where a number belongs (models/identifier/rules/scanned_field.py, `held`):
-- the same reading, and a test holds the two together.  No row is changed: it is found by what its label says.
create or replace function hibc_part(label text, out di text, out lot text, out serial text, out link text)
  returns record language plpgsql immutable parallel safe strict as $function$
declare
  body text := substr(label, 2, length(label) - 2);
  fields text[];
  found record;
begin
  if label collate "C" !~ '^[+][A-Z0-9$./+% -]{3,}$' then
    return;
  end if;
  di := '';
  if body ~ '^[$0-9]' then
    link := right(body, 1);
    fields := string_to_array(left(body, -1), '/');
    found := hibc_secondary(coalesce(fields[1], ''));
    lot := found.lot;
    serial := found.serial;
  else
    fields := string_to_array(body, '/');
    if fields[1] collate "C" !~ '^[A-Z][A-Z0-9]{3}[A-Z0-9]{1,18}[0-9]$' then
      di := null;
      return;
    end if;
    di := fields[1];
    if fields[2] ~ '^[$0-9]' and fields[2] !~ '^1[46]D[0-9]{8}$' then
      found := hibc_secondary(fields[2]);
      lot := found.lot;
      serial := found.serial;
      fields := fields[1:1] || fields[3:];
    end if;
  end if;
  for n in 2 .. array_length(fields, 1) loop
    if fields[n] ~ '^S.' then
      serial := substr(fields[n], 2);
    end if;
  end loop;
end $function$;

-- The secondary data of a HIBC label: quantity, expiry, and then its lot or its serial number.
create or replace function hibc_secondary(data text, out lot text, out serial text)
  returns record language plpgsql immutable parallel safe strict as $function$
declare
  marker text := substring(data from '^(?:[$][$][+]|[$][$]|[$][+]|[$]|)');
  rest text := substr(data, length(marker) + 1);
  width int;
  flag text;
  written text;
begin
  if marker = '$$' and left(rest, 1) in ('8', '9') then
    width := case left(rest, 1) when '8' then 2 else 5 end;
    rest := case when substr(rest, 2, width) ~ '^[0-9]+$' and length(rest) > width then substr(rest, 2 + width) else '' end;
  end if;
  if marker in ('$$', '$$+') then
    flag := left(rest, 1);
    if flag in ('', '7') then
      rest := substr(rest, 2);
    else
      width := case flag when '2' then 6 when '3' then 6 when '4' then 8 when '5' then 5 when '6' then 7 else 4 end;
      written := case when flag between '2' and '6' then substr(rest, 2) else rest end;
      if left(written, width) ~ '^[0-9]+$' and length(written) >= width and flag between '0' and '6' then
        rest := substr(written, width + 1);
      end if;
    end if;
  elsif marker = '' and rest ~ '^[0-9]{5}' then
    rest := substr(rest, 6);
  end if;
  if marker like '%+' then
    serial := nullif(rest, '');
  else
    lot := nullif(rest, '');
  end if;
end $function$;

-- One key per number (models/identifier/rules/identity.py says what it folds and why); the same function, and a test says so.
-- Ranges are code points: the collation "C" knows nothing else (REQUIREMENTS 19).
create or replace function identity_key(typed text) returns text language plpgsql immutable parallel safe strict as $function$
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
end $function$;

-- A new number of master data that folds like one there is is refused, as those of batches are (models/register/rules.py);
-- what folds alike already stays, and what an earlier system brings is as it was there (REQUIREMENTS 19).
-- Refuses with BW202
create or replace function master_number_is_new() returns trigger language plpgsql as $function$
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
end $function$;

-- What can't be a label is told from its characters alone.  Without a search path of its own, so that the planner sees through it:
-- indexes and conditions on them cost what the expression costs.
create or replace function may_be_label(typed text) returns boolean language sql immutable parallel safe strict as $function$
  select typed collate "C" ~ '[^A-Za-z0-9 ._-]|^ *(0[0-2][0-9]{14}|[Mm][Aa][.]156[.]|([Ll][Oo][Tt]|[Bb][Aa][Tt][Cc][Hh]|[Ss][Ee][Rr][Ii][Aa][Ll]) *[NnCc])'
$function$;

-- What things of the plant are called changes with a reason (see reasons.sql), and to words that somebody can read.
-- Only changes are asked: names of before, and those that another system hands over, stand as they are (21 CFR 11.10(e)).
-- Refuses with BW310
create or replace function name_wall() returns trigger language plpgsql as $function$
declare
  told text;
begin
  foreach told in array array[new.name, new.name_en] loop
    if told is not null and (identity_key(told) = '' or told ~ '[\x01-\x1f\x7f-\x9f]' or length(told) > 200) then
      raise exception 'a name of a % says something, on one line of at most 200 characters', tg_table_name
        using errcode = 'BW310';
    end if;
  end loop;
  return new;
end $function$;

-- One key per number (models/identifier/rules/identity.py says what it folds and why); the same function, and a test says so.
-- Ranges are code points: the collation "C" knows nothing else (REQUIREMENTS 19).
create or replace function near_key(typed text) returns text language plpgsql immutable parallel safe strict as $function$
begin
  return translate(identity_key(typed), '-./', '');
end $function$;

-- The last wall: a new number is never a whole label.  What is brought over from an older system is as it is, and is listed
-- (REQUIREMENTS 19).
-- Refuses with BW138, BW260
create or replace function number_is_no_label() returns trigger language plpgsql set search_path to 'public', 'pg_temp' as $function$
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
end $function$;

-- Labels, orders and other systems name things by their numbers: a thing keeps its own, and a device identifier its item
-- (21 CFR 830.40(c)).  A whole label that was stored in the place of a number may be put right.
-- Refuses with BW255
create or replace function number_stays() returns trigger language plpgsql as $function$
declare
  name text;
begin
  foreach name in array tg_argv loop
    if to_jsonb(new) ->> name is distinct from to_jsonb(old) ->> name then
      raise exception '% of % stays', name, tg_table_name using errcode = 'BW255';
    end if;
  end loop;
  return new;
end $function$;

-- What a whole label holds, for a home of before may have stored one where a number belongs (models/identifier/rules/scanned_field.py, `held`):
-- the same reading, and a test holds the two together.  No row is changed: it is found by what its label says.
create or replace function unquoted(raw text) returns text language plpgsql immutable parallel safe strict as $function$
begin
  return regexp_replace(convert_from((select string_agg(case when m[1] ~ '^%..$' then decode(substr(m[1], 2), 'hex') else convert_to(m[1], 'UTF8') end,
      ''::bytea order by n) from regexp_matches(raw, '(%[0-9A-Fa-f]{2}|[^%]+|%)', 'g') with ordinality as x (m, n)), 'UTF8'),
    '[\u0001-\u001f\u007f]', E'\ufffd', 'g');
exception when others then
  return null;
end $function$;
