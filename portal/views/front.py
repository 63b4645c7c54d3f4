"""Where everybody arrives: the front page, sign-in, sign-out."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from portal.forms import SignInForm
from rankings.queries import front_boards
from scoring.queries import latest_month


@login_not_required
@require_safe
def front(request: HttpRequest) -> HttpResponse:
    """Members and staff go home, which is the desk for these; a stranger learns what this is."""
    if request.user.is_authenticated:
        return redirect("home")
    return render(request, "portal/front.html", {"boards": front_boards(latest_month())})


class SignInView(LoginView):
    """Sign-in by e-mail address; axes throttles it before a password is hashed."""

    form_class = SignInForm
    template_name = "portal/sign_in.html"
    redirect_authenticated_user = True
