"""The steps of people who decide cases: drawn, then done in the model and for real."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from django.db import transaction

from agencies.actions.appeals import decide_appeal, file_appeal
from agencies.actions.awards import award_credit
from agencies.actions.penalties import PlannedMeasure
from agencies.actions.removal import propose_removals_at_zero
from agencies.actions.violations import (
    confirm_removal,
    decline_removal,
    discard_draft,
    draft_violation,
    group_incident,
    issue,
    revoke,
)
from agencies.enums import Measure, ViolationKind
from agencies.imports import ViolationImport
from agencies.imports.frame import Occasion, import_file
from agencies.ledger import Deduction, deduct
from agencies.ledger.forecast import preview
from agencies.models import Penalty, Violation
from portal.models import User
from tests.agencies.deliveries import HEADERS
from tests.conduct_model.bindings import Platform
from tests.conduct_model.model import APPEALED, DRAFT, ISSUED, PROPOSED, Planned
from tests.conduct_model.world import AGENCIES, LINKED, STAFF, World

SUMMARY = "与达人发生纠纷"


class CaseSteps:
    model: Platform
    world: World
    folder: Path
    cases: dict[int, int]  # primary keys of violations by the model's numbers
    both: Callable[..., Any]

    def someone(self, random: Random) -> str:
        return random.choice(STAFF)

    def _some_case(self, random: Random, *states: str, other: float = 0.1) -> int | None:
        """A case in one of the states, now and then any case."""
        wanted = [n for n, c in self.model.cases.items() if c.state in states]
        if not wanted or random.random() < other:
            wanted = list(self.model.cases)
        return random.choice(wanted) if wanted else None

    def do_draft(self, random: Random) -> None:
        agency, by = random.choice(list(AGENCIES)), self.someone(random)
        points = random.choice([0, 5, 10, 20, 30, 41, 50, 70, 120, random.randint(0, 130)])
        planned, measures = self._measures(random, agency)
        facts = {
            "agency": self.world.agencies[agency],
            "kind": random.choice(ViolationKind.values),
            "occurred_on": self.model.today,
            "summary": SUMMARY,
            "points": points,
            "measures": planned,
            "request_key": UUID(int=random.getrandbits(128), version=4),
            "at": self.model.now,
            "by": self.world.staff[by],
        }
        done = self.both(
            lambda: self.model.draft(agency, points, measures, by=by),
            lambda: draft_violation(**facts),
            f"draft of {points} points for {agency} by {by} with {measures}",
        )
        if done:
            self.cases[done[0]] = done[1].pk
            again = draft_violation(**facts)
            assert again.pk == done[1].pk, "the same form sent twice is one draft"

    def _measures(self, random: Random, agency: str) -> tuple[list[PlannedMeasure], list[Planned]]:
        """Some measures, as the action and as the model want them."""
        planned, measures = [], []
        for kind, share in (
            (Measure.WARNING, 0.3),
            (Measure.SUSPEND_BINDING, 0.3),
            (Measure.CANCEL_HONOURS, 0.2),
        ):
            if random.random() < share:
                starts_on, until = self._days(random)
                planned.append(PlannedMeasure(kind, starts_on, until))
                measures.append(Planned(kind.value, starts_on, until))
        if random.random() < 0.15:
            starts_on, until = self._days(random)
            hit = random.sample(LINKED[agency], random.randint(1, len(LINKED[agency])))
            keys = tuple(self.world.agencies[name].pk for name in hit)
            planned.append(PlannedMeasure(Measure.LINKED_AGENCIES, starts_on, until, keys))
            measures += [Planned("linked_agencies", starts_on, until, agency=name) for name in hit]
        if random.random() < 0.1:
            starts_on, until = self._days(random)
            name = random.choice(LINKED[agency])
            key = (self.world.owners[name].pk,)
            planned.append(PlannedMeasure(Measure.LINKED_ACCOUNTS, starts_on, until, (), key))
            measures.append(Planned("linked_accounts", starts_on, until, account=name))
        if random.random() < 0.12:
            planned.append(PlannedMeasure(Measure.REMOVAL, None, None))
            measures.append(Planned("removal"))
        return planned, measures

    def _days(self, random: Random) -> tuple[date | None, date | None]:
        today = self.model.today
        starts_on = random.choice([None, None, today, today + timedelta(days=random.randint(1, 9))])
        first = starts_on or today
        until = random.choice([None, first + timedelta(days=random.choice([1, 7, 20, 60]))])
        return starts_on, until

    def do_issue(self, random: Random) -> bool | None:
        case = self._some_case(random, DRAFT)
        if case is None:
            return False
        by, found = self.someone(random), self.model.cases[case]
        if found.state == DRAFT:
            self._compare_preview(case)
        self.both(
            lambda: self.model.issue(case, by=by),
            lambda: issue(
                violation_id=self.cases[case], at=self.model.now, by=self.world.staff[by]
            ),
            f"issue of {case} by {by}",
        )
        return None

    def _compare_preview(self, case: int) -> None:
        """What the form says before the decision, against the model."""
        found, today = self.model.cases[case], self.model.today
        book = self.model.books[found.agency]
        shown = preview(self.world.agencies[found.agency].pk, points=found.points, on=today)
        taken = min(found.points, book.takeable(today))
        expected = (book.balance(today), taken, book.balance(today) - taken)
        assert (shown.before, shown.applied, shown.after) == expected, f"preview of {case}"

    def do_discard(self, random: Random) -> bool | None:
        case = self._some_case(random, DRAFT)
        if case is None:
            return False
        by = self.world.staff[self.someone(random)]
        self.both(
            lambda: self.model.discard(case),
            lambda: discard_draft(violation_id=self.cases[case], at=self.model.now, by=by),
            f"discarding {case}",
        )
        return None

    def do_deliver(self, random: Random) -> bool | None:
        """Cases decided elsewhere, by file or as the import writes them."""
        today, rows = self.model.today, []
        for _ in range(random.choice([1, 1, 2, 3])):
            agency = random.choice(list(AGENCIES))
            day = today - timedelta(days=random.choice([0, 1, 5, 20, 45, random.randint(0, 90)]))
            if day >= AGENCIES[agency].joined_on:
                rows.append((agency, random.choice([0, 10, 20, 50, 100, 130]), day))
        if not rows:
            return False
        numbers = self.model.import_cases(rows)
        named = [(f"F{number:06d}", *row) for number, row in zip(numbers, rows, strict=True)]
        if random.random() < 0.3:
            self._by_file(named)
        else:
            self._by_hand(named)
        stored = dict(Violation.objects.values_list("reference", "pk"))
        self.cases.update({n: stored[f"F{n:06d}"] for n in numbers})
        return None

    def _by_file(self, rows: list[tuple[str, str, int, date]]) -> None:
        path = self.folder / "violations.csv"
        lines = [
            f"{agency},dispute,{day},{day},{points},{SUMMARY},{reference}"
            for reference, agency, points, day in rows
        ]
        path.write_text("\n".join([HEADERS["violations"], *lines]) + "\n", encoding="utf-8")
        occasion = Occasion(today=self.model.today, now=self.model.now)
        outcome = import_file(path, ViolationImport(), occasion)
        assert outcome.imported.accepted == len(rows)

    def _by_hand(self, rows: list[tuple[str, str, int, date]]) -> None:
        due = []
        for reference, agency, points, day in rows:
            violation = Violation.objects.create(
                agency=self.world.agencies[agency],
                kind=ViolationKind.DISPUTE,
                occurred_on=day,
                decided_on=day,
                appeal_until=day + timedelta(days=15),
                points=points,
                summary=SUMMARY,
                reference=reference,
            )
            due.append(Deduction(violation.agency_id, violation.pk, points, day, reference))
        with transaction.atomic():
            deduct(due, at=self.model.now)
            hit = {deduction.agency_id for deduction in due}
            propose_removals_at_zero(hit, at=self.model.now)

    def do_group(self, random: Random) -> bool | None:
        first = self._some_case(random, ISSUED, DRAFT)
        if first is None:
            return False
        agency = self.model.cases[first].agency
        same = [n for n, c in self.model.cases.items() if c.agency == agency]
        chosen = sorted({first, *random.sample(same, min(2, len(same)))})
        if len(chosen) < 2:
            return False
        by = self.someone(random)
        self.both(
            lambda: self.model.group(chosen, by=by),
            lambda: group_incident(
                violation_ids=[self.cases[n] for n in chosen],
                title="同一事件",
                at=self.model.now,
                by=self.world.staff[by],
            ),
            f"grouping {chosen}",
        )
        return None

    def do_appeal(self, random: Random) -> bool | None:
        first = self._some_case(random, ISSUED)
        if first is None or self.model.cases[first].state == DRAFT:
            return False
        found = self.model.cases[first]
        agency = found.agency if random.random() < 0.95 else random.choice(list(AGENCIES))
        chosen = [first]
        if random.random() < 0.7 and found.incident is not None:
            chosen = [
                n
                for n, c in self.model.cases.items()
                if c.incident == found.incident and c.state == ISSUED
            ] or [first]
        self.both(
            lambda: self.model.appeal(agency, chosen),
            lambda: file_appeal(
                agency=self.world.agencies[agency],
                violation_ids=[self.cases[n] for n in chosen],
                text="我们不同意",
                files=[],
                at=self.model.now,
                by=self.world.owners[agency],
            ),
            f"appeal of {agency} against {chosen}",
        )
        return None

    def do_decide_appeal(self, random: Random) -> bool | None:
        case = self._some_case(random, APPEALED, other=0.05)
        if case is None or self.model.cases[case].appeal is None:
            return False
        number, by = self.model.cases[case].appeal, self.someone(random)
        waiting = self.model.appealed(number)
        verdicts = {n: random.random() < 0.6 for n in waiting or [case]}
        words = {True: "revoke", False: "uphold"}
        self.both(
            lambda: self.model.decide_appeal(number, verdicts, by=by),
            lambda: decide_appeal(
                appeal_id=self._appeal_of(case),
                verdicts={self.cases[n]: words[revoked] for n, revoked in verdicts.items()},
                reason="复核",
                at=self.model.now,
                by=self.world.staff[by],
            ),
            f"verdicts {verdicts} by {by}",
        )
        return None

    def _appeal_of(self, case: int) -> int:
        found = Violation.objects.get(pk=self.cases[case]).appeal_id
        assert found is not None
        return found

    def do_revoke(self, random: Random) -> bool | None:
        case = self._some_case(random, ISSUED, APPEALED)
        if case is None:
            return False
        self.revoke_as(self.someone(random), case)
        return None

    def revoke_as(self, by: str, case: int) -> None:
        self.both(
            lambda: self.model.revoke(case, by=by),
            lambda: revoke(
                violation_id=self.cases[case],
                reason="决定有误",
                at=self.model.now,
                by=self.world.staff[by],
            ),
            f"revocation of {case} by {by}",
        )

    def do_confirm_removal(self, random: Random) -> bool | None:
        return self._removal(random, confirm_removal, self.model.confirm_removal)

    def do_decline_removal(self, random: Random) -> bool | None:
        return self._removal(random, decline_removal, self.model.decline_removal)

    def _removal(
        self, random: Random, real: Callable[..., Any], expected: Callable[..., Any]
    ) -> bool | None:
        removals = [n for n, p in self.model.penalties.items() if p.kind == "removal"]
        proposed = [n for n in removals if self.model.penalties[n].state == PROPOSED]
        if random.random() < 0.9:
            removals = proposed
        if not removals:
            return False
        number, by = random.choice(removals), self.someone(random)
        penalty = self.model.penalties[number]
        row = Penalty.objects.get(violation_id=self.cases[penalty.case], kind=Measure.REMOVAL)
        self.both(
            lambda: expected(number, by=by),
            lambda: real(
                penalty_id=row.pk, reason="核实", at=self.model.now, by=self.world.staff[by]
            ),
            f"{real.__name__} of {number} by {by}",
        )
        return None

    def do_award(self, random: Random) -> None:
        agency, points = random.choice(list(AGENCIES)), random.choice([0, 1, 5, 10, 20, 30, 50])
        reason = random.choice(["活动第一名", "活动第二名"])
        by: User = self.world.staff[self.someone(random)]
        done = self.both(
            lambda: self.model.award(agency, points, reason),
            lambda: award_credit(
                agency=self.world.agencies[agency],
                points=points,
                reason=reason,
                at=self.model.now,
                by=by,
            ),
            f"award of {points} to {agency}",
        )
        assert done is None or done[0] == done[1].points
