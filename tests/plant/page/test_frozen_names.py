"""What was frozen with the plant's own names is read in the reader's language, and nothing but names is."""

import pytest

from models.kernel.store.english_names import saying

NAMES = {"王操作": "Wang Caozuo", "王操": "Wang Cao", "江城第一医院": "Jiangcheng First Hospital"}


@pytest.mark.parametrize(
    ("frozen", "read"),
    [
        ("not confirmed, 王操: failed", "not confirmed, Wang Cao: failed"),
        ("王操作, 王操", "Wang Caozuo, Wang Cao"),
        ("○ 江城第一医院\n2", "○ Jiangcheng First Hospital\n2"),
        ("王操在岗", "王操在岗"),  # inside a Chinese sentence it stays as it was typed
        ("请王操来", "请王操来"),
        ("plain", "plain"),
    ],
)
def test_a_name_is_read_where_it_stands_alone(frozen: str, read: str) -> None:
    assert saying(NAMES)(frozen) == read


def test_without_names_everything_is_as_it_is_written() -> None:
    assert saying({})("王操") == "王操"
