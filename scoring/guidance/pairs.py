"""The cheapest pair of positions of two indicators that earn so much together.

Between stops both curves are straight, and on a straight line a cheapest point is at an end: so
one of the two stands at a stop. A stretch that cannot hold anything cheaper is never entered.
"""

from bisect import bisect_left
from collections.abc import Mapping

from scoring.guidance.reach import Reach

Positions = dict[str, int]


class PairSearch:
    """The search for the cheapest positions of two parts that earn `together`, in hundredths.

    1. A cost is an effort times both measures, beyond what the starts cost: a whole number.
    2. Both parts rise above their start, and cost less together than each of them `alone` does
       (no entry: it does not get there alone).
    3. `first` is the part with fewer positions.
    """

    def __init__(
        self, first: Reach, second: Reach, together: int, alone: Mapping[str, int]
    ) -> None:
        self.first, self.second, self.together = first, second, together
        self._begun = first.rise(first.start), second.rise(second.start)
        costs = []
        if first.key in alone:
            costs.append(self._cost(alone[first.key], second.start))
        if second.key in alone:
            costs.append(self._cost(first.start, alone[second.key]))
        self._best = min(costs, default=self._cost(first.top, second.top) + 1)
        self._found: tuple[int, int] | None = None

    def cheapest(self, hint: int | None) -> tuple[int, int] | None:
        """The positions, of which no smallest unit can be spared; None where there are none.

        `hint` is a position of the first part worth trying: that of a higher level.
        """
        if hint is not None:
            self._try(hint, self.first.cents(hint))
        self._search()
        if self._found is None:
            return None
        position, other = self._found
        # positions with the same rounded points are many: each part falls to the first of them
        lower = self.first.least(self.together - self.second.cents(other))
        if lower is not None and self.first.start < lower < position:
            return lower, other
        return position, other

    def _search(self) -> None:
        """Halve the stops again and again, and leave out the halves that hold nothing cheaper."""
        places, earned = self.first.stops
        last = len(places) - 1
        open_ = [(0, last, self._try(places[last], earned[last]))]
        while open_:
            low, high, rest = open_.pop()
            # nothing in between costs less than its lower end with what its upper end leaves
            if rest is None or self._cost(places[low], rest) >= self._best:
                continue
            if high - low <= 1:
                self._between(low, high)
                continue
            middle = (low + high) // 2
            open_.append((middle, high, rest))
            open_.append((low, middle, self._try(places[middle], earned[middle])))

    def _between(self, low: int, high: int) -> None:
        """Try what stands beside the stops of the second part between two of the first."""
        places, earned = self.first.stops
        if places[high] - places[low] <= 1:
            return
        stops = self.second.stops[1]
        begin = bisect_left(stops, self.together - earned[high])
        end = bisect_left(stops, self.together - earned[low])
        for left in stops[begin:end]:
            beside = self.first.least(self.together - left)
            if beside is None:
                continue
            for position in (beside, beside - 1):
                if places[low] < position < places[high]:
                    self._try(position, self.first.cents(position))

    def _try(self, position: int, cents: int) -> int | None:
        """The least of the second part beside a position of the first; kept where it is best."""
        other = self.second.least(self.together - cents)
        if other is not None and position > self.first.start and other > self.second.start:
            cost = self._cost(position, other)
            if cost < self._best:
                self._best, self._found = cost, (position, other)
        return other

    def _cost(self, position: int, other: int) -> int:
        first, second = self.first, self.second
        return (first.rise(position) - self._begun[0]) * second.measure + (
            second.rise(other) - self._begun[1]
        ) * first.measure
