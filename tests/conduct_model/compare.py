"""What the database says and what the model says, in the same words."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date
from itertools import accumulate
from typing import Any

from django.db import connection

from agencies.credit_rules import Line, bans
from agencies.ledger import balances_on, verify
from agencies.ledger.lines import lines_by_agency
from agencies.models import Agency, Penalty
from agencies.queries.credit import credit_page
from tests.conduct_model.bindings import Platform
from tests.conduct_model.credit import BANDS, CAP, Ban, Book
from tests.conduct_model.world import World

Said = dict[str, Any]


def said_by_model(model: Platform) -> Said:
    today = model.today
    return {
        "balances": {
            name: {day: book.balance(day) for day in {*book.days(), today}}
            for name, book in model.books.items()
        },
        "bans": {name: book.bans() for name, book in model.books.items()},
        "in force": sorted(
            (str(p.case), p.kind, p.agency, p.account or "", str(p.starts_on), str(p.until))
            for p in model.in_force(today)
        ),
        "proposed": sorted(
            (str(p.case), p.agency, p.at_zero)
            for p in model.penalties.values()
            if p.state == "proposed"
        ),
        "removed": {name: str(model.removed_on(name)) for name in model.agencies},
        "cases": {str(number): case.state for number, case in model.cases.items()},
        "bindings": sorted(
            (b.creator, b.agency, str(b.since), str(b.until)) for b in model.bindings.values()
        ),
        "requests": sorted(
            (r.agency, r.creator) for r in model.requests.values() if r.state == "asked"
        ),
        "unbindings": sorted(
            (u.of.creator, u.side, u.state, str(u.silent_on))
            for u in model.unbindings.values()
            if u.open
        ),
    }


ROWS = """
SELECT json_build_object(
    'ledger', (SELECT json_agg(seal ORDER BY id) FROM agencies_creditentry),
    'agencies', (SELECT json_agg(json_build_array(id, removed_on, ledger_length, ledger_seal)
        ORDER BY id) FROM agencies_agency),
    'cases', (SELECT json_agg(json_build_array(id, state)) FROM agencies_violation),
    'proposed', (SELECT json_agg(json_build_array(violation_id, agency_id, at_zero))
        FROM agencies_penalty WHERE state = 'proposed'),
    'bindings', (SELECT json_agg(json_build_array(creator_id, agency_id, bound_from, bound_until))
        FROM agencies_binding),
    'requests', (SELECT json_agg(json_build_array(agency_id, creator_id))
        FROM agencies_bindingrequest WHERE state = 'asked'),
    'unbindings', (SELECT json_agg(json_build_array(creator_id, side, state, silent_on))
        FROM agencies_unbinding wish JOIN agencies_binding bound ON bound.id = wish.binding_id
        WHERE closed_at IS NULL)
)
"""


class Reader:
    """Reads the database; the ledgers only when a line or a head is another than before."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.seen: Any = None
        self.ledgers: dict[str, list[Line]] = {}
        self.findings: list[str] = []

    def said(self, today: date, cases: dict[int, int]) -> Said:
        """`cases` are the model's numbers by the primary keys of violations."""
        with connection.cursor() as cursor:
            cursor.execute(ROWS)
            rows = cursor.fetchone()[0]
        rows = json.loads(rows) if isinstance(rows, str) else rows
        self._read_ledgers([rows["ledger"], rows["agencies"]])
        agency, creator = self.world.names, self.world.called
        return {
            **self.credit(today),
            "in force": sorted(
                (
                    str(cases[p.violation_id]),
                    p.kind,
                    agency[p.agency_id],
                    "" if p.account_id is None else self.world.people[p.account_id],
                    str(p.starts_on),
                    str(p.until),
                )
                for p in Penalty.objects.in_effect_on(today)
            ),
            "proposed": sorted(
                (str(cases[case]), agency[who], at_zero)
                for case, who, at_zero in rows["proposed"] or []
            ),
            "removed": {agency[pk]: str(day) for pk, day, _, _ in rows["agencies"]},
            "cases": {str(cases[pk]): state for pk, state in rows["cases"] or []},
            "bindings": sorted(
                (creator[who], agency[where], since, str(until))
                for who, where, since, until in rows["bindings"] or []
            ),
            "requests": sorted((agency[by], creator[who]) for by, who in rows["requests"] or []),
            "unbindings": sorted(
                (creator[who], side, state, silent_on)
                for who, side, state, silent_on in rows["unbindings"] or []
            ),
        }

    def _read_ledgers(self, heads_and_seals: Any) -> None:
        if heads_and_seals == self.seen:
            return
        self.seen = heads_and_seals
        found = lines_by_agency(self.world.names)
        self.ledgers = {name: found[pk] for pk, name in self.world.names.items()}
        self.findings = [finding.message for finding in verify()[1]]

    def credit(self, today: date) -> Said:
        """Balances by day, summed here, and bans, asked of the rules that the checks ask."""
        balances, banned = {}, {}
        for name, lines in self.ledgers.items():
            moved: dict[date, int] = defaultdict(int, {today: 0})
            for line in lines:
                moved[line.day] += line.points
            days = sorted(moved)
            sums = accumulate(moved[day] for day in days)
            balances[name] = dict(zip(days, sums, strict=True))
            found = bans(lines, dict.fromkeys(days, BANDS))
            banned[name] = {Ban(ban.starts_on, ban.until, ban.below) for ban in found}
        return {"balances": balances, "bans": banned}


def differences(
    model: Platform, reader: Reader, cases: dict[int, int], *, look_at: str
) -> list[str]:
    """In what the database differs from the model, and what no ledger may ever show.

    `look_at` is an agency whose page is read besides.
    """
    expected, found = said_by_model(model), reader.said(model.today, cases)
    wrong = [
        f"{subject}: expected {_but(expected[subject], found[subject])},"
        f" found {_but(found[subject], expected[subject])}"
        for subject in expected
        if expected[subject] != found[subject]
    ]
    wrong += [
        f"{name} has {balance} on {day}"
        for name, by_day in found["balances"].items()
        for day, balance in by_day.items()
        if not 0 <= balance <= CAP
    ]
    wrong += reader.findings
    if look_at:
        wrong += _page(model, look_at, found)
    return wrong


def _but(these: Any, those: Any) -> Any:
    """What is only in these."""
    if isinstance(these, dict):
        return {key: these[key] for key in these if these.get(key) != those.get(key)}
    return [each for each in these if each not in those]


def _page(model: Platform, name: str, found: Said) -> list[str]:
    """What the agency reads about its credit, against what a clerk would say."""
    book, today, agency = model.books[name], model.today, Agency.objects.get(code=name)
    page = credit_page(agency, today=today)
    gone = model.removed_on(name) is not None
    expected = (
        book.balance(today),
        *((None, None) if gone else (book.banned_until(today), book.restorable(today))),
    )
    shown = (page.balance, page.ban and page.ban.until, page.next_restore)
    wrong = [f"page of {name}: expected {expected}, found {shown}"] if shown != expected else []
    on_the_day = balances_on(today, [agency.pk]).get(agency.pk, 0)
    if on_the_day != found["balances"][name][today]:
        wrong.append(f"balance of {name} today: {on_the_day}")
    return wrong


def as_if_never(model: Platform, reader: Reader) -> list[str]:
    """What is left after everything was revoked that could be, against what had never been.

    Agencies with an upheld case keep that one, so only the others are what they would have been.
    """
    upheld = {case.agency for case in model.cases.values() if case.state == "upheld"}
    never: dict[str, Book] = {
        name: book.never() for name, book in model.books.items() if name not in upheld
    }
    found = reader.credit(model.today)
    kept = {number for number, case in model.cases.items() if case.state == "upheld"}
    wrong = [
        f"{name} is not as if never: {day} has {balance} in place of {never[name].balance(day)}"
        for name in never
        for day, balance in found["balances"][name].items()
        if balance != never[name].balance(day)
    ]
    wrong += [f"{name} still has {found['bans'][name]}" for name in never if found["bans"][name]]
    wrong += [
        f"a measure survives its case: {penalty}"
        for penalty in Penalty.objects.in_effect_on(model.today)
        if penalty.violation.state != "upheld"
    ]
    wrong += [
        f"{agency} is still removed"
        for agency in Agency.objects.filter(removed_on__isnull=False)
        if not any(
            p.case in kept and p.kind == "removal" and p.agency == agency.code
            for p in model.penalties.values()
        )
    ]
    return wrong
