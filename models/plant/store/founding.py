"""A plant from nothing: site, shipped definitions, first inspection plans, first administrator (REQUIREMENTS 112; DESIGN 12).

Nobody knows the administrator's password: the code that is answered here is printed once, at the server.
"""

from dataclasses import dataclass

from sqlalchemy import Engine, text
from sqlmodel import Session, select

from models.definition import store as definitions
from models.inspection.rules import plan as inspection_plan
from models.inspection.tables import Characteristic, InspectionPlan
from models.kernel.store.act import Actor, act
from models.person.rules import credential
from models.person.rules.roles import Role
from models.person.store import credentials, people
from models.person.tables import RoleGrant, Site
from models.plant.rules import founding as rules
from models.plant.store.plant import DEFINITIONS

FOUNDER = Actor(actor_id="service:found", name="建厂 / founding", source="cli", reason="建厂 / the plant is founded")
PLANS = (
    ("IQC", "incoming", ("raw", "component")),
    ("FQC", "final", ("in_process", "finished", "packaged")),
)


@dataclass(frozen=True)
class Plant:
    """What is said about a plant when it begins."""

    code: str
    name: str
    zone: str
    country: str
    language: str
    administrator: str
    login: str
    employee_no: str | None = None
    email: str | None = None
    phone: str | None = None
    name_en: str | None = None
    administrator_en: str | None = None


def found(engine: Engine, plant: Plant) -> str:
    """Found it, all or nothing; answers the administrator's one-time code."""
    rules.check_zone(plant.zone)
    with act(engine, FOUNDER) as session:
        # two at the same moment: the second waits here and finds the first
        session.connection().execute(text("lock table site in share row exclusive mode"))
        known = session.exec(select(Site.name).limit(1)).first()
        if known is not None:
            raise rules.FOUNDED(site=known)
        session.add(
            Site(
                code=plant.code,
                name=plant.name,
                name_en=plant.name_en,
                zone=plant.zone,
                country=plant.country,
                language=plant.language,
                phone=plant.phone,
            )
        )
        session.flush()
        for file in sorted(DEFINITIONS.glob("*.yaml")):
            definitions.ship(session, file.read_text(encoding="utf-8"))
        for prefix, stage, kinds in PLANS:
            for kind in kinds:
                _plan(session, f"{prefix}-{kind}", stage, kind)
        return _administrator(session, plant)


def _administrator(session: Session, plant: Plant) -> str:
    if not plant.email and not plant.employee_no:
        raise credential.NO_ADDRESS_NO_NUMBER()
    person = people.create(
        session,
        plant.administrator,
        name_en=plant.administrator_en,
        email=plant.email,
        employee_no=plant.employee_no,
        site=plant.code,
    )
    account = people.bare_account(session, person, plant.login)
    session.add(RoleGrant(person_id=person.id, role=Role.ADMINISTRATOR.value))
    session.flush()
    return credentials.print_code(session, account)


def _plan(session: Session, code: str, stage: str, kind: str) -> None:
    """Something to inspect by from the first day; the plant's own plans follow."""
    title, title_en = inspection_plan.SHIPPED[stage, kind]
    plan = InspectionPlan(code=code, title=title, title_en=title_en, stage=stage, item_kind=kind)
    session.add(plan)
    session.flush()
    session.add(
        Characteristic(plan_id=plan.id, seq=1, name_zh="外观", name_en="Appearance", kind="attribute", sample_size=3)
    )
    session.flush()
