"""Violations, penalties and removal as a plain list of facts (docs/rules.md §7 and §8).

Written from the rules alone, and as naive as can be: nothing is cached, every answer is worked out
from the facts. What a step would do is done at once or `No` is raised and nothing is changed.
Agencies, creators and people are called by their names; cases, penalties and the rest by numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.conduct_model.credit import AWARD, Book

PLATFORM = ZoneInfo("Asia/Shanghai")
APPEAL, SILENCE, LINK = 15, 14, timedelta(days=7)
DRAFT, ISSUED, APPEALED, UPHELD, REVOKED = "draft", "issued", "appealed", "upheld", "revoked"
PLANNED, PROPOSED, ACTIVE, LIFTED, DECLINED = "planned", "proposed", "active", "lifted", "declined"
REMOVAL = "removal"
SUSPENDING = ("suspend_binding", "linked_agencies")


class No(Exception):
    """The rules refuse the step, by `rule`, until a day where that is known."""

    def __init__(self, rule: str = "", until: date | None = None) -> None:
        super().__init__(rule)
        self.rule, self.until = rule, until


@dataclass(frozen=True)
class AgencyFacts:
    joined_on: date
    cap: int | None
    followers_below: int | None


@dataclass(frozen=True)
class CreatorFacts:
    known: bool
    followers: int | None
    contact: bool


@dataclass(frozen=True)
class Planned:
    """A measure of a draft; `agency` is the linked one, `account` the linked person."""

    kind: str
    starts_on: date | None = None
    until: date | None = None
    agency: str | None = None
    account: str | None = None


@dataclass
class Penalty:
    case: int
    kind: str
    agency: str
    account: str | None
    starts_on: date | None
    until: date | None
    state: str
    at_zero: bool = False
    confirmed_by: str | None = None

    def holds(self, day: date) -> bool:
        return (
            self.state == ACTIVE
            and self.starts_on is not None
            and self.starts_on <= day
            and (self.until is None or day < self.until)
        )


@dataclass
class Case:
    agency: str
    points: int
    state: str
    drafted_by: str | None = None
    issued_by: str | None = None
    decided_on: date | None = None
    appeal: int | None = None
    incident: int | None = None
    grouped_by: set[str] = field(default_factory=set)


@dataclass
class Binding:
    agency: str
    creator: str
    since: date
    until: date | None = None

    def over(self, day: date) -> bool:
        return self.until is not None and self.until <= day


@dataclass
class Request:
    agency: str
    creator: str
    expires_at: datetime
    state: str = "asked"
    closed_at: datetime | None = None


@dataclass
class Unbinding:
    binding: int
    of: Binding  # as it was when somebody wanted to part
    side: str
    silent_on: date
    state: str = "asked"
    withdrawn_at: datetime | None = None

    @property
    def open(self) -> bool:
        return self.state in ("asked", "objected", "called_in")


@dataclass
class Facts:
    """All that ever happened, and the clock."""

    agencies: dict[str, AgencyFacts]
    creators: dict[str, CreatorFacts]
    now: datetime
    books: dict[str, Book] = field(default_factory=dict)
    cases: dict[int, Case] = field(default_factory=dict)
    penalties: dict[int, Penalty] = field(default_factory=dict)
    bindings: dict[int, Binding] = field(default_factory=dict)
    requests: dict[int, Request] = field(default_factory=dict)
    unbindings: dict[int, Unbinding] = field(default_factory=dict)
    awards: set[tuple[str, date, str]] = field(default_factory=set)
    counted: int = 0

    def __post_init__(self) -> None:
        self.books = {name: Book(agency.joined_on) for name, agency in self.agencies.items()}

    @property
    def today(self) -> date:
        return self.now.astimezone(PLATFORM).date()

    def next(self) -> int:
        self.counted += 1
        return self.counted

    def balance(self, agency: str) -> int:
        return self.books[agency].balance(self.today)

    def in_force(self, day: date) -> list[Penalty]:
        return [penalty for penalty in self.penalties.values() if penalty.holds(day)]

    def removed_on(self, agency: str) -> date | None:
        days = [
            penalty.starts_on
            for penalty in self.penalties.values()
            if (penalty.agency, penalty.kind, penalty.state) == (agency, REMOVAL, ACTIVE)
            and penalty.starts_on is not None
        ]
        return min(days, default=None)


class Cases(Facts):
    """What people decide about an agency's conduct."""

    def draft(self, agency: str, points: int, measures: list[Planned], *, by: str) -> int:
        if self.removed_on(agency) is not None:
            raise No("draft")
        if self.today < self.agencies[agency].joined_on:
            raise No("draft")
        if any(m.until is not None and m.until <= self.today for m in measures):
            raise No("measure_over")
        number = self.next()
        self.cases[number] = Case(agency, points, DRAFT, drafted_by=by)
        for measure in measures:
            self._penalty(number, measure)
        return number

    def _penalty(self, case: int, measure: Planned) -> None:
        self.penalties[self.next()] = Penalty(
            case,
            measure.kind,
            measure.agency or self.cases[case].agency,
            measure.account,
            measure.starts_on,
            measure.until,
            PLANNED,
        )

    def discard(self, case: int) -> None:
        if self.cases[case].state != DRAFT:
            raise No("state")
        del self.cases[case]
        self.penalties = {n: p for n, p in self.penalties.items() if p.case != case}

    def issue(self, case: int, *, by: str) -> None:
        """The decision: it takes the points and its measures begin, removal is proposed."""
        found = self.cases[case]
        if found.state != DRAFT:
            raise No("state")
        if self.removed_on(found.agency) is not None:
            raise No("draft")
        if any(p.until is not None and p.until <= self.today for p in self._of(case)):
            raise No("measure_over")
        found.state, found.issued_by, found.decided_on = ISSUED, by, self.today
        self.books[found.agency].deduct(case, found.points, self.today)
        for penalty in self._of(case):
            if penalty.kind == REMOVAL:
                penalty.state = PROPOSED
            else:
                penalty.state = ACTIVE
                penalty.starts_on = max(self.today, penalty.starts_on or self.today)
        self.propose_at_zero(found.agency)

    def import_cases(self, rows: list[tuple[str, int, date]]) -> list[int]:
        """Cases decided elsewhere, in the order of their numbers: taken by day, then by number."""
        numbers = []
        for agency, points, decided_on in rows:
            number = self.next()
            self.cases[number] = Case(agency, points, ISSUED, decided_on=decided_on)
            numbers.append(number)
        for _, number in sorted((self.cases[n].decided_on or date.min, n) for n in numbers):
            found = self.cases[number]
            assert found.decided_on is not None
            self.books[found.agency].deduct(number, found.points, found.decided_on)
        for agency in {agency for agency, _, _ in rows}:
            self.propose_at_zero(agency)
        return numbers

    def _of(self, case: int) -> list[Penalty]:
        return [penalty for penalty in self.penalties.values() if penalty.case == case]

    def propose_at_zero(self, agency: str) -> None:
        """At zero, the removal hangs on the newest case that took points, once per case."""
        removals = [p for p in self.penalties.values() if (p.agency, p.kind) == (agency, REMOVAL)]
        took = [taking for taking in self.books[agency].standing() if taking.taken]
        if self.balance(agency) or any(p.state in (PROPOSED, ACTIVE) for p in removals) or not took:
            return
        case = max(took, key=lambda taking: taking.number).case
        if all(penalty.case != case for penalty in removals):
            self.penalties[self.next()] = Penalty(
                case, REMOVAL, agency, None, None, None, PROPOSED, at_zero=True
            )

    def confirm_removal(self, penalty: int, *, by: str) -> None:
        found = self.penalties[penalty]
        self._may_decide_removal(found, by)
        found.state, found.starts_on, found.confirmed_by = ACTIVE, self.today, by
        self._unbind_all(found.agency)

    def decline_removal(self, penalty: int, *, by: str) -> None:
        found = self.penalties[penalty]
        self._may_decide_removal(found, by)
        found.state = DECLINED

    def _may_decide_removal(self, penalty: Penalty, by: str) -> None:
        if penalty.state != PROPOSED:
            raise No("state")
        case = self.cases[penalty.case]
        if by in (case.drafted_by, case.issued_by, *case.grouped_by):
            raise No("own")

    def _unbind_all(self, agency: str) -> None:
        """Bindings end today, those of today or later never were; nothing of it stays open.

        Whose silence was consent before today is unbound since then.
        """
        for number, binding in list(self.bindings.items()):
            if binding.agency != agency or binding.over(self.today):
                continue
            end = self.today
            for wish in [u for u in self.unbindings.values() if u.binding == number and u.open]:
                if wish.state == "asked" and wish.silent_on < end:
                    end = max(wish.silent_on, binding.since + timedelta(days=1))
                wish.state = "closed"
            if binding.since < self.today:
                binding.until = end
            else:
                del self.bindings[number]
        for request in self.requests.values():
            if request.agency == agency and request.state == "asked":
                request.state, request.closed_at = "withdrawn", self.now

    def group(self, cases: list[int], *, by: str) -> None:
        """Cases of one event, to be appealed together; an older event takes the others in."""
        if any(self.cases[case].state not in (DRAFT, ISSUED) for case in cases):
            raise No("state")
        known = {self.cases[case].incident for case in cases} - {None}
        if len({self.cases[case].agency for case in cases}) > 1 or len(known) > 1:
            raise No("incident")
        incident = known.pop() if known else self.next()
        for case in cases:
            self.cases[case].incident = incident
            self.cases[case].grouped_by.add(by)

    def appeal(self, agency: str, cases: list[int]) -> int:
        for case in cases:
            found = self.cases[case]
            if found.agency != agency or found.state != ISSUED or found.decided_on is None:
                raise No("state")
            if self.today > found.decided_on + timedelta(days=APPEAL):
                raise No("late")
        incidents = {self.cases[case].incident for case in cases}
        if len(cases) > 1 and (len(incidents) > 1 or None in incidents):
            raise No("incident")
        number = self.next()
        for case in cases:
            self.cases[case].state, self.cases[case].appeal = APPEALED, number
        return number

    def appealed(self, appeal: int) -> list[int]:
        """The cases of an appeal that wait for a verdict."""
        return [n for n, c in self.cases.items() if c.appeal == appeal and c.state == APPEALED]

    def decide_appeal(self, appeal: int, verdicts: dict[int, bool], *, by: str) -> None:
        """`verdicts` says of each case whether it is revoked."""
        if not self.appealed(appeal) or set(verdicts) != set(self.appealed(appeal)):
            raise No("state")
        for case, found in self.cases.items():
            if found.appeal == appeal:
                self._may_review(case, by)
        for case in verdicts:
            self.cases[case].state = UPHELD
        self._fall([case for case, revoked in verdicts.items() if revoked])

    def revoke(self, case: int, *, by: str) -> None:
        if self.cases[case].state not in (ISSUED, APPEALED):
            raise No("state")
        self._may_review(case, by)
        self._fall([case])

    def _may_review(self, case: int, by: str) -> None:
        found = self.cases[case]
        confirmed = {penalty.confirmed_by for penalty in self._of(case)}
        if by in (found.drafted_by, found.issued_by, *confirmed, *found.grouped_by):
            raise No("own")

    def _fall(self, cases: list[int]) -> None:
        """The points come back, every measure is lifted, and what hung on zero with them."""
        for case in cases:
            self.cases[case].state = REVOKED
            self.books[self.cases[case].agency].reverse(case)
            for penalty in self._of(case):
                if penalty.state != DECLINED:
                    penalty.state = LIFTED
        for agency in {self.cases[case].agency for case in cases}:
            self.lift_above_zero(agency)
            self.propose_at_zero(agency)

    def lift_above_zero(self, agency: str) -> None:
        """What hung on zero falls when points came back."""
        if self.balance(agency) > 0:
            for penalty in self.penalties.values():
                hit = penalty.agency == agency and penalty.at_zero
                if hit and penalty.state == PROPOSED:
                    penalty.state = LIFTED

    def award(self, agency: str, points: int, reason: str) -> int:
        if points <= 0 or self.removed_on(agency) is not None:
            raise No("award")
        if self.today < self.agencies[agency].joined_on:
            raise No("award")
        if (agency, self.today, reason) in self.awards or self.books[agency].room(self.today) <= 0:
            raise No("award")
        self.awards.add((agency, self.today, reason))
        given = self.books[agency].give(AWARD, points, self.today)
        self.lift_above_zero(agency)
        return given
