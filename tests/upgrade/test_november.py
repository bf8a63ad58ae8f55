"""A home of November is brought forward: nothing is lost, and what is left to decide is listed (DESIGN 4; REQUIREMENTS 121)."""

from hashlib import sha256

from sqlalchemy import text

from models.store import credentials, lots, recalls
from models.store.act import reading
from tests.support.database import TestDatabase


def test_what_was_let_through_before_is_listed_for_a_decision(november: TestDatabase) -> None:
    with reading(november.engine) as session:
        assert lots.alike(session) == [("Q7-0042", "q7-0042", "Q7 0042")]
        assert recalls.uncontained(session) == [("RC-2026-001", 1), ("RC-2026-002", 1)]
        own = {one["login"]: (one["set_by"], one["set_by_another"]) for one in credentials.uncertified(session)}
        places = session.connection().execute(text("select code from location where kind = 'undecided' order by code"))
        assert "MIX-01" in list(places.scalars())
    assert own == {
        "zhou.shen": ("管理员", True),
        "feng.shen": ("冯审", False),
        "chu.jian": ("管理员", True),
    }


def test_signatures_of_before_still_say_what_was_signed(november: TestDatabase) -> None:
    signed = "select s.digest, r.canonical, s.form from signature s left join signed_record r on r.digest = s.digest"
    with reading(november.engine) as session:
        rows = session.connection().execute(text(signed)).all()
    assert len(rows) > 30
    assert {row.form for row in rows} == {1}  # nothing was said for people that they didn't say
    assert [row.digest for row in rows if sha256(row.canonical.encode()).hexdigest() != row.digest] == []
