"""What every line of a log says beside its message."""

import logging

from models.kernel.origin import ORIGIN


def tell_origin(record: logging.LogRecord) -> bool:
    """A filter that keeps every line, and tells the trace of the request that it belongs to (`%(origin)s`)."""
    found = ORIGIN.get()
    record.origin = f" [{found.trace}]" if found is not None else ""
    return True
