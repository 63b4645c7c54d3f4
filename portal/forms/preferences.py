"""What people choose about mail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.enums import MailMode, Topic

# What belongs to a topic, in the words of those who choose.
TOPIC_HELP: Final[Mapping[Topic, Promise]] = {
    Topic.LEVEL: _("Results of a month, changes of level or stage and why, risks, titles"),
    Topic.CONDUCT: _("Decisions, credit, measures, appeals and the time left for them"),
    Topic.BINDINGS: _("Creators who were bound or leave, and what waits for your answer"),
    Topic.QUESTIONS: _("Answers to your questions, and your contacts at the platform"),
    Topic.RULES: _("New rules, consultations, answers to your comments"),
    Topic.EVENTS: _("Salons: announcements, changes, a seat that became free, materials"),
    Topic.STAR_SOURCE: _("Creators who were selected, their phases and traffic"),
}


class MailForm(forms.Form):
    """The language of mails, and for each topic how its news come."""

    language = forms.ChoiceField(
        label=_("Language of mails"),
        choices=lambda: settings.LANGUAGES,
        widget=forms.Select(attrs={"class": "form-select"}),
    )

    def __init__(self, data: Any = None, *, modes: Mapping[Topic, MailMode], language: str) -> None:
        super().__init__(data, initial={"language": language})
        for topic in Topic:
            self.fields[topic.value] = forms.ChoiceField(
                label=topic.label,
                help_text=str(TOPIC_HELP[topic]),
                choices=MailMode.choices,
                initial=modes[topic],
                widget=forms.RadioSelect,
            )

    @property
    def topics(self) -> list[forms.BoundField]:
        """The fields of the topics, in their order."""
        return [self[topic.value] for topic in Topic]

    @property
    def modes(self) -> dict[Topic, MailMode]:
        """What was chosen, once it is valid."""
        return {topic: MailMode(self.cleaned_data[topic.value]) for topic in Topic}
