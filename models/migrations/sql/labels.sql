-- What a whole label holds, for a home of before may have stored one where a number belongs (models/rules/scanned.py, `held`):
-- the same reading, and a test holds the two together.  No row is changed: it is found by what its label says.
create function gs1_csum(digits text) returns boolean language sql immutable strict parallel safe as $$
  select length(digits) > 1 and digits collate "C" ~ '^[0-9]+$'
     and (select sum((ascii(substr(digits, n, 1)) - 48) * case when (length(digits) - n) % 2 = 0 then 1 else 3 end) % 10 = 0
            from generate_series(1, length(digits)) n)
$$;

-- The application identifier that a text begins with, its width where no separator ends it, and what it may hold (X: any of the
-- 82 characters that GS1 allows).
create function gs1_identifier(beginning text, out ai text, out width int, out shape text)
  language sql immutable strict parallel safe as $$
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
$$;

-- Whether a value is what its identifier may hold: length, characters, check digit, days that there are.
create function gs1_clean(identifier text, said text) returns boolean language plpgsql immutable strict parallel safe as $$
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
end $$;

-- Identifier after identifier; a separator ends values of variable length.
create function gs1_read(message text, out said jsonb, out clean boolean) language plpgsql immutable strict parallel safe as $$
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
end $$;

create function gs1_numbers(said jsonb) returns text[] language sql immutable strict parallel safe as $$
  select array(select n from unnest(array[said ->> '10', said ->> '21', said ->> '00']) n where n <> '')
$$;

-- `(01)…(10)…`; what stands in brackets and is no identifier belongs to the value.
create function label_bracketed(content text) returns text[] language plpgsql immutable strict parallel safe as $$
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
end $$;

create function unquoted(raw text) returns text language plpgsql immutable strict parallel safe as $$
begin
  return regexp_replace(convert_from((select string_agg(case when m[1] ~ '^%..$' then decode(substr(m[1], 2), 'hex') else convert_to(m[1], 'UTF8') end,
      ''::bytea order by n) from regexp_matches(raw, '(%[0-9A-Fa-f]{2}|[^%]+|%)', 'g') with ordinality as x (m, n)), 'UTF8'),
    '[\u0001-\u001f\u007f]', E'\ufffd', 'g');
exception when others then
  return null;
end $$;

-- A GS1 Digital Link; without its scheme only where everything in it reads clean, for a number may look like an address.
create function label_link(typed text) returns text[] language plpgsql immutable strict parallel safe as $$
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
end $$;

create function hibc_check(label text) returns text language sql immutable strict parallel safe as $$
  select case when label collate "C" ~ '^[0-9A-Z. $/+%-]*$' then substr('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%', 1 + (
    select coalesce(sum(strpos('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%', substr(label, n, 1)) - 1), 0) % 43
      from generate_series(1, length(label)) n)::int, 1) end
$$;

-- The secondary data of a HIBC label: quantity, expiry, and then its lot or its serial number.
create function hibc_secondary(data text, out lot text, out serial text) language plpgsql immutable strict parallel safe as $body$
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
end $body$;

create function hibc_part(label text, out di text, out lot text, out serial text, out link text)
  language plpgsql immutable strict parallel safe as $$
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
end $$;

create function label_hibc(content text) returns text[] language plpgsql immutable strict parallel safe as $$
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
end $$;

create function label_ma(content text) returns text[] language sql immutable strict parallel safe as $$
  select case when content collate "C" ~* '^MA[.]156[.]M[0-9A-Z]+[.]' then array(
    select said from (
      select distinct on (upper(left(node, 1))) upper(left(node, 1)) as letter, substr(node, 2) as said
        from unnest((string_to_array(content, '.'))[6:]) with ordinality as x (node, n) order by upper(left(node, 1)), n desc) y
     where letter in ('L', 'S') and said <> '') end
$$;

-- The numbers that a content holds, empty where it is a label without any; null where it is no label by itself.
create function label_content(content text, symbology text) returns text[] language plpgsql immutable parallel safe as $$
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
  found := coalesce(label_link(content), label_bracketed(content));
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
create function label_numbers(typed text) returns text[]
  language plpgsql immutable strict parallel safe set search_path = public, pg_temp as $$
declare
  whole text;
  content text;
  symbology text;
  found text[];
begin
  if typed collate "C" !~ '[^A-Za-z0-9 ._-]|^ *(0[0-2][0-9]{14}|[Mm][Aa][.]156[.]|([Ll][Oo][Tt]|[Bb][Aa][Tt][Cc][Hh]|[Ss][Ee][Rr][Ii][Aa][Ll]) *[NnCc])' then
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
  return case when whole ~* '^https?://' then '{}'::text[] end;
end $$;

create function label_keys(typed text) returns text[]
  language sql immutable strict parallel safe set search_path = public, pg_temp as $$
  select case when typed collate "C" ~ '[^A-Za-z0-9 ._-]|^ *(0[0-2][0-9]{14}|[Mm][Aa][.]156[.]|([Ll][Oo][Tt]|[Bb][Aa][Tt][Cc][Hh]|[Ss][Ee][Rr][Ii][Aa][Ll]) *[NnCc])' then (
    select case when l.numbers is not null then array(select near_key(n) from unnest(l.numbers) n where near_key(n) <> '') end
      from (select label_numbers(typed)) as l (numbers)) end
$$;

-- Few rows are labels, so the indexes are small; what can't be one is told from its characters alone.
create index lot_no_label on lot using gin (label_keys(lot_no)) where lot_no collate "C" ~ '[^A-Za-z0-9 ._-]|^ *(0[0-2][0-9]{14}|[Mm][Aa][.]156[.]|([Ll][Oo][Tt]|[Bb][Aa][Tt][Cc][Hh]|[Ss][Ee][Rr][Ii][Aa][Ll]) *[NnCc])' and label_keys(lot_no) is not null;
create index supplier_lot_no_label on lot using gin (label_keys(supplier_lot_no)) where supplier_lot_no collate "C" ~ '[^A-Za-z0-9 ._-]|^ *(0[0-2][0-9]{14}|[Mm][Aa][.]156[.]|([Ll][Oo][Tt]|[Bb][Aa][Tt][Cc][Hh]|[Ss][Ee][Rr][Ii][Aa][Ll]) *[NnCc])' and label_keys(supplier_lot_no) is not null;
create index serial_no_label on serial_unit using gin (label_keys(serial_no)) where serial_no collate "C" ~ '[^A-Za-z0-9 ._-]|^ *(0[0-2][0-9]{14}|[Mm][Aa][.]156[.]|([Ll][Oo][Tt]|[Bb][Aa][Tt][Cc][Hh]|[Ss][Ee][Rr][Ii][Aa][Ll]) *[NnCc])' and label_keys(serial_no) is not null;
create index unit_no_label on logistic_unit using gin (label_keys(unit_no)) where unit_no collate "C" ~ '[^A-Za-z0-9 ._-]|^ *(0[0-2][0-9]{14}|[Mm][Aa][.]156[.]|([Ll][Oo][Tt]|[Bb][Aa][Tt][Cc][Hh]|[Ss][Ee][Rr][Ii][Aa][Ll]) *[NnCc])' and label_keys(unit_no) is not null;

-- Every number that is a whole label; by the indexes, however many rows look as if they might be one.
create function stored_labels() returns table (register text, id bigint, lot_id bigint, number text, label text)
  language sql stable rows 10 set search_path = public, pg_temp set enable_seqscan = off as $$
  select 'lot', l.id, l.id, l.lot_no, l.lot_no from lot l where l.lot_no collate "C" ~ '[^A-Za-z0-9 ._-]|^ *(0[0-2][0-9]{14}|[Mm][Aa][.]156[.]|([Ll][Oo][Tt]|[Bb][Aa][Tt][Cc][Hh]|[Ss][Ee][Rr][Ii][Aa][Ll]) *[NnCc])' and label_keys(l.lot_no) is not null
  union all
  select 'supplier_lot', l.id, l.id, l.lot_no, l.supplier_lot_no from lot l
   where l.supplier_lot_no collate "C" ~ '[^A-Za-z0-9 ._-]|^ *(0[0-2][0-9]{14}|[Mm][Aa][.]156[.]|([Ll][Oo][Tt]|[Bb][Aa][Tt][Cc][Hh]|[Ss][Ee][Rr][Ii][Aa][Ll]) *[NnCc])' and label_keys(l.supplier_lot_no) is not null
  union all
  select 'serial_unit', u.id, u.lot_id, u.serial_no, u.serial_no from serial_unit u
   where u.serial_no collate "C" ~ '[^A-Za-z0-9 ._-]|^ *(0[0-2][0-9]{14}|[Mm][Aa][.]156[.]|([Ll][Oo][Tt]|[Bb][Aa][Tt][Cc][Hh]|[Ss][Ee][Rr][Ii][Aa][Ll]) *[NnCc])' and label_keys(u.serial_no) is not null
  union all
  select 'logistic_unit', u.id, null, u.unit_no, u.unit_no from logistic_unit u
   where u.unit_no collate "C" ~ '[^A-Za-z0-9 ._-]|^ *(0[0-2][0-9]{14}|[Mm][Aa][.]156[.]|([Ll][Oo][Tt]|[Bb][Aa][Tt][Cc][Hh]|[Ss][Ee][Rr][Ii][Aa][Ll]) *[NnCc])' and label_keys(u.unit_no) is not null
$$;

-- The last wall: a new number is never a whole label.  What is brought over from an older system is as it is, and is listed.
create function number_is_no_label() returns trigger language plpgsql set search_path = public, pg_temp as $$
begin
  if tg_table_name = 'serial_unit' and exists (
      select from lot l where l.id = (to_jsonb(new) ->> 'lot_id')::bigint and l.origin = 'migrated') then
    return new;
  end if;
  if tg_argv[0] = 'supplier_lot_no' and exists (
      select from lot l where l.supplier_lot_key = near_key(to_jsonb(new) ->> tg_argv[0])
         and l.supplier_lot_no = to_jsonb(new) ->> tg_argv[0]) then
    return new;  -- a part of a batch of before inherits what stands there
  end if;
  if label_numbers(to_jsonb(new) ->> tg_argv[0]) is not null then
    raise exception '% is all that a label says, not a number', left(to_jsonb(new) ->> tg_argv[0], 80) using errcode = 'BW138';
  end if;
  return new;
end $$;

create trigger lot_no_is_no_label before insert or update of lot_no on lot for each row
  when (new.origin <> 'migrated' and new.lot_no collate "C" ~ '[^A-Za-z0-9 ._-]|^ *(0[0-2][0-9]{14}|[Mm][Aa][.]156[.]|([Ll][Oo][Tt]|[Bb][Aa][Tt][Cc][Hh]|[Ss][Ee][Rr][Ii][Aa][Ll]) *[NnCc])') execute function number_is_no_label('lot_no');
create trigger supplier_lot_no_is_no_label before insert or update of supplier_lot_no on lot for each row
  when (new.origin <> 'migrated' and new.supplier_lot_no collate "C" ~ '[^A-Za-z0-9 ._-]|^ *(0[0-2][0-9]{14}|[Mm][Aa][.]156[.]|([Ll][Oo][Tt]|[Bb][Aa][Tt][Cc][Hh]|[Ss][Ee][Rr][Ii][Aa][Ll]) *[NnCc])') execute function number_is_no_label('supplier_lot_no');
create trigger serial_no_is_no_label before insert or update of serial_no on serial_unit for each row
  when (new.serial_no collate "C" ~ '[^A-Za-z0-9 ._-]|^ *(0[0-2][0-9]{14}|[Mm][Aa][.]156[.]|([Ll][Oo][Tt]|[Bb][Aa][Tt][Cc][Hh]|[Ss][Ee][Rr][Ii][Aa][Ll]) *[NnCc])') execute function number_is_no_label('serial_no');
create trigger unit_no_is_no_label before insert or update of unit_no on logistic_unit for each row
  when (new.unit_no collate "C" ~ '[^A-Za-z0-9 ._-]|^ *(0[0-2][0-9]{14}|[Mm][Aa][.]156[.]|([Ll][Oo][Tt]|[Bb][Aa][Tt][Cc][Hh]|[Ss][Ee][Rr][Ii][Aa][Ll]) *[NnCc])') execute function number_is_no_label('unit_no');
