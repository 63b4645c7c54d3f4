"""The forms by which the staff decide cases."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agencies.actions.appeals import REVOKE, UPHOLD
from agencies.actions.violations import HIGHEST_POINTS, PlannedMeasure
from agencies.enums import Measure, ViolationKind, ViolationState
from agencies.forms.files import FilesField, ManyFiles
from agencies.models import Agency, Incident, Violation
from agencies.queries.desk import digest_of_draft
from agencies.queries.linked import Linked

DATED = (
    Measure.SUSPEND_BINDING,
    Measure.CANCEL_HONOURS,
    Measure.LINKED_AGENCIES,
    Measure.LINKED_ACCOUNTS,
)
PLAIN = (Measure.WARNING, Measure.SUSPEND_BINDING, Measure.CANCEL_HONOURS, Measure.REMOVAL)
GROUPABLE = (ViolationState.DRAFT, ViolationState.ISSUED)
MOST_POINTS = 1_000  # of an award: far above every cap


def _day(label: Any = "", **options: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date", "class": "form-control"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, **options)


def _text(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"class": "form-control", "rows": rows})


def _files(label: Any, *, required: bool) -> FilesField:
    accept = ".pdf,.png,.jpg,.jpeg"
    return FilesField(
        label=label,
        required=required,
        widget=ManyFiles(attrs={"class": "form-control", "accept": accept}),
        help_text=gettext_lazy("PDF, PNG or JPEG, up to 10 MB each, at most 5 in a case"),
    )


class ViolationForm(forms.Form):
    """A violation from its facts to its measures; also changes a draft.

    1. What the rulebook proposes for the kind is filled in; linked agencies and accounts are
       offered with their reasons, none of them ticked.
    2. Of a draft that is changed, those chosen earlier are offered though no longer linked; `seen`
       is the digest of what was shown.
    """

    request_key = forms.UUIDField(widget=forms.HiddenInput)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    occurred_on = _day(gettext_lazy("Occurred on"))
    summary = forms.CharField(
        label=gettext_lazy("What the agency did"), max_length=2000, widget=_text(5)
    )
    points = forms.IntegerField(
        label=gettext_lazy("Credit points to deduct"),
        min_value=0,
        max_value=HIGHEST_POINTS,
        widget=forms.NumberInput(attrs={"class": "form-control"}),
    )
    incident = forms.ModelChoiceField(
        Incident.objects.none(),
        label=gettext_lazy("Belongs to the incident"),
        required=False,
        empty_label=gettext_lazy("none"),
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    incident_title = forms.CharField(
        label=gettext_lazy("or opens a new incident named"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"class": "form-control"}),
    )
    evidence = _files(gettext_lazy("Evidence"), required=False)

    def __init__(
        self,
        *args: Any,
        agency: Agency,
        linked: Linked,
        draft: Violation | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.linked = linked
        self.draft = draft
        incidents = Incident.objects.filter(violations__agency=agency).distinct()
        self.fields["incident"].queryset = incidents  # type: ignore[attr-defined]
        tick = {"class": "form-check-input"}
        for measure in PLAIN:
            widget = forms.CheckboxInput(attrs=tick)
            self.fields[measure] = forms.BooleanField(
                label=measure.label, required=False, widget=widget
            )
        for measure, choices in self._offers():
            self.fields[measure] = forms.TypedMultipleChoiceField(
                label=measure.label,
                choices=choices,
                coerce=int,
                required=False,
                widget=forms.CheckboxSelectMultiple,
            )
        for measure in DATED:
            self.fields[f"{measure}_from"] = _day(gettext_lazy("From"), required=False)
            self.fields[f"{measure}_until"] = _day(gettext_lazy("Until"), required=False)

    def _offers(self) -> list[tuple[Measure, list[tuple[int, str]]]]:
        agencies = {each.agency.pk: offer_of_agency(each) for each in self.linked.agencies}
        accounts = {each.user.pk: offer_of_account(each) for each in self.linked.accounts}
        stored = self.draft.penalties.select_related("agency", "account") if self.draft else []
        for penalty in stored:
            if penalty.kind == Measure.LINKED_AGENCIES:
                agencies.setdefault(penalty.agency_id, _chosen_earlier(penalty.agency))
            elif penalty.account is not None:
                accounts.setdefault(penalty.account.pk, _chosen_earlier(penalty.account))
        return [
            (Measure.LINKED_AGENCIES, list(agencies.items())),
            (Measure.LINKED_ACCOUNTS, list(accounts.items())),
        ]

    def measure_rows(self) -> list[dict[str, Any]]:
        """The measures with their days, as the page lists them."""
        return [
            {
                "measure": measure,
                "chosen": self[measure],
                "several": measure in (Measure.LINKED_AGENCIES, Measure.LINKED_ACCOUNTS),
                "days": [self[f"{measure}_from"], self[f"{measure}_until"]]
                if measure in DATED
                else [],
            }
            for measure in (*PLAIN[:3], *DATED[2:], Measure.REMOVAL)
            if self._is_offered(measure)
        ]

    def _is_offered(self, measure: Measure) -> bool:
        return getattr(self.fields[measure], "choices", True) != []

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("incident") and given.get("incident_title"):
            self.add_error("incident_title", _("Choose an incident or name a new one, not both."))
        for measure in DATED:
            first, until = given.get(f"{measure}_from"), given.get(f"{measure}_until")
            if first and until and until <= first:
                self.add_error(f"{measure}_until", _("This day must be later than the first one."))
        return given

    def measures(self) -> list[PlannedMeasure]:
        """What was chosen, with its days; nothing that was left unticked."""
        given = self.cleaned_data
        return [
            PlannedMeasure(
                kind=measure,
                starts_on=given.get(f"{measure}_from"),
                until=given.get(f"{measure}_until"),
                agency_ids=tuple(given[measure]) if measure == Measure.LINKED_AGENCIES else (),
                account_ids=tuple(given[measure]) if measure == Measure.LINKED_ACCOUNTS else (),
            )
            for measure in Measure
            if given.get(measure)
        ]


def offer_of_agency(linked: Any) -> str:
    """A linked agency with why it is taken for one."""
    return f"{linked.agency} · {', '.join(map(str, linked.because))}"


def offer_of_account(linked: Any) -> str:
    """A linked account with the agencies that it belongs to."""
    return " · ".join([str(linked.user), *map(str, linked.agencies)])


def _chosen_earlier(whom: object) -> str:
    return _("%(whom)s · chosen earlier") % {"whom": whom}


def first_values(*, points: int, measures: Sequence[str]) -> dict[str, Any]:
    """What a new violation's form begins with: the rulebook's template of its kind."""
    return {
        "request_key": uuid.uuid4(),
        "points": points,
        **{measure: True for measure in measures if measure in PLAIN},
    }


def stored_values(violation: Violation) -> dict[str, Any]:
    """What the form of a draft begins with."""
    found: dict[str, Any] = {
        "request_key": violation.request_key or uuid.uuid4(),
        "seen": digest_of_draft(violation),  # before the measures are read, see there
        "occurred_on": violation.occurred_on,
        "summary": violation.summary,
        "points": violation.points,
        "incident": violation.incident_id,
    }
    for penalty in violation.penalties.all():
        measure = Measure(penalty.kind)
        if measure == Measure.LINKED_AGENCIES:
            found.setdefault(measure, []).append(penalty.agency_id)
        elif measure == Measure.LINKED_ACCOUNTS:
            found.setdefault(measure, []).append(penalty.account_id)
        else:
            found[measure] = True
        found[f"{measure}_from"], found[f"{measure}_until"] = penalty.starts_on, penalty.until
    return found


class BeginForm(forms.Form):
    """Whose violation, and of which kind."""

    agency = forms.CharField(
        label=gettext_lazy("Agency: its code, or a part of its name"),
        max_length=100,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), widget=forms.Select(attrs={"class": "form-select"})
    )

    def __init__(self, *args: Any, kinds: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [  # type: ignore[attr-defined]
            (kind.value, kind.label) for kind in ViolationKind if kind in kinds
        ]


class IssueForm(forms.Form):
    """The last look before a decision takes effect; `seen` is the digest of what was looked at."""

    seen = forms.CharField(required=False)
    checked = forms.BooleanField(
        label=gettext_lazy("I have checked the facts, the evidence and the measures."),
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
        error_messages={
            "required": gettext_lazy("Confirm that facts, evidence and measures are checked.")
        },
    )


class ReasonForm(forms.Form):
    """A step that must say why."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=2000,
        widget=_text(3),
        error_messages={"required": gettext_lazy("Say why: the reason is kept with the step.")},
    )


class EvidenceForm(forms.Form):
    """Files that are added to a draft."""

    evidence = _files(gettext_lazy("Add evidence"), required=True)


class CasesField(forms.ModelMultipleChoiceField):
    """Violations told by case number, kind and state."""

    def label_from_instance(self, obj: Violation) -> str:
        return f"{obj.reference} · {obj.get_kind_display()} · {obj.get_state_display()}"


class IncidentForm(forms.Form):
    """Violations of one agency that belong to one event."""

    title = forms.CharField(
        label=gettext_lazy("Name of the incident"),
        max_length=200,
        widget=forms.TextInput(attrs={"class": "form-control"}),
    )
    violations = CasesField(
        Violation.objects.none(),
        label=gettext_lazy("Together with"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one other violation.")},
    )

    def __init__(self, *args: Any, violation: Violation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = violation.agency.violations.filter(state__in=GROUPABLE).exclude(pk=violation.pk)
        self.fields["violations"].queryset = others.order_by("-pk")  # type: ignore[attr-defined]

    @property
    def offers(self) -> bool:
        """Whether there is any other violation to group with."""
        return bool(self.fields["violations"].queryset.exists())  # type: ignore[attr-defined]


class VerdictForm(ReasonForm):
    """A verdict on each violation of an appeal, and one reason for all of them."""

    def __init__(self, *args: Any, violations: Sequence[Violation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.violations = violations
        for violation in violations:
            self.fields[f"verdict_{violation.pk}"] = forms.ChoiceField(
                label=_("Verdict on %(case)s") % {"case": violation.reference},
                choices=[(UPHOLD, _("Uphold the decision")), (REVOKE, _("Revoke the decision"))],
                widget=forms.RadioSelect,
                error_messages={"required": _("Choose a verdict for this violation.")},
            )
        self.order_fields([*(f"verdict_{each.pk}" for each in violations), "reason"])

    def verdicts(self) -> dict[int, str]:
        """The verdict by violation."""
        return {each.pk: self.cleaned_data[f"verdict_{each.pk}"] for each in self.violations}


class AgencyForm(forms.Form):
    """The agency that something is for."""

    agency = forms.CharField(
        label=gettext_lazy("Agency code"),
        max_length=32,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
    )

    def clean_agency(self) -> Agency:
        """The agency with this code."""
        found = Agency.objects.filter(code=self.cleaned_data["agency"].strip()).first()
        if found is None:
            raise forms.ValidationError(_("No agency has this code."))
        return found


class AwardForm(forms.Form):
    """Credit for an agency; the ledger gives at most what fits below the cap."""

    points = forms.IntegerField(
        label=gettext_lazy("Points"),
        min_value=1,
        max_value=MOST_POINTS,
        widget=forms.NumberInput(attrs={"class": "form-control"}),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason, as the ledger shows it to the agency"),
        max_length=500,
        widget=_text(3),
        error_messages={"required": gettext_lazy("Say why: the reason is kept with the step.")},
    )
