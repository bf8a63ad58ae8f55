"""Reads files of other systems into neutral records; pure: bytes in, a `Reading` out, no clock and no database.

`read(name, content)` recognises the format.  Every source row is accounted for: imported, merged into another record, or
rejected with a rule code; doubts are flags (requirement 102, STANDARDS D 97-99).
"""

from models.rules.importing.files import read
from models.rules.importing.reading import Finding, Reading, Record, SourceRow

__all__ = ["Finding", "Reading", "Record", "SourceRow", "read"]
