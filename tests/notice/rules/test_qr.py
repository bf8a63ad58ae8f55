"""The code on a letter scales with its paper and carries the link, whatever its length."""

import pytest

from models.paper.qr import svg


@pytest.mark.parametrize("text", ["https://q.example/n/a", "https://q.example/n/" + "x" * 300])
def test_a_code_scales_to_its_box_and_needs_no_script_or_style(text: str) -> None:
    drawn = svg(text, title="扫码 <回执>")
    assert "viewBox" in drawn
    assert "&lt;回执&gt;" in drawn
    assert not {"<script", "style="} & {part for part in ("<script", "style=") if part in drawn}


def test_two_links_have_two_codes() -> None:
    assert svg("https://q.example/n/a", title="x") != svg("https://q.example/n/b", title="x")
