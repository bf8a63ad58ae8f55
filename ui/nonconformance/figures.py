"""How quality stands, above what waits: every figure opens the records behind it (SCREENS; REQUIREMENTS 117)."""

from urllib.parse import urlencode

from models.kernel.text import Text
from models.nonconformance.queries.figures import DAYS, Figures, Rate
from models.nonconformance.queries.list import AGES, LIST, SEVERITIES
from ui.frame.i18n import Words
from ui.nonconformance.page import Counted, FiguresPart, RateShown


def part(words: Words, found: Figures) -> FiguresPart:
    """The figures with the lists that they open."""

    def counted(name: str, choices: tuple[tuple[str, Text], ...], numbers: dict[str, int]) -> tuple[Counted, ...]:
        return tuple(
            Counted(n=numbers.get(key, 0), label=said.say(words.language), href=_href(state="open", **{name: key}))
            for key, said in choices
        )

    owners = tuple(
        Counted(
            n=n,
            label=who or words("quality.nobody"),
            href=_href(state="open", **({"owner": who} if who else {"owned": "nobody"})),
        )
        for who, n in found.owners
    )
    since = found.since.isoformat()
    return FiguresPart(
        open=Counted(n=found.open, label=words("quality.open"), href=_href(state="open")),
        groups=(
            (words("quality.by_age"), counted("age", AGES, dict(found.ages))),
            (words("quality.by_severity"), counted("severity", tuple(reversed(SEVERITIES)), dict(found.severities))),
            (words("quality.by_owner"), owners),
        ),
        rates=(
            _rate(
                words("quality.on_time"),
                found.on_time,
                words("quality.on_time_of", n=found.on_time.n, of=found.on_time.of, days=DAYS),
                _href(state="closed", closed_from=since),
                words("quality.late_ones"),
                _href(state="closed", timely="late", closed_from=since),
            ),
            _rate(
                words("quality.first_pass"),
                found.first_pass,
                words("quality.first_pass_of", n=found.first_pass.n, of=found.first_pass.of, days=DAYS),
                _inspections(decided_from=since),
                words("quality.failed_first"),
                _inspections(state="failed", decided_from=since),
            ),
        ),
    )


def _rate(label: str, rate: Rate, said: str, href: str, others: str, others_href: str) -> RateShown:
    return RateShown(
        label=label,
        percent=rate.percent,
        said=said,
        href=href,
        others=Counted(n=rate.of - rate.n, label=others, href=others_href),
    )


def _href(**asked: str) -> str:
    return f"{LIST.page}?{urlencode(asked)}"


def _inspections(**asked: str) -> str:
    return f"/inspections?{urlencode({'first': 'true', **asked})}"
