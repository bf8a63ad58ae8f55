-- The API makes attempts to sign and sessions, the worker makes signatures and whatever rests on them; neither role can do
-- the other's part, so no single password of ours makes a signature out of nothing (21 CFR 11.10(g), 11.70; DESIGN 2.4).
-- Both belong to the application's role and have its rights; who logs in as the application itself is asked nothing here.

create function worker_stays_out() returns trigger language plpgsql as $$
begin
  if session_user = 'batchwright_worker' then
    raise exception 'attempts to sign, sessions and passwords are made where people log in, never by the worker'
      using errcode = 'BW200';
  end if;
  return null;
end $$;

create trigger worker_stays_out before insert or update or delete on signing_attempt
  for each statement execute function worker_stays_out();
create trigger worker_stays_out before insert or update or delete on login_session
  for each statement execute function worker_stays_out();
create trigger worker_stays_out before insert or update or delete on sign_in_code
  for each statement execute function worker_stays_out();
create trigger worker_stays_out before insert or update or delete on certification
  for each statement execute function worker_stays_out();
create trigger worker_stays_out before insert or update of login, password_hash, person_id on account
  for each statement execute function worker_stays_out();

create function api_stays_out() returns trigger language plpgsql as $$
begin
  if session_user = 'batchwright_api' then
    raise exception 'what the plant did is written by the worker, as an act, never by the door that people come through'
      using errcode = 'BW201';
  end if;
  return null;
end $$;

do $$
declare
  name text;
begin
  foreach name in array array['genealogy_edge', 'hold', 'inspection', 'inspection_result', 'lot', 'lot_fact', 'nonconformance',
    'operation_run', 'recall_scope', 'serial_unit', 'shipment', 'shipment_line', 'signature', 'signed_record',
    'stock_movement', 'work_order'] loop
    execute format('create trigger api_stays_out before insert or update or delete on %I'
      ' for each statement execute function api_stays_out()', name);
  end loop;
end $$;

-- who has posted a notice says so at the door, and that may be the moment at which everybody was told
create trigger api_stays_out before insert or delete or update of status, recall_class, mode, hazard, opened_at, decided_at, held_at, closed_at on recall
  for each statement execute function api_stays_out();
