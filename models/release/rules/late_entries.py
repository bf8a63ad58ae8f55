"""Late entries in the evidence of a release: who releases sees what was written down long after it was done (ALCOA+)."""

from models.kernel.time.moments import minute
from models.release.rules.batch_record import BatchRecord
from models.release.rules.matrix import Book, ExceptionItem, Factor


def judge(book: Book, record: BatchRecord) -> None:
    """Every operation or measurement that was told later than the plant allows is an exception, for which releasing gives a reason."""
    _measured(book, record)
    for one in record.operations:
        if one.late is None:
            continue
        told, done = minute(one.late.recorded_at, record.zone), minute(one.finished_at, record.zone)
        book.fault(
            ExceptionItem(
                code="EV-METHOD-20",
                factor=Factor.METHOD,
                stage=f"op{one.seq}",
                value=told,
                limit=done,
                zh=f"工序 {one.seq} 补录：{done} 完成，{told} 才录入（{one.late.reason}）",
                en=f"operation {one.seq} was entered late: done {done}, told {told} ({one.late.reason})",
            )
        )


def _measured(book: Book, record: BatchRecord) -> None:
    for inspection in record.inspections:
        for one in inspection.late:
            told, done = minute(one.recorded_at, record.zone), minute(one.measured_at, record.zone)
            number = inspection.inspection_no
            book.fault(
                ExceptionItem(
                    code="EV-METHOD-22",
                    factor=Factor.METHOD,
                    stage="inspection",
                    value=told,
                    limit=done,
                    zh=f"检验 {number} 补录：{done} 测量，{told} 才录入（{one.reason}）",
                    en=f"inspection {number} was entered late: measured {done}, told {told} ({one.reason})",
                    about=number,
                )
            )
