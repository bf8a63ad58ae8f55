"""The mail addresses in a field that people fill in."""

import re

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9-]+)+")


_BETWEEN = re.compile(r"[\s,;，；、]+")


def addresses(text: str | None) -> tuple[str, ...]:
    """The mail addresses in a customer's field; what is no address is left out."""
    found = (part.strip("<>()\"'") for part in _BETWEEN.split(text or ""))
    return tuple(dict.fromkeys(part for part in found if _ADDRESS.fullmatch(part)))
