"""Settings, all from the environment or `.env` (README.md, section "Settings")."""

from pathlib import Path

import environ
import sentry_sdk
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from portal import embedded
from portal.logs import logging_config, without_keys

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
env.read_env(BASE_DIR / ".env")

# --- Environment -------------------------------------------------------------------------------
DEBUG = env.bool("DEBUG", default=False)
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / ".data"))).resolve()

if DEBUG:
    SECRET_KEY = env.str("SECRET_KEY", default="") or embedded.secret(DATA_DIR)
    ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["*"])
    EMAIL_URL = env.str("EMAIL_URL", default="") or "consolemail://"
else:
    missing = [
        n for n in ("SECRET_KEY", "ALLOWED_HOSTS", "EMAIL_URL") if not env.str(n, default="")
    ]
    if missing:
        raise ImproperlyConfigured(
            f"Set {', '.join(missing)} in the environment or in .env before starting in production"
            " (README.md, section 'Settings'), or DEBUG=1 to try the portal on this machine."
        )
    SECRET_KEY = env.str("SECRET_KEY")
    ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
    EMAIL_URL = env.str("EMAIL_URL")

# Seals the credit ledger; give it a value of its own to be able to change SECRET_KEY later.
LEDGER_KEY = env.str("LEDGER_KEY", default="") or SECRET_KEY

database_url = env.str("DATABASE_URL", default="")
redis_url = env.str("REDIS_URL", default="")
if not (database_url and redis_url):
    servers = embedded.ensure(DATA_DIR, postgres=not database_url, valkey=not redis_url)
    database_url = database_url or servers.database_url
    redis_url = redis_url or servers.redis_url

FACTS_ENGINE = env.str("FACTS_ENGINE", default="duckdb")
if FACTS_ENGINE != "duckdb":
    raise ImproperlyConfigured(
        f"FACTS_ENGINE is {FACTS_ENGINE!r}, but this version computes with duckdb only:"
        " leave it unset or set it to duckdb."
    )
facts_url = env.str("FACTS_URL", default="") or str(DATA_DIR / "facts")
if "://" in facts_url.removeprefix("file://"):
    raise ImproperlyConfigured(
        f"FACTS_URL is {facts_url!r}, but this version keeps facts in a directory only:"
        " give the path of one."
    )
FACTS_DIR = Path(facts_url.removeprefix("file://")).resolve()
REJECTS_DIR = DATA_DIR / "rejects"
SCRATCH_DIR = DATA_DIR / "scratch"
# Workers make the files, web processes hand them out: both see the facts.
EXPORTS_DIR = FACTS_DIR / "exports"
# Web processes take files in, workers import them: both see these too.
UPLOADS_DIR = FACTS_DIR / "uploads"

DUCKDB_MEMORY_LIMIT = env.str("DUCKDB_MEMORY_LIMIT", default="512MB")
DUCKDB_THREADS = env.int("DUCKDB_THREADS", default=2)
# How often a running evaluation gives a sign of life.
BEAT_SECONDS = env.float("BEAT_SECONDS", default=5.0)
IMPORT_MAX_BYTES = env.int("IMPORT_MAX_BYTES", default=8 * 1024**3)
IMPORT_MAX_ROWS = env.int("IMPORT_MAX_ROWS", default=60_000_000)

# --- Applications ------------------------------------------------------------------------------
INSTALLED_APPS = [
    "portal.apps.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "django.contrib.postgres",
    "django_rq",
    "django_tables2",
    "django_filters",
    "pgtrigger",
    "pghistory",
    "django_htmx",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "agencies",
    "scoring",
    "rankings",
    "portal",
]
MIDDLEWARE = [
    "portal.middleware.BodyLimitMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.middleware.PrivateMiddleware",
    "portal.middleware.SecondFactorMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "portal.middleware.CurrentAgencyMiddleware",
    "portal.middleware.KeylessHistoryMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.context_processors.house",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- Data --------------------------------------------------------------------------------------
DATABASES = {"default": environ.Env.db_url_config(database_url)}
DATABASES["default"].update(CONN_MAX_AGE=60, CONN_HEALTH_CHECKS=True)
_NETWORK = {"connect_timeout": 5, "keepalives_idle": 30, "tcp_user_timeout": 60_000}
DATABASES["default"]["OPTIONS"] = {**_NETWORK, **DATABASES["default"].get("OPTIONS", {})}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
_LOCMEM = "django.core.cache.backends.locmem.LocMemCache"
CACHES = {"default": {"BACKEND": _LOCMEM, "OPTIONS": {"MAX_ENTRIES": 10_000}}}
RQ_QUEUES = {"default": {"URL": redis_url, "DEFAULT_TIMEOUT": 4 * 3600}}
RQ = {"WORKER_CLASS": "portal.worker.PortalWorker", "COMMIT_MODE": "on_db_commit"}

# Copies of changed rows carry who changed them; they refuse changes themselves.
PGHISTORY_APPEND_ONLY = True
PGHISTORY_MIDDLEWARE_METHODS = ("POST",)

# --- People ------------------------------------------------------------------------------------
AUTH_USER_MODEL = "portal.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
_DJANGO = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_DJANGO}.UserAttributeSimilarityValidator"},
    {"NAME": "portal.passwords.MinimumLength"},
    {"NAME": f"{_DJANGO}.CommonPasswordValidator"},
    {"NAME": f"{_DJANGO}.NumericPasswordValidator"},
]
SESSION_ENGINE = "portal.sessions"
# Staff need a second factor; the demo, which publishes its passwords, does without.
STAFF_SECOND_FACTOR = env.bool("STAFF_SECOND_FACTOR", default=not DEBUG)
OTP_TOTP_ISSUER = "Agency Level Portal"
PASSWORD_RESET_TIMEOUT = 3600  # seconds
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "front"
LOGOUT_REDIRECT_URL = "front"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
# Credentials name the address so; told otherwise, axes would count without it.
AXES_USERNAME_FORM_FIELD = "username"
AXES_FAILURE_LIMIT = 8
AXES_CLIENT_IP_CALLABLE = "portal.client_ip.client_ip"
# How many proxies of our own stand in front and append to X-Forwarded-For.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_TEMPLATE = "portal/locked_out.html"
AXES_VERBOSE = False
# Nobody reads who signed in when; people see their own sessions, which end.
AXES_DISABLE_ACCESS_LOG = True
# What axes tells of a refused form goes without these.
AXES_SENSITIVE_PARAMETERS = [
    *("username", "password", "new_password1", "new_password2", "repeated"),
    *("code", "current_code", "key", "next"),
]
AXES_ENABLE_ADMIN = False

# --- Languages and time ------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "portal" / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True
USE_THOUSAND_SEPARATOR = True
FORMAT_MODULE_PATH = ["portal.formats"]

# --- Files -------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "portal.static_files.NodeModulesFinder",
]
_STATIC = "django.contrib.staticfiles.storage.StaticFilesStorage"
_MANIFEST = "whitenoise.storage.CompressedManifestStaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _STATIC if DEBUG else _MANIFEST},
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = DEBUG

# A form may bring five files of 10 MB; nothing larger is read.
REQUEST_MAX_BYTES = 52 * 1024**2

# --- Security ----------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
SECURE_SSL_REDIRECT = not DEBUG
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_HSTS_SECONDS = 0 if DEBUG else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = not DEBUG
SECURE_HSTS_PRELOAD = not DEBUG
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = not DEBUG
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"

# --- Mail, logs, errors ------------------------------------------------------------------------
_mail = environ.Env.email_url_config(EMAIL_URL)
if _mail["EMAIL_BACKEND"] == "django.core.mail.backends.smtp.EmailBackend":
    # each mail once: knows whether a server that fell silent may have it
    _mail["EMAIL_BACKEND"] = "portal.outbox.smtp.OnceBackend"
vars().update(_mail)
# Seconds that a mail server or webhook may take for an answer, and for the one to a whole mail.
EMAIL_TIMEOUT = 10
EMAIL_LAST_ANSWER_TIMEOUT = 60
# Where people reach the portal: the links in mails begin with it.
PORTAL_URL = env.str("PORTAL_URL", default="http://localhost:8000").rstrip("/")
# Takes the creators' links where the platform delivers them itself; signed with the secret.
CREATOR_WEBHOOK_URL = env.str("CREATOR_WEBHOOK_URL", default="")
CREATOR_WEBHOOK_SECRET = env.str("CREATOR_WEBHOOK_SECRET", default="")
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="portal@localhost")
LOGGING = logging_config(debug=DEBUG, level=env.str("LOG_LEVEL", default="WARNING"))
if sentry_dsn := env.str("SENTRY_DSN", default=""):
    sentry_sdk.init(
        dsn=sentry_dsn,
        send_default_pii=False,
        before_send=without_keys,
        before_send_transaction=without_keys,
    )
