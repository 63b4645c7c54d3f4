"""The binding history of the demo platform: stays, moves, returns and departures."""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from portal.demo.agencies import AgencyPlan
from portal.demo.chance import happens
from portal.demo.situations import SITUATIONS
from portal.demo.timeline import Timeline

# Per mille of the bound creators.
_MOVED, _ARRIVED, _LEFT, _RETURNED, _EARLIER = 75, 110, 55, 12, 60

_NEIGHBOURS = 8
_SMALLEST_GIVER = 6
# The strongest creators of a scripted agency stay, so that its level is the script's.
_STEADY_RANKS = 3
_ROOM_FOR_A_STAY = 30


@dataclass(frozen=True)
class Span:
    """A binding to an agency (its position in the list): [bound_from, bound_until)."""

    agency: int
    bound_from: date
    bound_until: date | None = None


class Spans:
    """Draws the bindings of one creator after the other."""

    def __init__(self, rnd: Random, line: Timeline, agencies: list[AgencyPlan]) -> None:
        self._rnd = rnd
        self._line = line
        self._agencies = agencies
        self._scripts = {situation.name: situation for situation in SITUATIONS}
        self._counts: dict[tuple[int, str], int] = {}
        self._givers = _givers(agencies, line.start)
        self._giver_strengths = [agencies[giver].strengths[0] for giver in self._givers]

    def of(self, home: int | None, *, senior: bool, rank: int) -> tuple[Span, ...]:
        """Give a creator's bindings, ascending and apart; the last one is to the home agency.

        1. Agencies of the script lose and win creators of the middle ranks in the last full month.
        2. The other agencies of the script and the strongest creators stay as they are.
        3. Among the rest some moved, arrived, left or came back since the first month.
        """
        if home is None:
            return ()
        agency = self._agencies[home]
        if agency.situation:
            return self._scripted(home, rank)
        start = self._joining(home)
        if agency.joined_on >= self._line.start or (senior and happens(self._rnd, 80)):
            return (Span(home, start),)
        draw = self._rnd.randrange(1000)
        for share, chosen in (
            (_MOVED, self._moved),
            (_ARRIVED, self._arrived),
            (_LEFT, self._left),
            (_RETURNED, self._returned),
            (_EARLIER, self._earlier),
        ):
            if draw < share:
                return chosen(home)
            draw -= share
        return (Span(home, start),)

    def first_day(self, spans: tuple[Span, ...]) -> date:
        """Say from which day on a creator has facts: some weeks before the first binding."""
        earlier = timedelta(days=self._rnd.randint(0, 50))
        return (spans[0].bound_from if spans else self._line.start) - earlier

    def _scripted(self, home: int, rank: int) -> tuple[Span, ...]:
        script = self._scripts[self._agencies[home].situation]
        month = self._line.full[self._line.latest]
        event = month.first + timedelta(days=self._rnd.randint(2, 17))
        start = self._joining(home)
        if start >= month.first or rank < _STEADY_RANKS:
            return (Span(home, start),)
        if self._take(home, "leaving", script.leaving):
            return (Span(home, start, event),)
        if self._take(home, "arriving", script.arriving):
            giver = self._neighbour(home)
            return (Span(giver, self._before(giver), event), Span(home, event))
        return (Span(home, start),)

    def _take(self, home: int, kind: str, wanted: int) -> bool:
        taken = self._counts.get((home, kind), 0)
        self._counts[home, kind] = min(taken + 1, wanted)
        return taken < wanted

    def _moved(self, home: int) -> tuple[Span, ...]:
        giver = self._neighbour(home)
        until = self._event(giver, home)
        gap = self._rnd.choice((0, 0, 0, 1, 3, 9, 20))
        since = min(until + timedelta(days=gap), self._line.yesterday)
        return (Span(giver, self._before(giver), until), Span(home, since))

    def _arrived(self, home: int) -> tuple[Span, ...]:
        return (Span(home, self._event(home, home)),)

    def _left(self, home: int) -> tuple[Span, ...]:
        until = self._event(home, home)
        if happens(self._rnd, 6):
            return (Span(home, until - timedelta(days=1), until),)
        return (Span(home, self._before(home), until),)

    def _returned(self, home: int) -> tuple[Span, ...]:
        until = self._event(home, home)
        back = min(until + timedelta(days=self._rnd.randint(3, 25)), self._line.yesterday)
        return (Span(home, self._before(home), until), Span(home, max(back, until)))

    def _earlier(self, home: int) -> tuple[Span, ...]:
        """An older binding that ended before the first month."""
        giver = self._neighbour(home)
        known = max(self._agencies[giver].joined_on, self._agencies[home].joined_on)
        days = (self._line.start - known).days
        if days < _ROOM_FOR_A_STAY:
            return (Span(home, self._joining(home)),)
        until = known + timedelta(days=self._rnd.randint(15, days - 10))
        return (
            Span(giver, self._between(self._agencies[giver].joined_on, until), until),
            Span(home, self._between(until, self._line.start)),
        )

    def _neighbour(self, home: int) -> int:
        """Another agency of about the same strength that was there long before the first month."""
        place = bisect_left(self._giver_strengths, self._agencies[home].strengths[0])
        near = self._givers[max(place - _NEIGHBOURS // 2, 0) :][: _NEIGHBOURS + 1]
        return self._rnd.choice([giver for giver in near if giver != home])

    def _joining(self, home: int) -> date:
        """The first day of a plain binding: soon after the agency joined, or years later."""
        joined = self._agencies[home].joined_on
        last = self._line.start if joined < self._line.start else self._line.yesterday
        days = (last - joined).days
        soon = min(days, 20) if joined >= self._line.start else days
        return joined + timedelta(days=self._rnd.randint(0, soon))

    def _before(self, agency: int) -> date:
        return self._between(self._agencies[agency].joined_on, self._line.start)

    def _between(self, first: date, end: date) -> date:
        """A day in [first, end); the first one where there is none between."""
        return first + timedelta(days=self._rnd.randint(0, max((end - first).days - 1, 0)))

    def _event(self, *agencies: int) -> date:
        """A day since the first month on which all these agencies had joined."""
        known = max(self._agencies[agency].joined_on for agency in agencies)
        first = max(known, self._line.start) + timedelta(days=1)
        return self._between(first, self._line.yesterday)


def _givers(agencies: list[AgencyPlan], start: date) -> list[int]:
    """The agencies that others may have won creators from, by their first strength.

    Only where a platform is tiny do they include agencies that a leaving creator would shake.
    """
    older = [
        position
        for position, agency in enumerate(agencies)
        if agency.joined_on < start and not agency.situation
    ]
    large = [place for place in older if agencies[place].headcount >= _SMALLEST_GIVER]
    chosen = large if len(large) > _NEIGHBOURS else older
    return sorted(chosen, key=lambda place: (agencies[place].strengths[0], place))
