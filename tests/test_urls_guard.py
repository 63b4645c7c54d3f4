"""Every address of the house: who may open it, and that no page shows another agency's data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from agencies.models import Agency
from rankings.models import BoardKind
from tests.factories import (
    AgencyFactory,
    AssessmentFactory,
    BindingFactory,
    BoardFactory,
    CreatorFactory,
    EvaluationFactory,
    MembershipFactory,
    PlaceFactory,
    UserFactory,
    ViolationFactory,
)
from tests.factories.disputes import DisputeFactory
from tests.factories.staff import signed_in

pytestmark = pytest.mark.django_db

# Open to everybody, each with its reason.
PUBLIC = {
    "front": "what the portal is, and the boards' first places",
    "sign-in": "nobody is signed in before it",
    "set-language": "strangers read in their language too",
    "public-board": "boards are public (docs/rules.md, section 6)",
    "public-notices": "penalty notices are public (docs/rules.md, section 8)",
    "public-notice": "likewise",
    "creator-link": "creators have no account: the address is the key (docs/rules.md, section 9)",
    "creator-leave": "where creators ask for such a link; tells nothing",
    "join": "invited people have no account yet: the address is the key (section 1)",
    "public-rules": "rules are public (docs/rules.md, section 12)",
    "rulebook-file": "likewise",
    "public-consultations": "rules are asked about in public (docs/rules.md, section 12)",
    "public-consultation": "likewise",
    "public-certificate": "anybody may check a certificate (docs/rules.md, section 5)",
    "password-reset": "nobody who forgot the password can sign in",
    "password-reset-sent": "likewise",
    "password-reset-confirm": "likewise: the address is the key",
    "password-reset-complete": "likewise",
    "sign-in-second-factor": "the second half of signing in",
    "set-up-second-factor": "likewise, for staff without a device",
    "mail-stop": "whoever gets a mail may stop it: the address is the key",
    "health-live": "asked by load balancers",
    "health-ready": "asked by load balancers",
}
# Guarded by their own rules, which are stricter than being signed in.
STAFF_PREFIXES = ("admin/", "staff/")
STAFF_DOORS = {"admin/login/"}
# For every signed-in person, with or without an agency.
PERSONAL = {
    "sign-out": "ends one's own session",
    "home": "tells a person without an agency what to do; else the agency's own page",
    "switch-agency": "chooses among one's own agencies; others are not found",
    "account": "one's own account",
    "change-name": "likewise",
    "change-password": "likewise",
    "end-session": "likewise; other people's sessions are not found",
    "end-other-sessions": "likewise",
    "second-factor": "likewise",
    "remove-second-factor": "likewise",
    "recovery-codes": "likewise",
    "mail-preferences": "what reaches oneself by mail",
}
# How to call each agency-scoped page, with the answer to a member.
AGENCY_PAGES = {
    "home": ["/home/"],
    "score": ["/score/", "/score/?month=2026-10"],
    "movement": ["/score/movement/"],
    "movement-creators": ["/score/movement/settled_amount/", "/score/movement/reputation/"],
    "receipt": ["/score/receipt/"],
    "rows-state": ["/score/rows/state/"],
    "recompute-script": ["/score/recompute.py"],
    "guidance": ["/guidance/"],
    "simulator": ["/guidance/simulator/", "/guidance/simulator/?settled_orders=1"],
    "levers": ["/guidance/levers/"],
    "benefits": ["/benefits/"],
    "rules": ["/rules/"],
    "consultations": ["/rules/consultations/"],
    "disputes": ["/disputes/"],
    "certificate": ["/certificate/"],
    "board": [f"/boards/{kind}/" for kind in BoardKind.values],
    "creators": ["/creators/", "/creators/?q=a", "/creators/?export=csv"],
    "binding-preview": ["/creators/preview/"],
    "members": ["/members/"],
    "leave-agency": ["/members/leave/"],
    "conduct": ["/conduct/"],
    "violation": ["/conduct/violations/OWN-CASE/"],
    "messages": ["/messages/"],
    "help": ["/help/", "/help/?q=level"],
    "looks": ["/looks/"],
    "events": ["/events/"],
    "star-source": ["/star-source/"],
}
# These act, or name a row by its number: tests/test_access.py tries them.
TRIED_ELSEWHERE = {
    "appeal",
    "case-file",
    "ask-binding",
    "withdraw-request",
    "unbind",
    "answer-unbinding",
    "creator",
    "ask-rows",
    "rows-file",
    "issue-certificate",
    "invite",
    "withdraw-invitation",
    "member-role",
    "remove-member",
    "consultation",
    "write-comment",
    "withdraw-comment",
    "dispute",
    "dispute-new",
    "message",
    "ask",
    "help-article",
    "question",
    "question-write",
    "question-close",
    "question-rate",
    "question-file",
    "event",
    "event-register",
    "event-calendar",
    "event-cancel-registration",
    "event-material",
    "star-source-creator",
    "dispute-withdraw",
    "dispute-file",
}

CANARY = "CANARY"


def walk(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in (resolver or get_resolver()).url_patterns:
        path = f"{prefix}{entry.pattern}"
        if isinstance(entry, URLResolver):
            yield from walk(entry, path)
        else:
            yield path, entry


def own_views() -> list[tuple[str, URLPattern]]:
    """The addresses outside the staff's prefixes."""
    return [(path, entry) for path, entry in walk() if not path.startswith(STAFF_PREFIXES)]


def scoped(callback: Callable[..., Any]) -> bool:
    return getattr(callback, "agency_scoped", False)


def test_every_view_needs_a_sign_in_or_is_public_for_a_reason() -> None:
    open_views = {
        entry.name or path
        for path, entry in own_views()
        if not getattr(entry.callback, "login_required", True)
    }
    assert open_views == set(PUBLIC)


def test_every_other_view_is_for_agencies_or_personal_for_a_reason() -> None:
    others = {
        entry.name or path
        for path, entry in own_views()
        if getattr(entry.callback, "login_required", True) and not scoped(entry.callback)
    }
    assert others == set(PERSONAL)


def test_every_agency_page_is_exercised_below() -> None:
    names = {entry.name for _path, entry in own_views() if scoped(entry.callback)}
    assert names | {"home"} == set(AGENCY_PAGES) | TRIED_ELSEWHERE


def test_nobody_but_staff_gets_into_a_staff_address() -> None:
    fixed = {path for path, _ in walk() if path.startswith(STAFF_PREFIXES) and "<" not in path}
    assert len(fixed) > 10
    member = signed_in(MembershipFactory.create().user)
    for path in fixed - STAFF_DOORS:
        for client in (Client(), member):
            assert client.get(f"/{path}").status_code in {302, 403, 404, 405}, path


def read(response: Any) -> str:
    """The text of a page or of a file."""
    if response.streaming:
        return b"".join(response.streaming_content).decode()
    return str(response.content.decode())


def paths() -> list[str]:
    return [path for listed in AGENCY_PAGES.values() for path in listed]


@pytest.mark.parametrize("path", paths())
def test_a_stranger_is_asked_to_sign_in(path: str) -> None:
    response = Client().get(path)
    assert response.status_code == 302
    assert response.headers["location"].startswith("/sign-in/?next=/")


@pytest.mark.parametrize("path", paths())
def test_a_person_without_an_agency_sees_no_agency_page(path: str) -> None:
    other_agency()
    response = signed_in(UserFactory.create()).get(path)
    if path == "/home/":
        assert response.status_code == 200
        assert CANARY not in response.content.decode()
    else:
        assert (response.status_code, response.headers["location"]) == (302, "/home/")


@pytest.mark.parametrize("path", paths())
def test_no_page_shows_anything_of_another_agency(path: str) -> None:
    other_agency()
    own = AgencyFactory.create()
    AssessmentFactory.create(evaluation=_october(), agency=own)
    client = signed_in(MembershipFactory.create(agency=own).user)
    page = read(client.get(path))
    # names and codes on boards are public: everything else of the agency is not
    assert CANARY not in page.replace("BOARD-CANARY", "")


@pytest.mark.parametrize("path", paths())
@pytest.mark.parametrize("parameter", ["agency", "agency_id", "code"])
def test_no_parameter_leads_to_another_agency(path: str, parameter: str) -> None:
    other = other_agency()
    own = AgencyFactory.create()
    AssessmentFactory.create(evaluation=_october(), agency=own)
    client = signed_in(MembershipFactory.create(agency=own).user)
    for value in (other.pk, other.code):
        page = read(client.get(path, {parameter: value}))
        assert CANARY not in page.replace("BOARD-CANARY", "")


@pytest.mark.parametrize("path", paths())
def test_agency_pages_change_nothing(path: str) -> None:
    client = signed_in(MembershipFactory.create().user)
    for method in ("post", "put", "patch", "delete"):
        assert getattr(client, method)(path).status_code in {302, 405}, path


def other_agency() -> Agency:
    """An agency of somebody else, with a canary in every text that is not public."""
    agency = AgencyFactory.create(
        code="BOARD-CANARY",
        name="BOARD-CANARY",
        city=CANARY,
        category=CANARY,
        contact_email=f"{CANARY}@example.com",
        contact_phone=CANARY,
        uscc=CANARY,
    )
    MembershipFactory.create(
        agency=agency, user=UserFactory.create(email="canary@example.com", name=CANARY)
    )
    BindingFactory.create(
        agency=agency, creator=CreatorFactory.create(creator_id=CANARY, nickname=CANARY)
    )
    ViolationFactory.create(agency=agency, summary=CANARY, reference=CANARY)
    DisputeFactory.create(agency=agency, creator_code=CANARY, text=CANARY)
    october = _october()
    assessment = AssessmentFactory.create(evaluation=october, agency=agency)
    for kind in BoardKind:
        board = BoardFactory.create(evaluation=october, kind=kind)
        PlaceFactory.create(board=board, agency=agency, rank=1, level=assessment.level)
    return agency


def _october() -> Any:
    from scoring.models import Evaluation

    month = date(2026, 10, 1)
    return Evaluation.objects.filter(month=month).first() or EvaluationFactory.create(month=month)
