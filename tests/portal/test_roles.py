"""The groups of the platform's people: exactly their rights, after every migration."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission

from portal.roles import OPERATIONS, SUPPORT, create_roles

pytestmark = pytest.mark.django_db


def rights(name: str) -> set[str]:
    permissions = Group.objects.get(name=name).permissions
    return {
        f"{app}.{codename}"
        for app, codename in permissions.values_list("content_type__app_label", "codename")
    }


def test_support_reads_answers_and_changes_nothing_of_agencies_level_and_boards() -> None:
    found = rights(SUPPORT)
    below = {right for right in found if not right.startswith("portal.")}
    assert {"agencies.view_agency", "scoring.view_assessment", "rankings.view_place"} <= below
    assert {right.split(".")[1].split("_")[0] for right in below} == {"view"}
    assert {right.split(".")[0] for right in below} == {"agencies", "scoring", "rankings"}
    assert found - below == {
        "portal.view_question",
        "portal.view_helparticle",
        "portal.view_cannedanswer",
        "portal.view_contactperson",
        "portal.view_event",
        "portal.view_servicetarget",
        "portal.answer_question",
        "portal.see_as_agency",
        "portal.manage_help",
    }


def test_operations_reads_the_same_and_does_its_work() -> None:
    assert rights(OPERATIONS) - rights(SUPPORT) == {
        "agencies.change_agency",
        "agencies.add_membership",
        "agencies.change_membership",
        "agencies.delete_membership",
        "agencies.decide_violation",
        "agencies.review_appeal",
        "agencies.grant_honour",
        "agencies.manage_binding",
        "agencies.publish_notice",
        "scoring.add_evaluation",
        "scoring.publish_evaluation",
        "scoring.change_levertext",
        "scoring.manage_rulebook",
        "scoring.answer_dispute",
        "scoring.import_files",
        "portal.view_user",
        "portal.add_user",
        "portal.change_user",
        "portal.view_heartbeat",
        "portal.view_outboxentry",
        "portal.view_newsmail",
        "portal.change_newsmail",
        "portal.view_stafflook",
        "portal.manage_service",
        "portal.manage_event",
        "agencies.manage_star_source",
    }
    assert rights(SUPPORT) < rights(OPERATIONS)


def test_creating_the_groups_again_mends_them() -> None:
    before = rights(SUPPORT)
    Group.objects.get(name=OPERATIONS).delete()
    Group.objects.get(name=SUPPORT).permissions.set(
        Permission.objects.filter(codename="delete_agency")
    )
    create_roles()
    create_roles()
    assert rights(SUPPORT) == before
    assert Group.objects.filter(name__in=[SUPPORT, OPERATIONS]).count() == 2
