"""Numbers of cases and pallets in addresses, and in the filters of lists (REQ 19)."""

from dataclasses import replace
from typing import Annotated

from fastapi import Depends

from api.frame.request.paths import InPath, NumberIn, filter_by, named_in, only
from models.packing import rules, tables

_UNIT = NumberIn("unit_no", tables.UNITS, rules.read_number)
_UNIT_NO = named_in(_UNIT)
_PAGE_UNIT = named_in(replace(_UNIT, name="number"))

UnitPath = Annotated[InPath, Depends(_UNIT_NO)]
"""A case or pallet with its labels."""
UnitNumber = Annotated[str, Depends(only(_UNIT_NO))]
PageUnitPath = Annotated[InPath, Depends(_PAGE_UNIT)]
"""As addresses of pages call it."""
PageUnit = Annotated[str, Depends(only(_PAGE_UNIT))]
UnitFilter = Annotated[str | None, Depends(filter_by(replace(_UNIT, name="unit")))]
