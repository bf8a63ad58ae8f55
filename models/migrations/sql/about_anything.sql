-- A run is about a subject of the kind that its definition says: a batch, a recall, or whatever else has a subject (DESIGN 6a).

create or replace function process_run_wall() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.status <> 'running' or new.result is not null or new.ended_at is not null
       or not exists (
         select from definition_version d where d.id = new.definition_id and d.status = 'effective'
            and coalesce(d.body::jsonb ->> 'subject', 'lot')
              = case when new.recall_id is not null then 'recall' when new.lot_id is not null then 'lot'
                     else (select b.kind from subject b where b.id = new.subject_id) end) then
      raise exception 'process % begins running, by what is effective', new.workflow_id using errcode = 'BW253';
    end if;
    return new;
  end if;
  if to_jsonb(new) - array['state', 'status', 'version', 'result', 'ended_at']
       is distinct from to_jsonb(old) - array['state', 'status', 'version', 'result', 'ended_at']
     or new.version < old.version
     or (old.status <> 'running' and to_jsonb(new) - 'version' is distinct from to_jsonb(old) - 'version')
     or (new.status = 'running') <> (new.ended_at is null) or (new.status = 'running') <> (new.result is null)
     or (new.status <> 'running' and old.status = 'running' and new.ended_at <> now()) then
    raise exception 'process % stays what it is about, and how it ended', old.workflow_id using errcode = 'BW253';
  end if;
  return new;
end $$;
