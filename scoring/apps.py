from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ScoringConfig(AppConfig):
    name = "scoring"
    verbose_name = _("Level and evaluation")

    def ready(self) -> None:
        from scoring import conduct_policy, receivers  # noqa: F401, PLC0415 - registers itself
