from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    name = "portal"
    default = True
    verbose_name = _("People and processes")

    def ready(self) -> None:
        from portal import receivers  # noqa: F401, PLC0415 - registers itself


class PortalAdminConfig(admin_apps.AdminConfig):
    default = False
    default_site = "portal.admin_site.PortalAdminSite"
