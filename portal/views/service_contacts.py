"""Who looks after which agencies."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agencies.access import StaffRequest, looked, staff_required
from agencies.models import Agency
from agencies.views.lists import PER_PAGE
from agencies.views.staff_decisions import taken
from portal.enums import ContactKind
from portal.forms.contacts import ChangeContactForm, HandOverForm, NewPersonForm, PersonForm
from portal.models import ContactPerson
from portal.support.contact_lists import agencies_of, coverage, history_of, people
from portal.support.contact_people import add_person, change_person, hand_over
from portal.support.contacts import assign_contacts, change_contact

READ, WRITE = "portal.view_contactperson", "portal.manage_service"


@require_safe
@staff_required(READ)
def staff_contacts(request: StaffRequest) -> HttpResponse:
    """Every contact with their load, and how many agencies go without one."""
    context = {
        "people": people(),
        "coverage": coverage(timezone.now()),
        "may_write": request.user.has_perm(WRITE),
    }
    return render(request, "portal/staff_contacts.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required(WRITE)
def staff_contact_new(request: StaffRequest) -> HttpResponse:
    """Make somebody a contact."""
    form = NewPersonForm(request.POST or None)
    if request.method == "POST" and taken(
        form,
        lambda: add_person(
            user=form.cleaned_data["account"], **form.said, at=timezone.now(), by=request.user
        ),
    ):
        messages.success(request, _("The contact is added; agencies that waited are told."))
        return redirect("staff-contacts")
    return render(request, "portal/staff_contact_new.html", {"form": form})


@require_safe
@staff_required(READ)
def staff_contact(request: StaffRequest, pk: int) -> HttpResponse:
    """One contact with their agencies."""
    return _contact(request, get_object_or_404(people(), pk=pk))


@require_POST
@staff_required(WRITE)
def staff_contact_edit(request: StaffRequest, pk: int) -> HttpResponse:
    """Change how a contact is named, reached, and how many agencies they take."""
    person = get_object_or_404(people(), pk=pk)
    form = PersonForm(request.POST)
    if taken(
        form,
        lambda: change_person(person=person, **form.said, at=timezone.now(), by=request.user),
    ):
        messages.success(request, _("The contact is changed."))
        return redirect("staff-contact", pk)
    return _contact(request, person, form=form)


@require_POST
@staff_required(WRITE)
def staff_contact_hand_over(request: StaffRequest, pk: int) -> HttpResponse:
    """Give all agencies of a contact to the others."""
    person = get_object_or_404(people(), pk=pk)
    form = HandOverForm(request.POST, auto_id="over_%s")
    moved: list[int] = []
    if taken(
        form,
        lambda: moved.append(
            hand_over(
                person=person,
                reason=form.cleaned_data["reason"],
                at=timezone.now(),
                by=request.user,
            )
        ),
    ):
        (number,) = moved
        messages.success(
            request,
            ngettext(
                "%(number)d agency has another contact now and is told.",
                "%(number)d agencies have other contacts now and are told.",
                number,
            )
            % {"number": number},
        )
        return redirect("staff-contact", pk)
    return _contact(request, person, over=form)


@require_POST
@staff_required(WRITE)
def staff_contacts_assign(request: StaffRequest) -> HttpResponse:
    """Assign what can be assigned now, without waiting for the clock."""
    settled = assign_contacts(at=timezone.now())
    messages.success(
        request,
        _("Contacts given: %(begun)d. Contacts ended: %(ended)d. These agencies are told.")
        % {"begun": settled.begun, "ended": settled.ended},
    )
    return redirect("staff-contacts")


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required(WRITE)
def staff_contact_change(request: StaffRequest, code: str, kind: str) -> HttpResponse:
    """Give one agency another contact of a kind."""
    if kind not in ContactKind.values:
        raise Http404
    agency = get_object_or_404(Agency, code=code)
    form = ChangeContactForm(request.POST or None, kind=ContactKind(kind))
    if request.method == "POST" and taken(
        form,
        lambda: change_contact(
            agency=agency,
            kind=ContactKind(kind),
            **form.cleaned_data,
            at=timezone.now(),
            by=request.user,
        ),
    ):
        messages.success(request, _("The agency has a new contact and is told."))
        return redirect("staff-contact", form.cleaned_data["person"].pk)
    looked(request, agency, _("Contact of %(agency)s") % {"agency": agency})
    history = history_of(agency, ContactKind(kind))[:PER_PAGE]
    context = {"form": form, "agency": agency, "kind": ContactKind(kind), "history": history}
    return render(request, "portal/staff_contact_change.html", context)


def _contact(
    request: StaffRequest,
    person: ContactPerson,
    *,
    form: PersonForm | None = None,
    over: HandOverForm | None = None,
) -> HttpResponse:
    looked(request, None, _("Agencies of %(person)s") % {"person": person.name})
    context = {
        "person": person,
        "page": Paginator(agencies_of(person), PER_PAGE).get_page(request.GET.get("page")),
        "form": form or PersonForm(initial=_initial(person)),
        "over": over or HandOverForm(auto_id="over_%s"),
        "may_write": request.user.has_perm(WRITE),
    }
    return render(request, "portal/staff_contact.html", context)


def _initial(person: ContactPerson) -> dict[str, object]:
    names = ("kind", "name", "phone", "email", "wechat", "most", "is_active")
    return {name: getattr(person, name) for name in names}
