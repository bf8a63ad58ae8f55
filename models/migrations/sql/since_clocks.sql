-- Nothing that is recorded happened, or holds, before clocks began (TIM-001): whoever writes it, by whichever door.
-- Rows of before stay as they are until they are touched.

create function before_clocks_began() returns trigger language plpgsql as $$
begin
  raise exception '% tells of a time before 1970', tg_table_name using errcode = 'BW162';
end $$;

create trigger calibration_since_clocks before insert or update of performed_at, due_at on calibration for each row
  when (least(new.performed_at, new.due_at) < '1970-01-01 00:00:00+00'::timestamptz) execute function before_clocks_began();
create trigger qualification_since_clocks before insert or update of valid_from on qualification for each row
  when (new.valid_from < '1970-01-01 00:00:00+00'::timestamptz) execute function before_clocks_began();
create trigger operation_run_since_clocks before insert or update of started_at, finished_at on operation_run for each row
  when (least(new.started_at, new.finished_at) < '1970-01-01 00:00:00+00'::timestamptz) execute function before_clocks_began();
create trigger environment_reading_since_clocks before insert or update of measured_at on environment_reading for each row
  when (new.measured_at < '1970-01-01 00:00:00+00'::timestamptz) execute function before_clocks_began();
create trigger lot_fact_since_clocks before insert on lot_fact for each row
  when (new.happened_at < '1970-01-01 00:00:00+00'::timestamptz) execute function before_clocks_began();
