"""Activities: open the transaction, ask the rules again, store, return a receipt."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine
from temporalio.client import Client

from activities.acts import Acts
from activities.checks import Checks
from activities.delivery import Delivery
from activities.mail import Mail
from activities.reconciling import Reconciling
from activities.tidying import Tidying
from activities.upkeep import Upkeep


@dataclass(frozen=True)
class Context:
    """What activities are bound to; `build` goes into the audit trail."""

    engine: Engine
    client: Client
    settings: Any = None
    build: str = "unknown"
    secret: bytes | None = None


def all_activities(context: Context) -> list[Callable[..., Any]]:
    """Every activity, bound to a database and a Temporal client."""
    acts = Acts(context.engine, context.build, context.secret)
    upkeep = Upkeep(context.engine, context.build, context.secret)
    return [
        acts.receive_lot,
        acts.create_work_order,
        acts.record_operation,
        acts.record_results,
        acts.complete_task,
        acts.ship,
        acts.open_recall,
        acts.plan_drill,
        acts.acknowledge,
        acts.name_receivers,
        acts.draw_checks,
        acts.record_check,
        acts.book_return,
        acts.dispose_return,
        acts.decide_lots,
        acts.file_report,
        acts.record_class,
        acts.place_hold,
        acts.lift_hold,
        acts.decide_again,
        acts.split_lot,
        acts.propose_disposition,
        acts.merge_lots,
        acts.repack_lot,
        acts.correct_link,
        acts.pack_unit,
        acts.unpack_unit,
        acts.move_unit,
        acts.register_serials,
        acts.move_stock,
        upkeep.load_run,
        upkeep.escalate,
        upkeep.cancel_run,
        upkeep.permit_retry,
        upkeep.settle_fault,
        Checks(context.engine, context.build).check_trace,
        Delivery(context.engine, context.client).deliver,
        Mail(context.engine, context.settings).send_notice,
        Reconciling(context.engine, context.client).reconcile,
        Tidying(context.engine).tidy,
    ]
