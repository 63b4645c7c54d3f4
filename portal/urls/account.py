"""Addresses of a person's account."""

from __future__ import annotations

from django.urls import path

from portal.views.account.overview import (
    account,
    change_name,
    change_password,
    end_other_sessions,
    end_session,
)
from portal.views.account.password_reset import SetNewPasswordView, complete, forgotten, sent
from portal.views.account.second_factor import (
    recovery_codes,
    remove_second_factor,
    second_factor,
    sign_in_code,
    sign_in_set_up,
)

urlpatterns = [
    path("account/", account, name="account"),
    path("account/name/", change_name, name="change-name"),
    path("account/password/", change_password, name="change-password"),
    path("account/sessions/end-others/", end_other_sessions, name="end-other-sessions"),
    path("account/sessions/<slug:handle>/end/", end_session, name="end-session"),
    path("account/second-factor/", second_factor, name="second-factor"),
    path("account/second-factor/remove/", remove_second_factor, name="remove-second-factor"),
    path("account/second-factor/codes/", recovery_codes, name="recovery-codes"),
    path("account/forgotten/", forgotten, name="password-reset"),
    path("account/forgotten/sent/", sent, name="password-reset-sent"),
    path("account/forgotten/done/", complete, name="password-reset-complete"),
    path(
        "account/forgotten/<str:uidb64>/<str:token>/",
        SetNewPasswordView.as_view(),
        name="password-reset-confirm",
    ),
    path("sign-in/second-factor/", sign_in_code, name="sign-in-second-factor"),
    path("sign-in/second-factor/set-up/", sign_in_set_up, name="set-up-second-factor"),
]
