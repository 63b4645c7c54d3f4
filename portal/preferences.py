"""What people choose to get by mail: per topic, in which language, and how they stop it."""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings
from django.db import transaction

from portal.enums import MailMode, Topic
from portal.models import MailPreference, User
from portal.outbox.stopping import Stop
from portal.outbox.topics import DEFAULT_MODES


def modes_of(user: User) -> dict[Topic, MailMode]:
    """How a person gets the news of each topic by mail, in the order of topics. One query.

    What nobody chose is as `DEFAULT_MODES` says.
    """
    chosen = dict(user.mail_preferences.order_by("topic").values_list("topic", "mode"))
    return {topic: MailMode(chosen.get(topic, DEFAULT_MODES[topic])) for topic in Topic}


@transaction.atomic
def choose_mail(*, modes: Mapping[Topic, MailMode], language: str, by: User) -> None:
    """Keep how a person wants the news of topics by mail, and in which language.

    1. Topics that `modes` does not name stay as they are.
    2. What is said next follows the choice; of what waits already, only mails of a topic that is
       stopped do not go.

    Raises ValueError for a language that the portal does not have.
    """
    if language not in dict(settings.LANGUAGES):
        raise ValueError(f"There are no mails in {language!r}.")
    User.objects.filter(pk=by.pk).update(mail_language=language)
    by.mail_language = language
    _keep(by.pk, modes)


@transaction.atomic
def stop_mail(stop: Stop) -> bool:
    """Send no more mails of these topics to the person; False where the person is not there.

    Doing it again changes nothing. Every topic stays in the portal, and may be chosen again.
    """
    if not User.objects.filter(pk=stop.user_id).exists():
        return False
    _keep(stop.user_id, dict.fromkeys(stop.topics, MailMode.NEVER))
    return True


def _keep(user_id: int, modes: Mapping[Topic, MailMode]) -> None:
    MailPreference.objects.bulk_create(
        [
            MailPreference(user_id=user_id, topic=topic, mode=mode)
            for topic, mode in sorted(modes.items())
        ],
        update_conflicts=True,
        unique_fields=["user", "topic"],
        update_fields=["mode"],
    )
