"""A definition in plain words: one sentence for each step, as a process owner would say it (SCREENS, requirement 83)."""

from collections.abc import Iterable
from datetime import timedelta

from models.definition.document import Definition, ForEach, Sla, Stage, StageKind, Until
from models.definition.graph import leaving
from models.person.rules.known_roles import role_name

GROUPS = {
    "lot.inspectors": ("本批检验人员", "the inspectors of this batch"),
    "lot.operators": (
        "本批生产人员 (含更正投料者)",
        "the operators of this batch, and who corrected what went into it",
    ),
}
"""Groups of people the record knows, which a step can exclude by `not_same_as`."""


def span(time: timedelta, language: str) -> str:
    """`8 小时`, `1 天 12 小时`; `8 hours`, `1 day 12 hours`."""
    zh = language.startswith("zh")
    hours, minutes = time.seconds // 3600, time.seconds % 3600 // 60
    parts = []
    for number, one, many, word in (
        (time.days, "day", "days", "天"),
        (hours, "hour", "hours", "小时"),
        (minutes, "minute", "minutes", "分钟"),
    ):
        if number:
            parts.append(f"{number} {word if zh else one if number == 1 else many}")
    return " ".join(parts) or ("0 分钟" if zh else "0 minutes")


def sentence(stage: Stage, language: str, definition: Definition | None = None) -> str:
    """What happens at this step.  With the definition, other steps are named by their titles instead of their keys."""
    zh = language.startswith("zh")
    title = stage.title.say(language)
    match stage.kind:
        case StageKind.TASK | StageKind.INSPECTION | StageKind.SIGN_OFF:
            said = _human(stage, language, definition)
        case StageKind.SUBPROCESS if stage.for_each is not None:
            said = _each(stage, stage.for_each, language, definition)
        case StageKind.SUBPROCESS:
            ways = _ways(stage, language, definition)
            said = f"进行「{title}」: {ways}" if zh else f"Run “{title}”: {ways}"
        case StageKind.DECISION:
            said = f"{title}: {_ways(stage, language, definition)}"
        case StageKind.PARALLEL:
            tracks = [_name(key, language, definition) for key in (stage.tracks.start if stage.tracks else ())]
            join = _name(stage.tracks.join if stage.tracks else "–", language, definition)
            both = ("、" if zh else ", ").join(tracks)
            said = (
                f"{title}: 同时进行 {both}, 都完成后到 {join}" if zh else f"{title}: {both} side by side, then {join}"
            )
        case StageKind.END:
            said = f"结束: {title}" if zh else f"End: {title}"
        case StageKind.ACTION:
            said = f"系统自动: {title}" if zh else f"Automatic: {title}"
        case _:
            said = _waiting(stage, language, definition)
    if stage.kind.human or stage.kind.automatic:
        return said
    return (", " if not zh else "; ").join([said, *_clock(stage.sla, language)])


def waited(until: Until, language: str, definition: Definition | None = None) -> str:
    """`满 1 天`, `3 days after “expiry”`: what the clock of a wait waits for, the first of its moments."""
    zh = language.startswith("zh")
    times = []
    if until.after is not None:
        time = _time(until.after, until, language)
        times.append(f"满 {time}" if zh else f"the end of {time}")
    if until.date is not None:
        answer = answer_name(until.date, language, definition) if definition is not None else ""
        time = _time(until.offset, until, language)
        if until.offset:
            times.append(f"{answer or '日期'}之后 {time}" if zh else f"{time} after {answer or 'a date'}")
        else:
            times.append((answer or "日期") if zh else f"{answer or 'a date'} has come")
    return (" 或 " if zh else " or ").join(times)


def _time(time: timedelta, until: Until, language: str) -> str:
    words = span(time, language)
    if not until.working:
        return words
    return f"{words}工作时间" if language.startswith("zh") else f"{words} of working time"


def _waiting(stage: Stage, language: str, definition: Definition | None) -> str:
    zh, title = language.startswith("zh"), stage.title.say(language)
    if stage.until is None:
        return title
    first = waited(stage.until, language, definition)
    fact = ("发生, 或" if zh else "it happens, or ") if stage.fact is not None else ""
    said = f"等待「{title}」: 直到{fact}{first}" if zh else f"Wait “{title}”: until {fact}{first}"
    ways = _ways(stage, language, definition) if stage.until.elapsed is not None else ""
    return f"{said}; {ways}" if ways else said


def _each(stage: Stage, each: ForEach, language: str, definition: Definition | None) -> str:
    zh, title = language.startswith("zh"), stage.title.say(language)
    if each.rows is not None:
        table = answer_name(each.rows, language, definition)
        of = f"{table}的每一行" if zh else f"each row of {table}"
    else:
        of = "每一个关联对象" if zh else "each linked subject"
    if each.enough is not None:
        joined = f"{each.enough} 个结束即可" if zh else f"goes on when {each.enough} have ended"
    else:
        joined = "全部结束后继续" if zh else "goes on when all have ended"
    return f"对{of}进行「{title}」, {joined}" if zh else f"Run “{title}” for {of}; {joined}"


def answer_name(answer: str, language: str, definition: Definition | None) -> str:
    """The title of an answered field, written `stage.field`."""
    key, _, name = answer.partition(".")
    stage = definition.find(key) if definition is not None else None
    field = next((one for one in stage.form if one.key == name), None) if stage is not None else None
    title = field.title.say(language) if field is not None else answer
    return f"「{title}」" if language.startswith("zh") else f"“{title}”"


def _human(stage: Stage, language: str, definition: Definition | None) -> str:
    zh = language.startswith("zh")
    role, title = role_name(stage.role, language), stage.title.say(language)
    parts = [f"{role} {title}" if zh else f"{role}: {title}"]
    if stage.signature is not None:
        parts.append("并签名" if zh else "signed")
    parts += _clock(stage.sla, language)
    if stage.not_same_as:
        others = [_name(key, language, definition) for key in stage.not_same_as]
        listed = ("、" if zh else ", ").join(others)
        rounds = stage.rounds == "all"
        ever = ("任何一轮的" if rounds else "") if zh else (" in any round" if rounds else "")
        parts.append(f"不得与{ever or ' '}{listed} 同一人" if zh else f"not the same person as {listed}{ever}")
    return ", ".join(parts)


def _clock(sla: Sla, language: str) -> Iterable[str]:
    zh = language.startswith("zh")
    if sla.by is not None:
        yield "按写明的日期完成" if zh else "by the day that was set"
    elif sla.complete is not None:
        time = span(sla.complete, language)
        yield f"{time}内" if zh else f"within {time}"
    elif sla.pick_up is not None:
        time = span(sla.pick_up, language)
        yield f"{time}内认领" if zh else f"picked up within {time}"
    if sla.escalations:
        told = dict.fromkeys(role_name(one.to_role, language) for one in sla.escalations)
        names = ("、" if zh else ", ").join(told)
        yield f"逾期报 {names}" if zh else f"if late, tells the {names}"


def _ways(stage: Stage, language: str, definition: Definition | None) -> str:
    ways = [f"{edge.title.say(language)} → {_name(edge.target, language, definition)}" for edge in leaving(stage)]
    return "; ".join(ways)


def _name(key: str, language: str, definition: Definition | None) -> str:
    zh = language.startswith("zh")
    if key in GROUPS:
        return GROUPS[key][0 if zh else 1]
    stage = definition.find(key) if definition is not None else None
    if stage is None:
        return key
    title = stage.title.say(language)
    return f"「{title}」" if zh else f"“{title}”"
