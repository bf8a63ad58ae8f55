-- A signature without a task belongs to the act that its attempt was made for (21 CFR 11.70).

create function signature_act_wall() returns trigger language plpgsql as $$
declare
  attempt signing_attempt;
begin
  select * into attempt from signing_attempt a where a.id = new.attempt_id;
  if (attempt.act, attempt.about) is distinct from (new.act, new.about) then
    raise exception 'this signature has no accepted attempt of its own' using errcode = 'BW020';
  end if;
  return new;
end $$;

create trigger signature_act_wall before insert on signature for each row execute function signature_act_wall();
