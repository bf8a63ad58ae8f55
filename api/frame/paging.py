"""Pages of a list: how many at a time, and where to go on."""

from typing import Annotated

from fastapi import Query

from models.kernel.request import PAGE_LIMIT

Limit = Annotated[int, Query(ge=1, le=PAGE_LIMIT, description="How many at most")]
Cursor = Annotated[str | None, Query(max_length=2000, description="`next` of the page before")]
Search = Annotated[str | None, Query(max_length=500, description="What to look for")]
