"""A plant to begin with: site, people, places, machines, plans and the shipped definitions.

The demo company and the tests stand on the same ground.  Everything here is written once; founding twice changes nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from sqlalchemy import Engine, text
from sqlmodel import Session, select

from models.definition import store as definitions
from models.definition.tables import DefinitionVersion
from models.equipment.tables import Calibration, Equipment
from models.inspection.rules import plan as inspection_plan
from models.inspection.tables import Characteristic, InspectionPlan
from models.kernel.store.act import Actor, act, reading
from models.kernel.store.act import now as moment
from models.nonconformance import store as nonconformances
from models.person.rules.roles import Role
from models.person.store.passwords import hash_password
from models.person.tables import Account, Person, Qualification, RoleGrant, Site
from models.place.tables import Location
from models.process.messages.process import By
from models.process.store import declared
from models.release.store import deviations

UPDATE = Actor(actor_id="service:update", name="Batchwright", source="worker")
DEFINITIONS = Path(__file__).parents[3] / "definitions"


@dataclass(frozen=True)
class Member:
    """One of the cast."""

    login: str
    name: str
    name_en: str
    roles: tuple[Role, ...]
    skills: tuple[str, ...] = ()


CAST = (
    Member("lin.jian", "林检", "Lin Jian", (Role.INSPECTOR,), ("inspection",)),
    Member("zhou.shen", "周审", "Zhou Shen", (Role.QA_REVIEWER,)),
    Member("chen.pi", "陈批", "Chen Pi", (Role.QA_APPROVER,)),
    Member("wu.jingli", "吴经理", "Wu Jing", (Role.QUALITY_MANAGER, Role.QA_APPROVER)),
    Member("wang.cao", "王操", "Wang Cao", (Role.OPERATOR,), ("assembly", "machining", "cleaning", "packaging")),
    Member("qian.xin", "钱新", "Qian Xin", (Role.OPERATOR,)),
    Member("li.cang", "李仓", "Li Cang", (Role.WAREHOUSE,)),
    Member("zhao.liu", "赵流", "Zhao Liu", (Role.PROCESS_OWNER,)),
    Member("sun.zhao", "孙召", "Sun Zhao", (Role.RECALL_COORDINATOR,)),
    Member("zheng.shenji", "郑审计", "Zheng Shen", (Role.AUDITOR,)),
    Member("admin", "管理员", "Administrator", (Role.ADMINISTRATOR,)),
)
"""The people of the demo company.  钱新 is new and not qualified yet."""

LOCATIONS = (
    ("RCV-01", "收货待检区", "Receiving", "quarantine"),
    ("RM-A1", "原料库 A1", "Material store A1", "storage"),
    ("LINE-2", "二号装配线", "Line 2", "line"),
    ("CR-2", "洁净间 2", "Clean room 2", "cleanroom"),
    ("QA-01", "成品待检区", "Awaiting release", "quarantine"),
    ("FG-A1", "成品库 A1", "Finished goods A1", "storage"),
    ("RET-01", "退货区", "Returns", "returns"),
    ("NG-01", "不合格品区", "Rejected goods", "rejected"),
)
EQUIPMENT = (
    ("M-07", "五轴加工中心", "5-axis machining centre", "machining_centre", "LINE-2", 200),
    ("W-03", "超声清洗机", "Ultrasonic washer", "washer", "CR-2", 120),
    ("G-17", "数显卡尺", "Digital caliper", "caliper", "QA-01", 2),
    ("G-18", "数显卡尺 (校准已到期)", "Digital caliper (overdue)", "caliper", "QA-01", -3),
    ("P-02", "包装封口机", "Pouch sealer", "sealer", "CR-2", 90),
)


def found(session: Session, password: str, now: datetime) -> None:
    """Found the plant, or leave it as it stands."""
    if session.exec(select(Site.id)).first() is not None:
        return
    site = Site(
        code="SZ",
        name="苏州工厂",
        name_en="Suzhou plant",
        zone="Asia/Shanghai",
        country="CN",
        phone="+86 512 6288 0100",
    )
    session.add(site)
    session.flush()
    for file in sorted(DEFINITIONS.glob("*.yaml")):
        definitions.ship(session, file.read_text(encoding="utf-8"))
    hashed = hash_password(password)
    for member in CAST:
        _join(session, member, site.id, hashed, now)
    places = {}
    for code, name, name_en, kind in LOCATIONS:
        place = Location(code=code, name=name, name_en=name_en, kind=kind, site_id=site.id)
        session.add(place)
        session.flush()
        places[code] = place.id
    for number, name, name_en, kind, where, days in EQUIPMENT:
        machine = Equipment(equipment_no=number, name=name, name_en=name_en, kind=kind, location_id=places[where])
        session.add(machine)
        session.flush()
        session.add(
            Calibration(
                equipment_id=machine.id,
                performed_at=now - timedelta(days=180),
                due_at=now + timedelta(days=days),
                certificate=f"CAL-{number}",
            )
        )
    for stage, kinds in (("incoming", ("raw", "component")), ("final", ("in_process", "finished", "packaged"))):
        for kind in kinds:
            _plan(session, stage, kind)
    session.flush()


def bring_definitions(engine: Engine) -> list[str]:
    """Ship the definitions of processes that this plant doesn't know yet, as after an update; answers their keys.

    What the plant has, in whatever version, stays as it is: its owner decides about changes.
    """
    files = sorted(
        DEFINITIONS.glob("*.yaml")
    )  # each is named as its process: what is known isn't read, a third of a second
    with act(engine, UPDATE) as session:
        if session.exec(select(Site.id)).first() is None:
            return []  # founding brings them
        # one worker at a time; the next one finds them
        session.connection().execute(text("lock table definition_version in share row exclusive mode"))
        known = set(session.exec(select(DefinitionVersion.key)).all())
        new = [file.read_text(encoding="utf-8") for file in files if file.stem not in known]
        return [definitions.ship(session, one).key for one in new]


def check_declared(engine: Engine) -> None:
    """Everything that the definitions in force name is declared; an error at start, never a default."""
    with reading(engine) as session:
        declared.check_declared(session)


def ask_for_decisions(engine: Engine) -> int:
    """Ask for decisions on nonconformances from before they had a process of their own; answers how many."""
    with act(engine, UPDATE) as session:
        session.connection().execute(text("lock table process_run in share row exclusive mode"))
        by = By(person_id=0, name=UPDATE.name, actor_id=UPDATE.actor_id, source=UPDATE.source)
        at = moment(session)
        return nonconformances.ask_for_open(session, by, at) + deviations.open_in_releases(session, by, at)


def _join(session: Session, member: Member, site_id: int, hashed: str, now: datetime) -> None:
    person = Person(name=member.name, name_en=member.name_en, site_id=site_id, email=f"{member.login}@example.test")
    session.add(person)
    session.flush()
    session.add(Account(person_id=person.id, login=member.login, password_hash=hashed, own_since=now))
    for role in member.roles:
        session.add(RoleGrant(person_id=person.id, role=role))
    for skill in member.skills:
        session.add(
            Qualification(
                person_id=person.id, code=skill, document=f"SOP-{skill} v3", valid_from=now - timedelta(days=90)
            )
        )
    session.flush()


def _plan(session: Session, stage: str, kind: str) -> None:
    code = {"incoming": "IQC", "final": "FQC"}[stage]
    title, title_en = inspection_plan.SHIPPED[stage, kind]
    plan = InspectionPlan(
        code=f"{code}-{kind}",
        title=title,
        title_en=title_en,
        stage=stage,
        item_kind=kind,
        qualification="inspection",
    )
    session.add(plan)
    session.flush()
    session.add(
        Characteristic(plan_id=plan.id, seq=1, name_zh="外观", name_en="Appearance", kind="attribute", sample_size=3)
    )
    session.add(
        Characteristic(
            plan_id=plan.id,
            seq=2,
            name_zh="关键尺寸",
            name_en="Critical dimension",
            kind="variable",
            unit="mm",
            lower=Decimal("11.95"),
            upper=Decimal("12.05"),
            sample_size=3,
            equipment_kind="caliper",
        )
    )
