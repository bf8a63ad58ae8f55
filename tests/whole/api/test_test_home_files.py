"""Whatever leaves a test home as a file says so, in its name and where it has room for it; of another home nothing does."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pydantic import SecretStr
from sqlmodel import select

from activities.mail import Mail
from models.clock import rules as moved_clock
from models.kernel.mail.message import SendNotice
from models.kernel.store.act import act
from models.person.rules import account_mail
from models.person.store import account_mails
from models.person.tables import Account, AccountMail, Person
from runtime.postgres import Postgres
from runtime.settings import Settings
from tests.support.mail.sink import mail_sink
from tests.support.plant import cast
from tests.support.servers.database import TestDatabase, copy_template, drop, test_home

Login = Callable[..., Any]


@pytest.fixture(scope="module", params=[True, False], ids=["test home", "another home"])
def kind_of_home(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture(scope="module")
def home_database(kind_of_home: bool, postgres: Postgres, database_template: Postgres) -> Iterator[TestDatabase]:
    """A founded plant with a batch, in a home of that kind."""
    if kind_of_home:
        with test_home(postgres) as made:
            _furnish(made)
            yield made
        return
    made = copy_template(database_template)
    _furnish(made)
    yield made
    drop(database_template, made)


def _furnish(made: TestDatabase) -> None:
    cast.seed(made.engine)
    cast.receive(made.engine, "TH-1")


@pytest.fixture
def founded_database(home_database: TestDatabase) -> TestDatabase:
    return home_database


FILES = ("/trace/TH-1?format=csv", "/trace/TH-1?format=pdf", "/exposure?of=lot:TH-1&format=csv")


def test_the_name_of_every_file_and_every_paper_says_whether_it_is_of_a_test_home(
    as_: Login, kind_of_home: bool
) -> None:
    chen = as_("chen.pi")
    for file in FILES:
        answer = chen.get(file)
        assert answer.status_code == 200, answer.text
        name = answer.headers["Content-Disposition"].partition('filename="')[2]
        assert name.startswith("TEST-") is kind_of_home, name
        if file.endswith("pdf"):
            assert (b"TEST Trace" in answer.content) is kind_of_home, "the title of the paper"


def test_what_people_are_mailed_says_whether_it_is_of_a_test_home(
    home_database: TestDatabase, kind_of_home: bool
) -> None:
    with act(home_database.engine, cast.SEEDER) as session:
        account = session.exec(select(Account).where(Account.login == "chen.pi")).one()
        session.get_one(Person, account.person_id).email = "chen@plant.test"
        session.flush()
        account_mails.ask(session, account, "unlocked", "x")
        asked = session.exec(select(AccountMail.public_id)).one()
    with mail_sink() as sink:
        given: dict[str, Any] = {"smtp_host": "127.0.0.1", "smtp_port": sink.port, "smtp_security": "none"}
        given |= {"mail_from": "q@plant.test", "secret": SecretStr("s" * 40)}
        mail = Mail(home_database.engine, Settings(**given))
        assert mail.send_notice(SendNotice(notice=asked, kind=account_mail.KIND)) == "sent"
        (message,) = sink.taken
    assert message["Subject"].startswith(moved_clock.MARK) is kind_of_home
