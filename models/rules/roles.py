"""Roles of a plant and what each may do, with the duties that exclude each other (REQUIREMENTS 112, STANDARDS D 102)."""

from enum import StrEnum


class Role(StrEnum):
    """A role that a person holds."""

    OPERATOR = "operator"
    INSPECTOR = "inspector"
    WAREHOUSE = "warehouse"
    QA_REVIEWER = "qa_reviewer"
    QA_APPROVER = "qa_approver"
    QUALITY_MANAGER = "quality_manager"
    PROCESS_OWNER = "process_owner"
    RECALL_COORDINATOR = "recall_coordinator"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


ROLE_NAMES: dict[Role, tuple[str, str]] = {
    Role.OPERATOR: ("操作员", "Operator"),
    Role.INSPECTOR: ("检验员", "Inspector"),
    Role.WAREHOUSE: ("仓管员", "Warehouse"),
    Role.QA_REVIEWER: ("质量审核员", "QA reviewer"),
    Role.QA_APPROVER: ("质量批准人", "QA approver"),
    Role.QUALITY_MANAGER: ("质量经理", "Quality manager"),
    Role.PROCESS_OWNER: ("流程负责人", "Process owner"),
    Role.RECALL_COORDINATOR: ("召回协调员", "Recall coordinator"),
    Role.AUDITOR: ("审计员", "Auditor"),
    Role.ADMINISTRATOR: ("系统管理员", "Administrator"),
}


class Permission(StrEnum):
    """`<noun>.<verb>`, with the noun of DESIGN 5; a permission is asked for in one place only."""

    RECORD_READ = "record.read"
    ITEM_WRITE = "item.write"
    PARTNER_WRITE = "partner.write"
    EQUIPMENT_WRITE = "equipment.write"
    LOT_RECEIVE = "lot.receive"
    LOT_HOLD = "lot.hold"
    LOT_LIFT = "lot.lift"
    LOT_RESHAPE = "lot.reshape"
    LOT_DISPOSE = "lot.dispose"
    LOT_LINK_CORRECT = "lot.link.correct"
    STOCK_MOVE = "stock.move"
    UNIT_PACK = "unit.pack"
    WORK_ORDER_CREATE = "work_order.create"
    OPERATION_RECORD = "operation.record"
    INSPECTION_RECORD = "inspection.record"
    RELEASE_SIGN = "release.sign"
    SHIPMENT_CREATE = "shipment.create"
    TASK_REASSIGN = "task.reassign"
    DEFINITION_WRITE = "definition.write"
    RECALL_RUN = "recall.run"
    RETURN_BOOK = "return.book"
    RETURN_DISPOSE = "return.dispose"
    TRACE_CHECK = "trace.check"
    AUDIT_READ = "audit.read"
    PEOPLE_WRITE = "people.write"
    QUALIFICATION_WRITE = "qualification.write"


_READ = {Permission.RECORD_READ}
_DECIDE = {
    Permission.RELEASE_SIGN,
    Permission.LOT_HOLD,
    Permission.LOT_LIFT,
    Permission.RETURN_DISPOSE,
    Permission.LOT_DISPOSE,
    Permission.LOT_LINK_CORRECT,
    Permission.AUDIT_READ,
}

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.OPERATOR: frozenset(
        _READ | {Permission.OPERATION_RECORD, Permission.LOT_LINK_CORRECT, Permission.LOT_HOLD, Permission.UNIT_PACK}
    ),
    Role.INSPECTOR: frozenset(_READ | {Permission.INSPECTION_RECORD, Permission.LOT_HOLD, Permission.LOT_DISPOSE}),
    Role.WAREHOUSE: frozenset(
        _READ
        | {
            Permission.LOT_RECEIVE,
            Permission.STOCK_MOVE,
            Permission.UNIT_PACK,
            Permission.LOT_RESHAPE,
            Permission.SHIPMENT_CREATE,
            Permission.RETURN_BOOK,
            Permission.LOT_HOLD,
        }
    ),
    Role.QA_REVIEWER: frozenset(_READ | _DECIDE),
    Role.QA_APPROVER: frozenset(_READ | _DECIDE),
    Role.QUALITY_MANAGER: frozenset(
        _READ
        | _DECIDE
        | {Permission.LOT_RESHAPE, Permission.TASK_REASSIGN, Permission.QUALIFICATION_WRITE, Permission.TRACE_CHECK}
    ),
    Role.PROCESS_OWNER: frozenset(
        _READ
        | {
            Permission.DEFINITION_WRITE,
            Permission.ITEM_WRITE,
            Permission.PARTNER_WRITE,
            Permission.EQUIPMENT_WRITE,
            Permission.WORK_ORDER_CREATE,
        }
    ),
    Role.RECALL_COORDINATOR: frozenset(
        _READ
        | {
            Permission.RECALL_RUN,
            Permission.RETURN_BOOK,
            Permission.TRACE_CHECK,
            Permission.LOT_HOLD,
            Permission.AUDIT_READ,
        }
    ),
    Role.AUDITOR: frozenset(_READ | {Permission.AUDIT_READ}),
    # operates the system and its accounts; decides nothing about quality
    Role.ADMINISTRATOR: frozenset({Permission.PEOPLE_WRITE, Permission.RECORD_READ, Permission.AUDIT_READ}),
}

QUALITY_ROLES = frozenset(
    {Role.QA_REVIEWER, Role.QA_APPROVER, Role.QUALITY_MANAGER, Role.INSPECTOR, Role.RECALL_COORDINATOR}
)
BUSINESS_ROLES = frozenset(Role) - {Role.ADMINISTRATOR, Role.AUDITOR}


def permissions(roles: frozenset[Role]) -> frozenset[Permission]:
    """Everything that a person with these roles may do."""
    return frozenset().union(*(PERMISSIONS[role] for role in roles))


def conflicts(roles: frozenset[Role]) -> tuple[Role, ...]:
    """Roles that may not sit in one person: an administrator or auditor does no business of the plant."""
    if Role.ADMINISTRATOR in roles or Role.AUDITOR in roles:
        apart = {Role.ADMINISTRATOR, Role.AUDITOR} & roles
        others = (roles & BUSINESS_ROLES) or (apart if len(apart) > 1 else frozenset())
        return tuple(sorted(others))
    return ()
