"""What the engineer finds processes by in the Temporal UI: search attributes, kept by the process itself (DESIGN 6).

A server that doesn't know them refuses the whole task of a workflow that names one, so they are told only where the worker
has seen at its start that the server has them (`runtime.temporal.search_attributes`).  Once a process has begun to tell, it goes on,
and a replay does as its history did: the first time is marked there.
"""

from datetime import datetime
from typing import Any, Final

from temporalio import workflow
from temporalio.common import SearchAttributeKey, SearchAttributeUpdate

with workflow.unsafe.imports_passed_through():
    from models.process.messages.process import RunView

SUBJECT = SearchAttributeKey.for_keyword("Subject")
PROCESS = SearchAttributeKey.for_keyword("Process")
STAGE = SearchAttributeKey.for_keyword_list("Stage")
DUE = SearchAttributeKey.for_datetime("Due")
OVERDUE = SearchAttributeKey.for_bool("Overdue")
SITE = SearchAttributeKey.for_keyword("Site")
DRILL = SearchAttributeKey.for_bool("Drill")
ALL: Final[tuple[SearchAttributeKey[Any], ...]] = (SUBJECT, PROCESS, STAGE, DUE, OVERDUE, SITE, DRILL)
MARK = "tells-what-it-is-found-by"


class Server:
    """What the worker has seen of its server; the same for all workflows of this process."""

    knows = False


class Searched:
    """What one process has told of itself."""

    def __init__(self) -> None:
        """Nothing yet; whether it tells at all is decided when there is something to tell."""
        self._tells: bool | None = None
        self._told: dict[SearchAttributeKey[Any], Any] = {}

    def tell(self, run: RunView | None, now: datetime) -> None:
        """Tell what has changed since the last time."""
        if run is None:
            return
        if self._tells is None:
            # a replay asks its history; what happens for the first time asks the server that is there now
            asks = workflow.unsafe.is_replaying() or Server.knows
            self._tells = asks and workflow.patched(MARK)
        if not self._tells:
            return
        wanted = values(run, now)
        changed: list[SearchAttributeUpdate[Any]] = [
            key.value_unset() if wanted[key] is None else key.value_set(wanted[key])
            for key in ALL
            if wanted[key] != self._told.get(key)
        ]
        if changed:
            workflow.upsert_search_attributes(changed)
            self._told = wanted


def values(run: RunView, now: datetime) -> dict[SearchAttributeKey[Any], Any]:
    """Of a run as it stands; what has ended has no step, and is due no more."""
    due = None if run.over else run.due
    return {
        SUBJECT: run.lot_no,
        PROCESS: run.definition_key,
        STAGE: [] if run.over else [one.key for one in run.state.open],
        DUE: due,
        OVERDUE: due is not None and due <= now,
        SITE: run.site,
        DRILL: run.drill,
    }
