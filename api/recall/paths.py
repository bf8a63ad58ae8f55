"""Numbers of recalls in addresses (REQ 19)."""

from typing import Annotated

from fastapi import Depends

from api.frame.request.paths import NumberIn, number_in
from models.recall.tables import recall as tables

RecallNumber = Annotated[str, Depends(number_in(NumberIn("recall_no", tables.RECALLS)))]
PageRecall = Annotated[str, Depends(number_in(NumberIn("number", tables.RECALLS)))]
"""As addresses of pages call it."""
