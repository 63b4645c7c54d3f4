"""What an agency fills in to dispute a month's data, and the staff to answer and correct it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Final, cast

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agencies.actions.case_files import NewFile
from agencies.forms.files import FilesField, ManyFiles
from agencies.models import ImportedFile
from agencies.refusals import Refused
from scoring.disputes import LONGEST_CODE, LONGEST_TEXT
from scoring.enums import DisputeKind
from scoring.months import first_day, last_day

ACCEPT, REJECT = "accept", "reject"
# Where a refusal belongs; all others are about the form as a whole.
FIELDS: Final = {
    "creator": "creator_code",
    "not_own": "creator_code",
    "days": "last_day",
    "text": "text",
    "file_type": "attachments",
    "file_size": "attachments",
    "file_count": "attachments",
}


def _day(label: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date", "class": "form-control"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget)


def _text(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"class": "form-control", "rows": rows})


class DisputeForm(forms.Form):
    """Which creator, which days, what is wrong, and what shows it; `months` may be disputed."""

    request_key = forms.UUIDField(widget=forms.HiddenInput)
    month = forms.TypedChoiceField(
        label=gettext_lazy("Month"),
        coerce=first_day,
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("What is wrong"), choices=DisputeKind.choices, widget=forms.RadioSelect
    )
    creator_code = forms.CharField(
        label=gettext_lazy("Creator ID"),
        max_length=LONGEST_CODE,
        widget=forms.TextInput(attrs={"class": "form-control code", "autocomplete": "off"}),
    )
    first_day = _day(gettext_lazy("First day"))
    last_day = _day(gettext_lazy("Last day"))
    text = forms.CharField(
        label=gettext_lazy("What is wrong, and what would be right"),
        max_length=LONGEST_TEXT,
        widget=_text(6),
    )
    attachments = FilesField(
        label=gettext_lazy("Files that show it"),
        required=False,
        help_text=gettext_lazy("Up to 5 files, PDF, PNG or JPEG, 10 MB each"),
        widget=ManyFiles(
            attrs={"class": "form-control", "accept": ".pdf,.png,.jpg,.jpeg", "multiple": True}
        ),
    )

    def __init__(self, *args: Any, months: Sequence[date], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ChoiceField", self.fields["month"]).choices = [
            (f"{month:%Y-%m}", date_format(month, "YEAR_MONTH_FORMAT")) for month in months
        ]

    def entries(self) -> dict[str, Any]:
        """What the action takes; the files are read here."""
        given = dict(self.cleaned_data)
        uploads = given.pop("attachments")
        return given | {"files": [NewFile(each.name or "", each.read()) for each in uploads]}

    def refuse(self, refused: Refused) -> None:
        """Put a refusal where it belongs."""
        self.add_error(FIELDS.get(refused.rule), str(refused))


def first_values(month: date, *, creator: str) -> dict[str, Any]:
    """What a new dispute begins with: the whole month."""
    return {
        "request_key": uuid.uuid4(),
        "month": f"{month:%Y-%m}",
        "kind": DisputeKind.ATTRIBUTION,
        "creator_code": creator[:LONGEST_CODE],
        "first_day": month,
        "last_day": last_day(month),
    }


class AnswerForm(forms.Form):
    """Accepted or rejected, with words for the agency; `decided` leaves rejecting only."""

    verdict = forms.ChoiceField(
        label=gettext_lazy("Verdict"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Accept or reject the dispute.")},
    )
    answer = forms.CharField(
        label=gettext_lazy("Answer to the agency"),
        max_length=LONGEST_TEXT,
        widget=_text(4),
        error_messages={"required": gettext_lazy("Answer in words: the agency reads them.")},
    )

    def __init__(self, *args: Any, decided: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        verdicts = [
            (ACCEPT, _("Accept: the data are wrong and will be corrected")),
            (REJECT, _("Reject: the data stay as they are")),
        ]
        field = cast("forms.ChoiceField", self.fields["verdict"])
        field.choices = verdicts[int(decided) :]
        if decided:
            field.initial = REJECT


class CorrectedForm(forms.Form):
    """Which import since the filing corrected it; `others` offers to name none."""

    imported = forms.TypedChoiceField(
        label=gettext_lazy("Corrected by"),
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.Select(attrs={"class": "form-select"}),
    )

    def __init__(
        self, *args: Any, imports: Iterable[ImportedFile], others: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        offered: list[tuple[int | str, str]] = [(each.pk, _told(each)) for each in imports]
        if others or not offered:
            offered.append(("", _("no import: changed otherwise")))
        cast("forms.ChoiceField", self.fields["imported"]).choices = offered


def _told(imported: ImportedFile) -> str:
    """An import by its file and when it ended."""
    when = date_format(timezone.localtime(imported.finished_at), "DATETIME_FORMAT")
    return _("%(file)s of %(when)s") % {"file": imported.name, "when": when}
