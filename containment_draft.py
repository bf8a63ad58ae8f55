def sub(p,a,b,n=1):
    s=open(p).read(); assert s.count(a)>=1,(p,a); s=s.replace(a,b,n); open(p,'w').write(s)
# store/holds
p='models/store/holds.py'
sub(p,'''OF_RECALL = text(''','''CONFIRM = text("""
update hold set confirmed_at = :now
 where recall_id = :recall and cause = 'containment' and confirmed_at is null and lifted_at is null
   and lot_id = any(cast(:ids as bigint[])) returning lot_id
""")
OUTSIDE = text("""
select lot_id from hold where recall_id = :recall and cause = 'containment' and confirmed_at is null and lifted_at is null
   and lot_id <> all(cast(:ids as bigint[]))
""")
RELEASE = text("""
update hold set lifted_at = :now, lifted_by_id = :person, lift_reason = :reason
 where recall_id = :recall and cause = 'containment' and confirmed_at is null and lifted_at is null
   and lot_id = any(cast(:ids as bigint[])) returning lot_id
""")
CONFIRMED_SINCE = text("""
select lot_id from hold where recall_id = :recall and lifted_at is null and confirmed_at > :since
""")
OF_RECALL = text(''')
sub(p,'''def decided(session''','''def confirm(session: Session, recall_id: int, lot_ids: Collection[int], now: datetime) -> frozenset[int]:
    """What a recall holds as a precaution becomes its own for good; answers those lots."""
    given = {"recall": recall_id, "ids": sorted(lot_ids), "now": now}
    return frozenset(session.connection().execute(CONFIRM, given).scalars())


def confirmed_since(session: Session, recall_id: int, since: datetime) -> frozenset[int]:
    """The lots whose precaution was confirmed after that moment."""
    return frozenset(session.connection().execute(CONFIRMED_SINCE, {"recall": recall_id, "since": since}).scalars())


def release_outside(
    session: Session, recall_id: int, lot_ids: Collection[int], *, reason: str, person_id: int, now: datetime
) -> frozenset[int]:
    """Lift the precaution on whatever the signed scope leaves out; the lots are locked first."""
    connection = session.connection()
    given = {"recall": recall_id, "ids": sorted(lot_ids)}
    outside = sorted(connection.execute(OUTSIDE, given).scalars())
    if not outside:
        return frozenset()
    connection.execute(LOCK, {"ids": outside})
    given |= {"ids": outside, "now": now, "person": person_id, "reason": reason}
    return frozenset(connection.execute(RELEASE, given).scalars())


def decided(session''')
# outward
p='models/store/outward.py'
sub(p,'''def let_go(''','''def contain(session: Session, recall: Recall, lot_ids: Collection[int], person_id: int, now: datetime) -> frozenset[int]:
    """Freeze a computed scope at once, as a precaution that its approval confirms or releases; a drill freezes nothing.

    Answers what has become of the scope's lots meanwhile and is frozen with them: it belongs into the scope.
    """
    if _drill(recall):
        return frozenset()
    parts = holds.with_parts(session, lot_ids, recalls.computed_at(session, recall.id, now))
    holds.place(
        session,
        parts,
        reason=f"{recall.recall_no} {recall.title}",
        cause="containment",
        person_id=person_id,
        now=now,
        recall_id=recall.id,
    )
    return parts - frozenset(lot_ids)


def confirm(
    session: Session, recall: Recall, lot_ids: Collection[int], person_id: int, now: datetime
) -> frozenset[int]:
    """The scope is approved: its precaution is the recall's hold from now on, and what it leaves out is let go.

    Answers the lots that nobody holds any more.
    """
    if _drill(recall):
        return frozenset()
    parts = holds.with_parts(session, lot_ids, recalls.computed_at(session, recall.id, now))
    holds.confirm(session, recall.id, parts, now)
    reason = f"{recall.recall_no} {recall.title}"
    freed = holds.release_outside(session, recall.id, parts, reason=reason, person_id=person_id, now=now)
    return freed - holds.still_held(session, freed)


def let_go(''')
sub(p,'''        recall_id=recall.id,
    )
    return frozenset(placed.holds) & frozenset(lot_ids)
''','''        recall_id=recall.id,
    )
    # what the approval confirmed since the last time counts as held by this decision
    last = (recall.hold_report or {}).get("at")
    since = datetime.fromisoformat(last) if last else recall.opened_at
    return (frozenset(placed.holds) | holds.confirmed_since(session, recall.id, since)) & frozenset(lot_ids)
''')
sub(p,'''def confirm(
    session: Session, recall''','''def contained(session: Session, recall: Recall, scope: RecallScope, person_id: int, now: datetime) -> RecallScope:
    """Freeze a scope as a precaution; what grew out of it while it was computed joins it by itself, in a newer version."""
    while contain(session, recall, recalls.lot_ids(session, scope), person_id, now):
        scope = recalls.compute(session, recall, scope.identifiers, now)
    return scope


def confirm(
    session: Session, recall''')
sub(p,'from models.tables.recalls import Recall\n','from models.tables.recalls import Recall, RecallScope\n')
# opening
p='models/store/acts/recalling.py'
sub(p,'''    scope = recalls.compute(session, row, list(identifiers), now)
''','''    scope = recalls.compute(session, row, list(identifiers), now)
    # in the same transaction: what is in scope leaves the house neither before nor while people look at it
    scope = outward.contained(session, row, scope, command.by.person_id, now)
''')
# effects
p='models/store/effects_recall.py'
sub(p,'''            scope = recalls.compute(session, recall, scope.identifiers, now)
            done |=''','''            scope = recalls.compute(session, recall, scope.identifiers, now)
            scope = outward.contained(session, recall, scope, by.person_id, now)
            done |=''')
sub(p,'''            done |= _decide(session, recall, scope, form, now)
''','''            done |= _decide(session, recall, scope, form, now)
            # the wall asks for the signed scope
            session.flush()
            freed = outward.confirm(session, recall, recalls.lot_ids(session, scope), by.person_id, now)
            _go_on(session, freed, by, now)
''')
sub(p,'''            wider = recalls.compute(session, recall, [*scope.identifiers, *_names(form)], now)
''','''            wider = recalls.compute(session, recall, [*scope.identifiers, *_names(form)], now)
            wider = outward.contained(session, recall, wider, by.person_id, now)
''')
sub(p,'''    recall.held_at = recall.held_at or now
    recall.hold_report = report
''','''    recall.held_at = recall.held_at or now
    recall.hold_report = report | {"at": now.isoformat()}
''')

sub('models/store/acts/recalling.py','from models.store import notice_intake, recalls, runs','from models.store import notice_intake, outward, recalls, runs')
sub('models/store/effects_recall.py','''        case (("hold_all" | "notify"), _):
''','''        case "notify", _:
''')
sub('models/store/effects_recall.py','''    held = outward.hold(session, recall, recalls.lot_ids(session, scope), by.person_id, now)
''','''    if scope.signed_at is None:
        # held before it is signed, it is the precaution that the approval decides about
        scope = outward.contained(session, recall, scope, by.person_id, now)
    held = outward.hold(session, recall, recalls.lot_ids(session, scope), by.person_id, now)
''')
sub('models/rules/floor_recall.py','ACTS = ("hold_all", "notify")\n"""The steps that act: their keys are what the record\'s effects go by (models/store/effects_recall.py)."""\n','ACTS = ("hold_all", "notify")\n"""The steps that act: their keys are what the record\'s effects go by (models/store/effects_recall.py)."""\nSIGNED_FIRST = ("notify",)\n"""What waits for two signatures.  Holding doesn\'t: opening a recall holds its scope at once, and signatures confirm it."""\n')
sub('models/rules/floor_recall.py','for goal in (key for key in ACTS if definition.find(key)):','for goal in (key for key in SIGNED_FIRST if definition.find(key)):')
sub('models/rules/floor_recall.py','The scope is signed by two different people before anything is held or anybody told, also when it was expanded; what is\nrecalled is held and its customers are told before the recall is closed; and closing is signed.','The scope is signed by two different people before anybody is told, also when it was expanded; what is recalled is held\nand its customers are told before the recall is closed; and closing is signed.  Holding waits for nobody: the opening\nholds what is in scope, reversibly.')
