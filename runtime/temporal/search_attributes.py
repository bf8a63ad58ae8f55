"""Does the Temporal server know what processes are found by?  The embedded one is told at its start; others by their operator."""

import logging

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.client import Client
from temporalio.service import RPCError

from workflows.process import searched

KINDS = {
    IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD: "Keyword",
    IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD_LIST: "KeywordList",
    IndexedValueType.INDEXED_VALUE_TYPE_DATETIME: "Datetime",
    IndexedValueType.INDEXED_VALUE_TYPE_BOOL: "Bool",
}
NEEDED = {key.name: KINDS[IndexedValueType.ValueType(int(key.indexed_value_type))] for key in searched.ALL}
"""Name and type, as the command line of Temporal calls them."""

log = logging.getLogger("batchwright.worker")


def command() -> list[str]:
    """How an operator makes them; a second time is harmless."""
    made = [part for name, kind in NEEDED.items() for part in ("--name", name, "--type", kind)]
    return ["operator", "search-attribute", "create", *made]


async def look(client: Client) -> bool:
    """Ask the server, and let the workflows of this worker tell where it knows all of them."""
    try:
        found = await client.operator_service.list_search_attributes(
            ListSearchAttributesRequest(namespace=client.namespace)
        )
    except RPCError as error:
        log.warning("the server doesn't say which search attributes it has: %s", error)
        searched.Server.knows = False
        return False
    there = {name: KINDS.get(kind) for name, kind in found.custom_attributes.items()}
    lacking = sorted(name for name, kind in NEEDED.items() if there.get(name) != kind)
    searched.Server.knows = not lacking
    if lacking:
        log.warning("processes aren't found by %s: temporal %s", ", ".join(lacking), " ".join(command()))
    return not lacking
