"""A process that began earlier than it did: its steps and legal deadlines lie that much further back in the record.

A test moves the engine's clock for one workflow; the record's can't be moved, and escalates nothing before its moment.
"""

from datetime import timedelta

from sqlalchemy import Engine, text

from tests.support.servers.database import past_walls

TASKS = text("""
update human_task t set opened_at = opened_at - cast(:by as interval), due_at = due_at - cast(:by as interval),
       pick_up_by = pick_up_by - cast(:by as interval)
  from process_run r where r.id = t.run_id and r.workflow_id = :id and t.status = 'open'
""")
STATES = text("""
update process_run r set state = jsonb_set(r.state, '{open}', coalesce((
    select jsonb_agg(jsonb_set(o, '{opened_at}', to_jsonb((o ->> 'opened_at')::timestamptz - cast(:by as interval))))
      from jsonb_array_elements(r.state -> 'open') o), '[]'))
 where r.workflow_id = :id
""")
DEADLINES = text("""
update recall_deadline d set event_at = event_at - cast(:by as interval), due_at = due_at - cast(:by as interval)
  from process_run r where r.recall_id = d.recall_id and r.workflow_id = :id and d.met_at is null
""")


def aged(engine: Engine, workflow_id: str, by: timedelta) -> None:
    """The run of that workflow, its open tasks, and the unmet deadlines of its recall."""
    with past_walls(engine) as connection:
        for statement in (TASKS, STATES, DEADLINES):
            connection.execute(statement, {"by": by, "id": workflow_id})
