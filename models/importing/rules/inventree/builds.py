"""InvenTree's build orders as work orders, and what went into them as consume edges.

Three kinds of evidence: stock that says by which build it was consumed; a `build consumed` event, which names no build,
so that the build completed just before it and whose bill of material has the part is taken, with a flag; and stock that
is only allocated to an unfinished build, which is linked so that a trace reaches it, also with a flag.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from models.importing.rules.codes import ALLOCATED_ONLY, INFERRED_BUILD, SEVERAL_OUTPUTS, TIME_INVERSION, UNKNOWN_BUILD
from models.importing.rules.inventree.dump import UNKNOWN_TIME, Dump, Fields, LotDraft
from models.importing.rules.reading import SourceRow, date_of, instant_of, needed, quantity_of, words_of

OUTPUT_COMPLETED, BUILD_CONSUMED, INSTALLED_INTO = 55, 57, 30
_WINDOW = timedelta(minutes=15)  # a build's consumption is booked within seconds to a minute of its completion
Completion = TypeVar("Completion", bound=tuple[datetime, *tuple[Any, ...]])
_STATUS = {30: "cancelled", 40: "finished"}


def read(dump: Dump) -> None:
    """Work orders, consume edges, install edges."""
    reader = BuildReader(dump)
    dump.each("build", reader.build)
    dump.each("build_line", reader.build_line)
    dump.each("build_item", reader.allocation)
    dump.each("stock_item", reader.consumed_or_installed)
    dump.each("stock_item_tracking", reader.consumption_event)


class BuildReader:
    """Knows which parts each build takes and when its outputs were completed."""

    def __init__(self, dump: Dump) -> None:
        self.dump = dump
        self.intake = dump.intake
        self.lines: dict[Any, list[dict[str, Any]]] = defaultdict(list)
        self.takes: dict[Any, set[Any]] = defaultdict(set)
        for line in dump.objects["build_line"].values():
            bom = dump.objects["bom_item"].get(line.get("bom_item"), {})
            self.lines[line.get("build")].append({"part": bom.get("sub_part"), "quantity": str(line.get("quantity"))})
            self.takes[line.get("build")].add(bom.get("sub_part"))
        self.materials: dict[Any, set[Any]] = defaultdict(set)  # by the part that they make
        for bom in dump.objects["bom_item"].values():
            self.materials[bom.get("part")].add(bom.get("sub_part"))
        self.completions: list[tuple[datetime, Any, LotDraft]] = []
        self.completed: dict[Any, list[tuple[datetime, LotDraft]]] = defaultdict(list)  # by build
        items = dump.objects["stock_item"]
        for event in dump.objects["stock_item_tracking"].values():
            made = event.get("item")
            if event.get("tracking_type") == OUTPUT_COMPLETED and made in dump.lot_of and items[made].get("build"):
                self.completions.append((_moment(event), items[made]["build"], dump.lot_of[made]))
        self.completions.sort(key=_at)
        for at, build, draft in self.completions:
            self.completed[build].append((at, draft))

    def build(self, row: SourceRow, pk: Any, fields: Fields) -> None:
        """A build order is a work order; its first output lot is its lot."""
        self.dump.get("part", fields.get("part"))
        created, finished = date_of(fields, "creation_date"), instant_of(fields, "completion_date")
        if created and finished and finished[:10] < created:
            self.intake.flag(row, TIME_INVERSION(later=f"completion {finished[:10]}", earlier=f"creation {created}"))
        lots = self._output_lots(pk)
        ref = self.intake.record(
            "work_order",
            f"build:{pk}",
            row,
            {
                "work_order_no": needed(fields, "reference"),
                "quantity": quantity_of(fields, "quantity"),
                "produced": quantity_of(fields, "completed"),
                "uom": words_of(self.dump.get("part", fields["part"]), "units") or "pcs",
                "status": _STATUS.get(fields.get("status", 0), "open"),
                "origin": "migrated",
                "created_at": instant_of(fields, "creation_date") or finished or UNKNOWN_TIME,
                "finished_at": finished,
                "extra": {
                    "title": fields.get("title"),
                    "parent": fields.get("parent"),
                    "sales_order": fields.get("sales_order"),
                    "lines": self.lines[pk],
                },
            },
            {"item_id": f"item:{fields['part']}", "lot_id": lots[0].ref if lots else None},
        )
        self.intake.take(row, ref)

    def _output_lots(self, build: Any) -> list[LotDraft]:
        return list(
            {draft.ref: draft for draft in (self.dump.lot_of[pk] for pk, _ in self.dump.outputs(build))}.values()
        )

    def build_line(self, row: SourceRow, _pk: Any, fields: Fields) -> None:
        """What a build needs stands in its work order."""
        self.dump.get("build", fields.get("build"))
        self.dump.get("bom_item", fields.get("bom_item"))
        self.intake.merge(row, f"build:{fields['build']}")

    def allocation(self, row: SourceRow, pk: Any, fields: Fields) -> None:
        """Stock set aside for a build, or for one unit of it."""
        line = self.dump.get("build_line", fields.get("build_line"))
        build = line["build"]
        order = needed(self.dump.get("build", build), "reference")
        source = self.dump.lot(fields.get("stock_item"))
        quantity = quantity_of(fields, "quantity")
        self.intake.flag(row, ALLOCATED_ONLY(order=order))
        into = fields.get("install_into")
        # InvenTree books untracked material when the build is closed, so finished outputs may contain it as well
        children = [self.dump.lot(into)] if into is not None else self._output_lots(build)
        since = max(self.dump.since(pk) for draft in (source, *children) for pk in draft.items[:1])
        # no quantity: how much of it was used so far the source does not say
        target = self._consume(row, f"allocation:{pk}", source, children, None, since, "inventree:allocated", order)
        fact = self.intake.record(
            "lot_fact",
            f"allocated:{pk}",
            row,
            {"fact": "legacy.allocated", "at": since, "data": {"order": order, "quantity": str(quantity)}},
            {"lot_id": source.ref},
        )
        self.intake.take(row, target or fact)

    def consumed_or_installed(self, row: SourceRow, pk: Any, item: Fields) -> None:
        """Stock that a build has used up, or a unit that sits in another."""
        source = self.dump.lot_of[pk]
        quantity = quantity_of(item, "quantity")
        build = item.get("consumed_by")
        if build is not None:
            order = needed(self.dump.get("build", build), "reference")
            lots = self._output_lots(build)
            source.used += quantity
            self._consume(row, f"consumed:{pk}", source, lots, quantity, self.dump.since(pk), "inventree", order)
        host = item.get("belongs_to")
        if host is not None:
            child = self.dump.lot(host)
            source.used += quantity
            installs = [e for _, e in self.dump.events.get(pk, []) if e.get("tracking_type") == INSTALLED_INTO]
            at = instant_of(installs[-1], "date") if installs else self.dump.since(pk)
            values = {"kind": "install", "quantity": quantity, "uom": source.uom, "source": "inventree", "at": at}
            refs = {"parent_lot_id": source.ref, "child_lot_id": child.ref}
            self.intake.record("genealogy_edge", f"install:{pk}", row, values, refs)

    def consumption_event(self, row: SourceRow, pk: Any, event: Fields) -> None:
        """`removed` of a stock item went into a build that the event does not name."""
        if event.get("tracking_type") != BUILD_CONSUMED:
            return
        item = self.dump.get("stock_item", event.get("item"))
        deltas = event.get("deltas") or {}
        quantity = quantity_of(deltas, "removed") if "removed" in deltas else Decimal(0)
        source = self.dump.lot_of[event["item"]]
        source.quantity += quantity
        source.used += quantity
        build = deltas.get("buildorder")
        moment = _moment(event)
        if build is None:
            build = self._build_before(moment, item["part"])
            if build is None:
                self.intake.flag(row, UNKNOWN_BUILD(quantity=quantity))
                return
            self.intake.flag(row, INFERRED_BUILD(order=self.dump.get("build", build)["reference"]))
        window = {draft.ref: draft for _, draft in _within(self.completed[build], moment)}
        lots = list(window.values()) or self._output_lots(build)
        order = needed(self.dump.get("build", build), "reference")
        self._consume(row, f"event:{pk}", source, lots, quantity, moment.isoformat(), "inventree", order)

    def _build_before(self, moment: datetime, part: Any) -> Any:
        """The build completed last before the moment, within the window, that takes the part."""
        wanted = {part, self.dump.get("part", part).get("variant_of")}
        last: datetime | None = None
        found, builds = None, dict[Any, None]()
        for at, build, _ in reversed(_within(self.completions, moment)):
            if last is not None and at < last:
                break
            if build not in builds:
                builds[build] = None
                if wanted & self.takes[build] or wanted & self.materials[self._made_by(build)]:
                    last, found = at, build
        return found

    def _made_by(self, build: Any) -> Any:
        return self.dump.objects["build"].get(build, {}).get("part")

    def _consume(
        self,
        row: SourceRow,
        ref: str,
        source: LotDraft,
        lots: list[LotDraft],
        quantity: Decimal | None,
        at: str,
        evidence: str,
        order: str,
    ) -> str | None:
        """Edges into every lot that may have got it; the quantity only when there is one such lot."""
        children = [draft for draft in lots if draft is not source]
        if len(children) > 1:
            self.intake.flag(row, SEVERAL_OUTPUTS(order=order, count=len(children)))
        known = quantity if len(children) == 1 else None
        for child in children:
            values = {"kind": "consume", "quantity": known, "uom": source.uom, "source": evidence, "at": at}
            refs = {"parent_lot_id": source.ref, "child_lot_id": child.ref}
            self.intake.record("genealogy_edge", f"{ref}:{child.ref}", row, values, refs)
        return f"{ref}:{children[0].ref}" if children else None


def _moment(event: Fields) -> datetime:
    moment = datetime.fromisoformat(instant_of(event, "date") or UNKNOWN_TIME)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _at(completion: tuple[datetime, *tuple[Any, ...]]) -> datetime:
    return completion[0]


def _within(completions: list[Completion], moment: datetime) -> list[Completion]:
    """Those of the window before a moment; they stand in the order of their time."""
    return completions[bisect_left(completions, moment - _WINDOW, key=_at) : bisect_right(completions, moment, key=_at)]
