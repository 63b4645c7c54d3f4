"""Addresses of an agency's members and their invitations."""

from __future__ import annotations

from django.urls import URLPattern, path

from agencies.views import join, members

urlpatterns: list[URLPattern] = [
    path("members/", members.members, name="members"),
    path("members/invite/", members.invite, name="invite"),
    path(
        "members/invitations/<int:pk>/withdraw/",
        members.withdraw_invitation,
        name="withdraw-invitation",
    ),
    path("members/<int:pk>/role/", members.member_role, name="member-role"),
    path("members/<int:pk>/remove/", members.remove_member, name="remove-member"),
    path("members/leave/", members.leave_agency, name="leave-agency"),
    path("join/<str:token>/", join.join, name="join"),
]
