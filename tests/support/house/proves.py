"""`@proves("R35", "S 19", "11.10(e)")` names the capabilities, rules and clauses of docs/design that a test proves.

Put it on a test that fails when the promise is broken, not on all that touches it.  `docs/reference/proofs.md` is made of it;
`pytest -m proves` runs these tests alone.
"""

import pytest

from runtime.reference.proofs import known


def proves(*ids: str) -> pytest.MarkDecorator:
    """The mark; ValueError, while tests are collected, for an id that isn't in docs/design."""
    unknown = [key for key in ids if not known(key)]
    if unknown or not ids:
        raise ValueError(f"docs/design knows no {', '.join(unknown) or 'proof of nothing'}")
    return pytest.mark.proves(*ids)
