-- The walls of health: what the database refuses or does by itself, whoever asks, as it stands now.
-- Written from a migrated database by `make docs`; what is said above a function is yours and stays, and so does the file that you
-- move it to.  A wall is changed by a migration (docs/how-to/add-a-wall.md).

-- trace_finding -----------------------------------------------------

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on trace_finding for each statement
  execute function api_stays_out();

-- trace_health_found ------------------------------------------------

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on trace_health_found for each statement
  execute function api_stays_out();

-- trace_health_lot --------------------------------------------------

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on trace_health_lot for each statement
  execute function api_stays_out();

-- trace_health_run --------------------------------------------------

alter table trace_health_run
  add constraint ck_trace_health_run_cause check (cause = any (array['schedule'::text, 'manual'::text])),
  add constraint ck_trace_health_run_score check (score >= 0 and score <= 100);

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on trace_health_run for each statement
  execute function api_stays_out();
create trigger append_only before delete or update on trace_health_run for each row execute function append_only();
create trigger append_only_truncate before truncate on trace_health_run for each statement execute function append_only();

-- trace_health_score ------------------------------------------------

alter table trace_health_score
  add constraint ck_trace_health_score_score check (score >= 0 and score <= 100);

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on trace_health_score for each statement
  execute function api_stays_out();
create trigger append_only before delete or update on trace_health_score for each row execute function append_only();
create trigger append_only_truncate before truncate on trace_health_score for each statement execute function append_only();
