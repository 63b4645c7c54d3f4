"""The steps of agencies, creators and the platform about bindings, in the model and for real."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

from agencies.actions import binding_requests, unbinding
from agencies.actions.bindings import bind, end_binding, transfer, transfer_preview
from agencies.actions.links import ask_leave_link, make_link, open_link, token_of
from agencies.enums import LinkPurpose, Side
from agencies.models import Agency, CreatorLink
from tests.conduct_model.bindings import OTHER, Platform
from tests.conduct_model.world import AGENCIES, CREATORS, STAFF, STRANGER, World

REASON = "双方约定"


class BindingSteps:
    model: Platform
    world: World
    requests: dict[int, int]  # primary keys by the model's numbers, here and below
    wishes: dict[int, int]
    bindings: dict[int, int]
    both: Callable[..., Any]

    def _some(self, random: Random, numbers: list[int], all_of: list[int]) -> int | None:
        """One of the numbers, now and then one of all."""
        if not numbers or random.random() < 0.1:
            numbers = all_of
        return random.choice(numbers) if numbers else None

    def do_ask(self, random: Random) -> None:
        agency = random.choice(list(AGENCIES))
        creator = random.choice([*CREATORS, STRANGER])
        done = self.both(
            lambda: self.model.ask(agency, creator),
            lambda: binding_requests.ask_binding(
                agency=self.world.agencies[agency],
                creator_id=creator,
                message="欢迎加入",
                at=self.model.now,
                by=self.world.owners[agency],
            ),
            f"{agency} asks {creator}",
        )
        if done:
            self.requests[done[0]] = done[1].pk

    def _some_request(self, random: Random) -> int | None:
        asked = [n for n, r in self.model.requests.items() if r.state == "asked"]
        return self._some(random, asked, list(self.model.requests))

    def _request_link(self, request: int) -> CreatorLink:
        """The link as the creator opens it; raises where it opens no door any more."""
        link = CreatorLink.objects.get(request_id=self.requests[request])
        return open_link(token_of(link), at=self.model.now)

    def do_confirm(self, random: Random) -> bool | None:
        request = self._some_request(random)
        if request is None:
            return False
        done = self.both(
            lambda: self.model.confirm(request),
            lambda: binding_requests.confirm_binding(
                link=self._request_link(request), at=self.model.now
            ),
            f"creator confirms {self.model.requests[request]}",
        )
        if done:
            self.bindings[done[0]] = done[1].pk
        return None

    def do_decline(self, random: Random) -> bool | None:
        request = self._some_request(random)
        if request is None:
            return False
        self.both(
            lambda: self.model.decline(request),
            lambda: binding_requests.decline_binding(
                link=self._request_link(request), at=self.model.now
            ),
            f"creator declines {self.model.requests[request]}",
        )
        return None

    def do_withdraw_request(self, random: Random) -> bool | None:
        request = self._some_request(random)
        if request is None:
            return False
        agency = self.model.requests[request].agency
        self.both(
            lambda: self.model.withdraw_request(request),
            lambda: binding_requests.withdraw_request(
                agency=self.world.agencies[agency],
                request_id=self.requests[request],
                at=self.model.now,
                by=self.world.owners[agency],
            ),
            f"{agency} withdraws request {request}",
        )
        return None

    def do_bind(self, random: Random) -> None:
        agency, creator = random.choice(list(AGENCIES)), random.choice(list(CREATORS))
        on = self.model.today + timedelta(days=random.choice([0, 0, 0, 0, 1, 3, 7, 20, -1]))
        done = self.both(
            lambda: self.model.bind(agency, creator, on),
            lambda: bind(
                agency=self.world.agencies[agency],
                creator=self.world.creators[creator],
                on=on,
                reason=REASON,
                at=self.model.now,
                by=self.world.staff[random.choice(STAFF)],
            ),
            f"binding {creator} to {agency} on {on}",
        )
        if done:
            self.bindings[done[0]] = done[1].pk

    def _some_binding(self, random: Random) -> int | None:
        today = self.model.today
        lasting = [n for n, b in self.model.bindings.items() if not b.over(today)]
        return self._some(random, lasting, list(self.model.bindings))

    def do_end(self, random: Random) -> bool | None:
        binding = self._some_binding(random)
        if binding is None:
            return False
        last_day = self.model.today + timedelta(days=random.choice([-1, 0, 0, 1, 3, 20]))
        by = self.world.staff[random.choice(STAFF)]
        self.both(
            lambda: self.model.end(binding, last_day),
            lambda: end_binding(
                binding_id=self.bindings[binding],
                last_day=last_day,
                reason=REASON,
                at=self.model.now,
                by=by,
            ),
            f"ending {self.model.bindings[binding]} with {last_day}",
        )
        return None

    def do_transfer(self, random: Random) -> None:
        to = random.choice(list(AGENCIES))
        on = self.model.today + timedelta(days=random.choice([0, 0, 0, 1, 6, -1]))
        how: dict[str, Any]
        if random.random() < 0.4:
            source = random.choice(list(AGENCIES))
            how = {"from_agency": self.world.agencies[source]}
            chosen = self.model.held_by(source, on)
        else:
            held = sorted({b.creator for b in self.model.bindings.values()})
            chosen = random.sample([*held, *CREATORS], random.randint(1, 4))
            chosen = list(dict.fromkeys(chosen))
            how = {"creator_ids": list(chosen)}
        how |= {"to_agency": self.world.agencies[to], "on": on, "at": self.model.now}
        by = self.world.staff[random.choice(STAFF)]
        what = f"transfer of {chosen} to {to} on {on}"
        seen = self.both(
            lambda: self.model.would_stay(chosen, to, on),
            lambda: transfer_preview(**how | {"to_agency": Agency.objects.get(code=to)}),
            what,
        )
        done = self.both(
            lambda: self.model.transfer(chosen, to, on),
            lambda: transfer(**how, reason=REASON, by=by),
            what,
        )
        assert (seen is None) == (done is None), f"{what}: preview and step differ"
        if not seen or not done:
            return
        for expected, result in (seen, done):
            stay = [creator.creator_id for creator, _ in result.refused]
            moved = [creator.creator_id for creator in result.moved]
            assert sorted(stay) == sorted(expected), f"{what}: {stay} stay, not {expected}"
            assert sorted(stay + moved) == sorted(chosen), f"{what}: {stay} and {moved}"
        self._learn_bindings(done[1].moved)

    def _learn_bindings(self, creators: Any) -> None:
        for creator in creators:
            name = self.world.called[creator.pk]
            number = max(n for n, b in self.model.bindings.items() if b.creator == name)
            self.bindings[number] = creator.bindings.latest("bound_from").pk

    def do_part(self, random: Random) -> bool | None:
        binding = self._some_binding(random)
        if binding is None:
            return False
        agency = self.model.bindings[binding].agency
        done = self.both(
            lambda: self.model.ask_unbinding(binding, "agency"),
            lambda: unbinding.ask_unbinding_by_agency(
                agency=self.world.agencies[agency],
                binding_id=self.bindings[binding],
                reason=REASON,
                at=self.model.now,
                by=self.world.owners[agency],
            ),
            f"{agency} wants to part from {self.model.bindings[binding].creator}",
        )
        if done:
            self.wishes[done[0]] = done[1].pk
        return None

    def do_leave(self, random: Random) -> bool | None:
        """A creator asks for a link, and leaves behind it."""
        binding = self._some_binding(random)
        if binding is None:
            return False
        name = self.model.bindings[binding].creator
        contact = f"{name}@Example.com" if random.random() < 0.9 else "someone@example.com"
        self.model.now += timedelta(minutes=11)
        links = CreatorLink.objects.filter(creator=self.world.creators[name])
        before = links.count()
        ask_leave_link(creator_id=name, contact=contact, at=self.model.now)
        sent = links.count() - before
        assert sent == self.model.leave_links(name, contact), f"{sent} links for {name}"
        if not sent:
            return None
        token = token_of(links.latest("pk"))
        done = self.both(
            lambda: self.model.ask_unbinding(binding, "creator"),
            lambda: unbinding.ask_leaving(
                link=open_link(token, at=self.model.now),
                binding_id=self.bindings[binding],
                reason=REASON,
                at=self.model.now,
            ),
            f"{name} wants to leave {self.model.bindings[binding].agency}",
        )
        if done:
            self.wishes[done[0]] = done[1].pk
        return None

    def _some_wish(self, random: Random, *states: str) -> int | None:
        wanted = [n for n, u in self.model.unbindings.items() if u.state in states]
        return self._some(random, wanted, list(self.model.unbindings))

    def _acting(self, random: Random, wish: int, side: str) -> dict[str, Any] | None:
        """Who acts: mostly the side whose turn it is; a creator by a link, if one can be made."""
        if random.random() < 0.1:
            side = OTHER[side]
        binding = self.model.wished(wish)
        acting: dict[str, Any] = {"unbinding_id": self.wishes[wish], "at": self.model.now}
        if side == "agency":
            owner = self.world.owners[binding.agency]
            agency = self.world.agencies[binding.agency]
            return {**acting, "side": Side.AGENCY, "agency": agency, "by": owner}
        if not CREATORS[binding.creator].contact:
            return None
        sent = CreatorLink.objects.filter(
            unbinding_id=self.wishes[wish], used_at=None, expires_at__gt=self.model.now
        ).last()
        link = sent or make_link(
            creator=self.world.creators[binding.creator],
            purpose=LinkPurpose.LEAVE,
            at=self.model.now,
        )
        return {
            **acting,
            "side": Side.CREATOR,
            "link": open_link(token_of(link), at=self.model.now),
        }

    def _answer(
        self,
        random: Random,
        wish: int | None,
        side: str,
        steps: tuple[Callable[..., Any], Callable[..., Any]],
        **more: Any,
    ) -> bool | None:
        if wish is None:
            return False
        acting = self._acting(random, wish, side)
        if acting is None:
            return False
        expected, real = steps
        said = acting["side"].value
        self.both(
            lambda: expected(wish, said),
            lambda: real(**acting, **more),
            f"{real.__name__} by {said}: {self.model.unbindings[wish]}",
        )
        return None

    def _asker(self, wish: int | None) -> str:
        return "agency" if wish is None else self.model.unbindings[wish].side

    def do_agree(self, random: Random) -> bool | None:
        wish = self._some_wish(random, "asked", "objected", "called_in")
        steps = (self.model.agree, unbinding.agree)
        return self._answer(random, wish, OTHER[self._asker(wish)], steps)

    def do_object_to(self, random: Random) -> bool | None:
        wish = self._some_wish(random, "asked")
        steps = (self.model.object_to, unbinding.object_to)
        return self._answer(random, wish, OTHER[self._asker(wish)], steps, objection="合同未到期")

    def do_call_in(self, random: Random) -> bool | None:
        wish = self._some_wish(random, "objected")
        steps = (self.model.call_in, unbinding.call_in)
        return self._answer(random, wish, self._asker(wish), steps)

    def do_withdraw_wish(self, random: Random) -> bool | None:
        wish = self._some_wish(random, "asked", "objected")
        steps = (self.model.withdraw_unbinding, unbinding.withdraw)
        return self._answer(random, wish, self._asker(wish), steps)

    def do_decide_wish(self, random: Random) -> bool | None:
        wish = self._some_wish(random, "called_in")
        if wish is None:
            return False
        keep, by = random.random() < 0.5, self.world.staff[random.choice(STAFF)]
        self.both(
            lambda: self.model.decide_unbinding(wish, keep),
            lambda: unbinding.decide(
                unbinding_id=self.wishes[wish], keep=keep, reason=REASON, at=self.model.now, by=by
            ),
            f"platform decides {self.model.unbindings[wish]}, keep: {keep}",
        )
        return None
