"""Bindings, requests and unbindings as plain facts (docs/rules.md §9)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import replace
from datetime import date, timedelta

from tests.conduct_model.model import (
    LINK,
    SILENCE,
    SUSPENDING,
    Binding,
    Cases,
    No,
    Request,
    Unbinding,
)

PAUSES = {"withdrawn": 1, "expired": 1, "declined": 7}
OTHER = {"agency": "creator", "creator": "agency"}


class Platform(Cases):
    """All of conduct: what people decide, and who is bound where."""

    def check(self, agency: str, creator: str, on: date, ignoring: int | None = None) -> None:
        """Raise `No` with the first rule that refuses the binding from that day on."""
        self._check_agency(agency, on)
        self._check_creator(agency, creator, on, ignoring)

    def _check_agency(self, agency: str, on: date) -> None:
        if self.removed_on(agency) is not None:
            raise No("removed")
        if on < self.agencies[agency].joined_on:
            raise No("before_joining", self.agencies[agency].joined_on)
        suspensions = [p for p in self.in_force(on) if p.agency == agency and p.kind in SUSPENDING]
        if suspensions:
            ends = [p.until for p in suspensions if p.until is not None]
            raise No("suspended", max(ends) if len(ends) == len(suspensions) else None)
        if banned := self.books[agency].banned_until(on):
            raise No("credit", banned)

    def _check_creator(self, agency: str, creator: str, on: date, ignoring: int | None) -> None:
        if creator not in self.creators or not self.creators[creator].known:
            raise No("not_introduced")
        lasting = {n: b for n, b in self.bindings.items() if not b.over(on) and n != ignoring}
        if any(b.creator == creator for b in lasting.values()):
            raise No("bound")
        rules, followers = self.agencies[agency], self.creators[creator].followers
        if rules.followers_below is not None and (followers or 0) >= rules.followers_below:
            raise No("followers")
        if rules.cap is not None and len(self.places(agency) - {creator}) >= rules.cap:
            raise No("cap")

    def places(self, agency: str) -> set[str]:
        """Who is bound today or later, and was not unbound by silence."""
        silent = {u.binding for u in self.unbindings.values() if self._silent(u)}
        return {
            binding.creator
            for number, binding in self.bindings.items()
            if binding.agency == agency
            and not binding.over(self.today)
            and not (number in silent and binding.since < self.today)
        }

    def _silent(self, unbinding: Unbinding) -> bool:
        """Whether the silence has counted."""
        return unbinding.state == "asked" and unbinding.silent_on <= self.today

    @contextmanager
    def _settled(self, *creators: str) -> Iterator[None]:
        """What silence has ended comes before the step; a refused step leaves all as it was."""
        before = deepcopy((self.bindings, self.unbindings))
        for unbinding in self.unbindings.values():
            if self._silent(unbinding) and unbinding.of.creator in creators:
                self._fall_due(unbinding)
        try:
            yield
        except No:
            self.bindings, self.unbindings = before
            raise

    def bind(self, agency: str, creator: str, on: date) -> int:
        if on < self.today:
            raise No("past")
        with self._settled(creator):
            self.check(agency, creator, on)
            return self._bind(agency, creator, on)

    def _bind(self, agency: str, creator: str, on: date) -> int:
        number = self.next()
        self.bindings[number] = Binding(agency, creator, on)
        return number

    def ask(self, agency: str, creator: str) -> int:
        with self._settled(creator):
            self.check(agency, creator, self.today)
            before = [
                r for r in self.requests.values() if (r.agency, r.creator) == (agency, creator)
            ]
            self._check_pause(before)
            if not self.creators[creator].contact:
                raise No("no_contact")
        for earlier in before:
            if earlier.state == "asked":
                earlier.state, earlier.closed_at = "expired", self.now
        number = self.next()
        self.requests[number] = Request(agency, creator, self.now + LINK)
        return number

    def _check_pause(self, before: list[Request]) -> None:
        """Not while a request is open, nor too soon after the last one."""
        if not before:
            return
        last = before[-1]
        if last.state == "asked" and self.now < last.expires_at:
            raise No("open")
        state = "expired" if last.state == "asked" else last.state
        closed_at = last.closed_at or last.expires_at
        if state == "expired":
            closed_at = last.expires_at
        if state in PAUSES and self.now < closed_at + timedelta(days=PAUSES[state]):
            raise No("too_soon")

    def confirm(self, request: int) -> int:
        found = self.requests[request]
        self._link_opens(found)
        with self._settled(found.creator):
            self.check(found.agency, found.creator, self.today)
        found.state = "confirmed"
        return self._bind(found.agency, found.creator, self.today)

    def decline(self, request: int) -> None:
        self._link_opens(self.requests[request])
        self._close(request, "declined")

    def _link_opens(self, request: Request) -> None:
        if request.state != "asked" or self.now >= request.expires_at:
            raise No("link")

    def withdraw_request(self, request: int) -> None:
        if self.requests[request].state != "asked":
            raise No("state")
        self._close(request, "withdrawn")

    def _close(self, request: int, state: str) -> None:
        self.requests[request].state, self.requests[request].closed_at = state, self.now

    def end(self, binding: int, last_day: date) -> None:
        """The platform ends a binding; the last day is one of its days, today or later."""
        found = self.bindings[binding]
        if last_day < self.today:
            raise No("past")
        with self._settled(found.creator):
            if last_day < found.since or found.over(last_day + timedelta(days=1)):
                raise No("ends")
        found.until = last_day + timedelta(days=1)
        if last_day == self.today:
            self._lapse(binding)

    def held_by(self, agency: str, on: date) -> list[str]:
        """The creators of an agency whom a transfer of all of it concerns."""
        return sorted(
            {
                binding.creator
                for binding in self.bindings.values()
                if binding.agency == agency and not binding.over(on)
            }
        )

    def would_stay(self, creators: list[str], to: str, on: date) -> list[str]:
        """What `transfer` would answer."""
        return deepcopy(self).transfer(creators, to, on)

    def transfer(self, creators: list[str], to: str, on: date) -> list[str]:
        """Move those who may go, in the order given; answer with those who stay."""
        if on < self.today:
            raise No("past")
        with self._settled(*creators):
            self._check_agency(to, on)
        stay = []
        for creator in sorted(creators):
            held = [
                n
                for n, b in self.bindings.items()
                if b.creator == creator and b.since < on and not b.over(on)
            ]
            try:
                if not held or self.bindings[held[0]].agency == to:
                    raise No("bound")
                self._check_creator(to, creator, on, held[0])
            except No:
                stay.append(creator)
                continue
            self.bindings[held[0]].until = on
            if on == self.today:
                self._lapse(held[0])
            self._bind(to, creator, on)
        return stay

    def _fall_due(self, unbinding: Unbinding) -> None:
        """Silence ends the binding on its day, unless it ended by then already."""
        binding = self.bindings[unbinding.binding]
        end = max(unbinding.silent_on, binding.since + timedelta(days=1))
        if self._silent(unbinding) and not (binding.over(self.today) and binding.over(end)):
            self._part(unbinding)
        elif binding.over(self.today):
            unbinding.state = "lapsed"

    def _lapse(self, binding: int) -> None:
        for unbinding in self.unbindings.values():
            if unbinding.binding == binding and unbinding.open:
                unbinding.state = "lapsed"

    def wished(self, unbinding: int) -> Binding:
        return self.unbindings[unbinding].of

    def leave_links(self, creator: str, contact: str) -> int:
        """How many links a creator who wants to leave gets at that address."""
        lasting = [
            b for b in self.bindings.values() if b.creator == creator and not b.over(self.today)
        ]
        fits = contact.lower() == f"{creator}@example.com".lower()
        return int(bool(lasting) and fits and self.creators[creator].contact)

    def ask_unbinding(self, binding: int, side: str) -> int:
        found = self.bindings[binding]
        with self._settled(found.creator):
            if found.over(self.today):
                raise No("over")
            if found.over(self.today + timedelta(days=1)):
                raise No("ending")
            wishes = [u for u in self.unbindings.values() if u.binding == binding]
            if any(u.open for u in wishes):
                raise No("open")
            withdrawn = [u.withdrawn_at for u in wishes if u.side == side and u.withdrawn_at]
            if any(self.now < at + timedelta(days=1) for at in withdrawn):
                raise No("too_soon")
            if side == "agency" and not self.creators[found.creator].contact:
                raise No("no_contact")
        number = self.next()
        self.unbindings[number] = Unbinding(
            binding, replace(found), side, self.today + timedelta(days=SILENCE)
        )
        return number

    def _answer(self, unbinding: int, side: str, *states: str) -> Unbinding:
        """The wish, if it is for that side to act and in one of the states."""
        found = self.unbindings[unbinding]
        if found.state not in states or self.bindings[found.binding].over(self.today):
            raise No("closed")
        if self._silent(found):
            raise No("silent")
        if found.side != side:
            raise No("side")
        return found

    def agree(self, unbinding: int, side: str) -> None:
        self._part(self._answer(unbinding, OTHER[side], "asked", "objected", "called_in"))

    def _part(self, unbinding: Unbinding) -> None:
        """The last day is today, or the day before silence counted, or the only one."""
        binding = self.bindings[unbinding.binding]
        after = self.today + timedelta(days=1)
        if unbinding.state == "asked":
            after = min(after, unbinding.silent_on)
        after = max(after, binding.since + timedelta(days=1))
        binding.until = after if binding.until is None else min(after, binding.until)
        unbinding.state = "ended"

    def object_to(self, unbinding: int, side: str) -> None:
        self._answer(unbinding, OTHER[side], "asked").state = "objected"

    def call_in(self, unbinding: int, side: str) -> None:
        self._answer(unbinding, side, "objected").state = "called_in"

    def withdraw_unbinding(self, unbinding: int, side: str) -> None:
        found = self._answer(unbinding, side, "asked", "objected")
        found.state, found.withdrawn_at = "withdrawn", self.now

    def decide_unbinding(self, unbinding: int, keep: bool) -> None:
        found = self.unbindings[unbinding]
        self._answer(unbinding, found.side, "called_in")
        if keep:
            found.state = "kept"
        else:
            self._part(found)

    def settle(self) -> None:
        """What falls due by itself: credit, requests without an answer, silence."""
        for request in self.requests.values():
            if request.state == "asked" and request.expires_at <= self.now:
                request.state, request.closed_at = "expired", self.now
        for unbinding in self.unbindings.values():
            if unbinding.open:
                self._fall_due(unbinding)
        for name, book in self.books.items():
            if self.removed_on(name) is None and book.restore(self.today):
                self.lift_above_zero(name)
            self.propose_at_zero(name)
