"""Takes each step twice, in the model and in the database, and holds the two together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import connection, transaction

from agencies.due import settle
from agencies.refusals import Refused
from tests.conduct_model import world as beginning
from tests.conduct_model.compare import Reader, as_if_never, differences
from tests.conduct_model.model import APPEALED, ISSUED, No
from tests.conduct_model.on_bindings import BindingSteps
from tests.conduct_model.on_cases import CaseSteps
from tests.conduct_model.steps import Step

# What refuses a decision or an award has rules of its own, which the rules do not name.
OTHER_RULES = {"draft", "award", "state", "own", "late", "measure_over", "incident"}
BINDING_RULES = {
    "removed",
    "before_joining",
    "suspended",
    "credit",
    "not_introduced",
    "bound",
    "followers",
    "cap",
    "no_contact",
}
DATED_RULES = {"suspended", "credit"}


class Disagreement(AssertionError):
    """The database and the model part ways, about a subject."""

    def __init__(self, about: str, message: str) -> None:
        super().__init__(message)
        self.about = about


class Driver(CaseSteps, BindingSteps):
    """One history: `did` counts the steps that were possible, `refusals` why others were not."""

    def __init__(self, folder: Path) -> None:
        self.model, self.world, self.folder = beginning.platform(), beginning.World(), folder
        self.cases, self.requests, self.wishes, self.bindings = {}, {}, {}, {}
        self.reader = Reader(self.world)
        self.did: Counter[str] = Counter()
        self.refusals: Counter[str] = Counter()

    def run(self, steps: Sequence[Step]) -> None:
        """Take the steps, then revoke whatever still can be."""
        for number, step in enumerate(steps):
            self.take(step, f"step {number} {step}")
        self._revoke_everything()
        connection.check_constraints()  # what the database puts off to the commit

    def take(self, step: Step, what: str) -> None:
        name, seed = step
        random = Random(seed)
        if getattr(self, f"do_{name}")(random) is False:
            return
        self.did[name] += 1
        self._compare(what, random.choice([*self.world.agencies, *[""] * 4]))

    def _compare(self, what: str, look_at: str) -> None:
        cases = {pk: number for number, pk in self.cases.items() if number in self.model.cases}
        if wrong := differences(self.model, self.reader, cases, look_at=look_at):
            about = wrong[0].split(":")[0].split(" of ")[0]
            raise Disagreement(about, "\n".join([f"after {what} on {self.model.today}:", *wrong]))

    def _revoke_everything(self) -> None:
        standing = [n for n, c in self.model.cases.items() if c.state in (ISSUED, APPEALED)]
        for case in standing:
            self.revoke_as(beginning.CHIEF, case)
            self.did["revoke"] += 1
            self._compare(f"revoking {case} at the end", "ALFA")
        if wrong := as_if_never(self.model, self.reader):
            raise Disagreement("never", "\n".join(["after revoking everything:", *wrong]))

    def both(self, expected: Callable[[], Any], real: Callable[[], Any], what: str) -> Any:
        """Do it in the model and for real; None where both refuse, else what both returned."""
        refusal = answer = None
        try:
            answer = expected()
        except No as no:
            refusal = no
        try:
            with transaction.atomic():
                done = real()
        except (Refused, ObjectDoesNotExist) as refused:
            self._same_refusal(refusal, refused, what)
            return None
        if refusal is not None:
            raise Disagreement("done", f"{what}: done, though the rules refuse it ({refusal.rule})")
        return answer, done

    def _same_refusal(self, expected: No | None, refused: Exception, what: str) -> None:
        rule = getattr(refused, "rule", "")
        if expected is None:
            raise Disagreement(
                f"refused {rule}", f"{what}: refused with {refused!r}, though the rules allow it"
            )
        self.refusals[rule or expected.rule] += 1
        if expected.rule in OTHER_RULES:
            return
        if rule != expected.rule and BINDING_RULES & {rule, expected.rule}:
            raise Disagreement(
                f"{rule} for {expected.rule}",
                f"{what}: refused by {rule!r} in place of {expected.rule!r}",
            )
        until = getattr(refused, "until", None)
        if rule in DATED_RULES and until != expected.until:
            raise Disagreement(rule, f"{what}: {rule} until {until}, not {expected.until}")

    def do_clock(self, random: Random) -> None:
        days = random.choice([0, 1, 1, 2, 3, 5, 8, 13, 15, 16, 30, random.randint(0, 40)])
        self.model.now += timedelta(days=days, minutes=random.randint(1, 300))

    def do_settle(self, random: Random) -> None:
        if random.random() < 0.4:
            self.do_clock(random)
        self.model.settle()
        for _ in range(random.choice([1, 1, 2, 3])):
            with transaction.atomic():
                settle(now=self.model.now)
