"""The fixed cast of people (STYLE), with one password, so that tests read as sentences."""

import functools

from sqlalchemy import Engine
from sqlmodel import Session

from models.rules.roles import Role
from models.store.act import Actor, act
from models.store.passwords import hash_password
from models.tables.people import Account, Person, RoleGrant, Site

PASSWORD = "moonlit harbour 7"
SEEDER = Actor("service:test", "test", "test")
CAST: dict[str, tuple[str, tuple[Role, ...]]] = {
    "lin.jian": ("林检", (Role.INSPECTOR,)),
    "zhou.shen": ("周审", (Role.QA_REVIEWER,)),
    "chen.pi": ("陈批", (Role.QA_APPROVER,)),
    "wu.jingli": ("吴经理", (Role.QUALITY_MANAGER, Role.QA_APPROVER)),
    "wang.cao": ("王操", (Role.OPERATOR,)),
    "li.cang": ("李仓", (Role.WAREHOUSE,)),
    "zhao.liu": ("赵流", (Role.PROCESS_OWNER,)),
    "sun.zhao": ("孙召", (Role.RECALL_COORDINATOR,)),
    "zheng.shenji": ("郑审计", (Role.AUDITOR,)),
    "admin": ("管理员", (Role.ADMINISTRATOR,)),
    "admin2": ("管理员二", (Role.ADMINISTRATOR,)),
}


@functools.cache
def password_hash() -> str:
    """One hash for everybody: it takes 50 ms."""
    return hash_password(PASSWORD)


def seed(engine: Engine) -> dict[str, int]:
    """Everybody with an account and roles; answers person ids by login."""
    ids: dict[str, int] = {}
    with act(engine, SEEDER) as session:
        site = Site(code="S1", name="一厂", zone="Asia/Shanghai")
        session.add(site)
        session.flush()
        for login, (name, roles) in CAST.items():
            ids[login] = add_person(session, login, name, roles, site.id)
    return ids


def add_person(session: Session, login: str, name: str, roles: tuple[Role, ...], site_id: int | None = None) -> int:
    """One more person with an account."""
    person = Person(name=name, site_id=site_id)
    session.add(person)
    session.flush()
    session.add(Account(person_id=person.id, login=login, password_hash=password_hash()))
    session.add_all(RoleGrant(person_id=person.id, role=role.value) for role in roles)
    session.flush()
    return person.id
