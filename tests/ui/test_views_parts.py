"""The small values that pages are made of."""

import pytest

from models.rules.batch_record import Deviation
from ui.i18n import Language, Words
from ui.views_parts import titles


@pytest.mark.parametrize(("language", "said"), [("zh", "检验 FQC-1 不合格"), ("en", "Inspection FQC-1 failed")])
def test_an_open_nonconformance_is_named_in_the_readers_language(language: Language, said: str) -> None:
    one = Deviation(
        number="NC-1", kind="nonconformance", code="", about="", zh="检验 FQC-1 不合格", en="Inspection FQC-1 failed",
        outcome="", cause=None, reason=None, decided_by=None, decided_at=None,
    )  # fmt: skip
    assert titles(Words(language), [one]) == {"NC-1": said}
