-- What decides who may do what, and by which limits, changes with a reason only (21 CFR 11.10(e); ALCOA+; EU GMP Annex 11.9).

create function reason_wall() returns trigger language plpgsql as $$
declare
  name text;
begin
  if coalesce(btrim(current_setting('bw.reason', true)), '') <> '' then
    return new;
  end if;
  if tg_op = 'INSERT' then
    raise exception 'a % is given with a reason only', tg_table_name using errcode = 'BW179';
  end if;
  foreach name in array tg_argv loop
    if to_jsonb(new) -> name is distinct from to_jsonb(old) -> name then
      raise exception '% of % changes with a reason only', name, tg_table_name
        using errcode = 'BW179', hint = 'say why, as the audit trail keeps it';
    end if;
  end loop;
  return new;
end $$;

create trigger reason_wall_given before insert on role_grant for each row execute function reason_wall();
