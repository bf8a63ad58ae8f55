-- What things of the plant are called changes with a reason (see reasons.sql), and to words that somebody can read.
-- Only changes are asked: names of before, and those that another system hands over, stand as they are.

create function name_wall() returns trigger language plpgsql as $$
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
end $$;
