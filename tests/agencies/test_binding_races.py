"""Bindings under races: the cap holds, one wins, the others read a sentence."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial
from threading import Event
from typing import Any

import pytest
from django.db import connection, transaction

from agencies.actions.binding_changes import hold
from agencies.actions.binding_requests import ask_binding, confirm_binding, expire_due
from agencies.actions.bindings import bind, transfer
from agencies.actions.links import ask_leave_link
from agencies.actions.unbinding import agree, end_silent, object_to
from agencies.enums import LinkPurpose, Measure, PenaltyState, Side, Stage, UnbindingState
from agencies.models import (
    Agency,
    Binding,
    BindingRequest,
    ConductEvent,
    Creator,
    CreatorLink,
    Penalty,
    Unbinding,
)
from agencies.refusals import Refused
from tests.agencies.beside import Beside, race, until_waiting
from tests.factories import (
    AgencyFactory,
    BindingFactory,
    CreatorFactory,
    UserFactory,
    ViolationFactory,
)
from tests.factories.requests import (
    NOON,
    BindingRequestFactory,
    CreatorLinkFactory,
    UnbindingFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)

TURNS = 200 if os.environ.get("SOAK") else 5
TODAY, DAY = NOON.date(), timedelta(days=1)


def asked(agency: Agency, creator: Creator) -> CreatorLink:
    request = BindingRequestFactory.create(agency=agency, creator=creator)
    return CreatorLinkFactory.create(creator=creator, purpose=LinkPurpose.CONFIRM, request=request)


def confirming(link: CreatorLink) -> Callable[[], Binding]:
    return lambda: confirm_binding(link=CreatorLink.objects.get(pk=link.pk), at=NOON)


def rules(refused: Sequence[Refused]) -> set[str]:
    assert all(str(found) for found in refused)
    return {found.rule for found in refused}


def test_sixteen_creators_for_one_free_place() -> None:
    for _ in range(TURNS):
        agency = AgencyFactory.create(stage=Stage.ASSESSED, level="V1", binding_cap=3)
        BindingFactory.create_batch(2, agency=agency)
        links = [asked(agency, CreatorFactory.create()) for _ in range(16)]

        done, refused = race([confirming(link) for link in links])

        assert (len(done), len(refused), rules(refused)) == (1, 15, {"cap"})
        assert agency.bindings.not_over_on(TODAY).count() == 3
        used = CreatorLink.objects.filter(pk__in=[link.pk for link in links])
        assert used.filter(used_at__isnull=False).count() == 1
        assert BindingRequest.objects.filter(agency=agency, state="asked").count() == 15


def test_two_agencies_for_one_creator() -> None:
    for _ in range(TURNS):
        creator = CreatorFactory.create()
        links = [asked(AgencyFactory.create(), creator) for _ in range(2)]

        done, refused = race([confirming(link) for link in links])

        assert (len(done), len(refused), rules(refused)) == (1, 1, {"bound"})
        assert creator.bindings.get() == done[0]


def test_one_link_clicked_twenty_times_binds_once() -> None:
    link = asked(AgencyFactory.create(), CreatorFactory.create())
    done, refused = race([confirming(link)] * 20)
    assert (len(done), len(refused), rules(refused)) == (1, 19, {"used_link"})
    assert Binding.objects.count() == 1


def test_requests_and_admins_and_transfers_for_one_free_place() -> None:
    for _ in range(TURNS):
        agency = AgencyFactory.create(stage=Stage.ASSESSED, level="V1", binding_cap=1)
        admin, moving = UserFactory.create(), BindingFactory.create()
        creators = CreatorFactory.create_batch(4)
        given = {"reason": "x", "at": NOON, "by": admin}
        acts: list[Callable[[], Any]] = [
            confirming(asked(agency, creator)) for creator in creators[:2]
        ]
        acts += [
            partial(bind, agency=agency, creator=creator, on=TODAY, **given)
            for creator in creators[2:]
        ]
        chosen = [moving.creator.creator_id]
        acts.append(partial(transfer, to_agency=agency, creator_ids=chosen, on=TODAY, **given))
        _done, refused = race(acts)
        assert rules(refused) == {"cap"}
        assert agency.bindings.not_over_on(TODAY).count() == 1


def test_an_owner_who_asks_twenty_times_asks_once() -> None:
    agency, owner = AgencyFactory.create(), UserFactory.create()
    creator = CreatorFactory.create(contact="creator@example.com")
    given = {"creator_id": creator.creator_id, "message": "", "at": NOON, "by": owner}
    done, refused = race([lambda: ask_binding(agency=agency, **given)] * 20)
    assert (len(done), rules(refused)) == (1, {"already_asked"})
    assert CreatorLink.objects.count() == 1


def test_transfers_that_cross_do_not_wait_in_a_circle() -> None:
    for _ in range(TURNS):
        one, two = AgencyFactory.create_batch(2, stage=Stage.ASSESSED, level="V3")
        BindingFactory.create_batch(4, agency=one)
        BindingFactory.create_batch(4, agency=two)
        given = {"on": TODAY, "reason": "x", "at": NOON, "by": UserFactory.create()}
        race(
            [
                partial(transfer, from_agency=one, to_agency=two, **given),
                partial(transfer, from_agency=two, to_agency=one, **given),
            ]
            * 2
        )
        held = Binding.objects.filter(agency__in=[one, two]).not_over_on(TODAY)
        assert held.count() == held.values("creator").distinct().count() == 8


def test_eight_reconciles_end_each_silence_once() -> None:
    UnbindingFactory.create_batch(6, side=Side.AGENCY)
    BindingRequestFactory.create_batch(6)
    late = NOON + 20 * DAY
    done, _refused = race([lambda: (end_silent(now=late), expire_due(now=late))] * 8)
    assert [sum(counts) for counts in zip(*done, strict=True)] == [6, 6]
    assert ConductEvent.objects.filter(verb="fall_silent").count() == 6
    assert ConductEvent.objects.filter(verb="expire").count() == 6


def test_agreeing_and_refusing_at_once_leave_one_answer() -> None:
    for _ in range(TURNS):
        wish = UnbindingFactory.create()
        given = {
            "unbinding_id": wish.pk,
            "side": Side.AGENCY,
            "agency": wish.binding.agency,
            "at": NOON,
            "by": UserFactory.create(),
        }
        done, refused = race([partial(agree, **given), partial(object_to, **given, objection="x")])
        wish.refresh_from_db()
        # agreeing after a refusal is allowed, refusing after agreeing is not
        assert wish.state == UnbindingState.ENDED
        assert len(done) + len(refused) == 2
        assert rules(refused) <= {"closed"}
        assert Binding.objects.get(pk=wish.binding_id).bound_until == TODAY + DAY


def test_twenty_wishes_for_a_link_send_one() -> None:
    creator = BindingFactory.create(
        creator=CreatorFactory.create(contact="creator@example.com")
    ).creator
    contact = {"creator_id": creator.creator_id, "contact": creator.contact, "at": NOON}
    race([lambda: ask_leave_link(**contact)] * 20)
    assert CreatorLink.objects.count() == 1


def _remove(agency: Agency) -> None:
    Agency.objects.filter(pk=agency.pk).update(removed_on=TODAY)


def _suspend(agency: Agency) -> None:
    Penalty.objects.create(
        agency=agency,
        violation=ViolationFactory.create(agency=agency),
        kind=Measure.SUSPEND_BINDING,
        state=PenaltyState.ACTIVE,
        starts_on=TODAY,
        until=TODAY + DAY,
    )


def _fill(agency: Agency) -> None:
    Agency.objects.filter(pk=agency.pk).update(stage=Stage.ASSESSED, level="V1", binding_cap=0)


@pytest.mark.parametrize(
    ("change", "rule"), [(_remove, "removed"), (_suspend, "suspended"), (_fill, "cap")]
)
def test_nothing_is_bound_after_what_forbids_it(
    change: Callable[[Agency], None], rule: str
) -> None:
    agency = AgencyFactory.create()
    beside = Beside(confirming(asked(agency, CreatorFactory.create())))
    with transaction.atomic():
        hold([], [agency.pk])
        change(agency)
        beside.start()
        until_waiting(1)
    refused = beside.end()
    assert isinstance(refused, Refused)
    assert refused.rule == rule
    assert Binding.objects.count() == 0


def test_an_import_of_the_same_days_is_answered_with_a_sentence() -> None:
    creator = CreatorFactory.create()
    link = asked(AgencyFactory.create(), creator)
    beside = Beside(confirming(link))
    with transaction.atomic():
        BindingFactory.create(creator=creator, bound_from=TODAY)  # as an import: without locks
        beside.start()
        until_waiting(1)
    refused = beside.end()
    assert isinstance(refused, Refused)
    assert refused.rule == "bound"
    link.refresh_from_db()
    assert (link.used_at, Binding.objects.count()) == (None, 1)


def test_an_import_that_fails_is_not_in_the_way() -> None:
    creator = CreatorFactory.create()
    beside = Beside(confirming(asked(AgencyFactory.create(), creator)))
    with suppress(KeyError), transaction.atomic():
        BindingFactory.create(creator=creator, bound_from=TODAY)
        beside.start()
        until_waiting(1)
        raise KeyError
    assert beside.end() == Binding.objects.get()


def test_a_deadlock_with_an_import_is_answered_with_a_sentence() -> None:
    one, two = CreatorFactory.create_batch(2)
    agency, link = AgencyFactory.create(), asked(AgencyFactory.create(), one)
    mine, go_on = Event(), Event()

    def patient(setting: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL deadlock_timeout = '{setting}'")

    def importing() -> None:
        with transaction.atomic():
            patient("1min")
            BindingFactory.create(agency=agency, creator=one, bound_from=TODAY)
            mine.wait()
            BindingFactory.create(agency=agency, creator=two, bound_from=TODAY)

    def confirming_beside() -> Binding:
        with transaction.atomic():
            patient("10ms")
            BindingFactory.create(agency=agency, creator=two, bound_from=TODAY)
            mine.set()
            go_on.wait()
            return confirm_binding(link=link, at=NOON)

    file, answer = Beside(importing), Beside(confirming_beside)
    answer.start()
    file.start()
    until_waiting(1)
    go_on.set()
    refused = answer.end()
    assert file.end() is None
    assert isinstance(refused, Refused)
    assert refused.rule == "bound"
    assert set(Binding.objects.values_list("creator", flat=True)) == {one.pk, two.pk}


def test_the_wish_of_a_binding_that_goes_meanwhile_is_gone_too() -> None:
    wish = UnbindingFactory.create(side=Side.AGENCY)
    wish.binding.delete()
    assert end_silent(now=NOON + 20 * DAY) == 0
    assert not Unbinding.objects.exists()
