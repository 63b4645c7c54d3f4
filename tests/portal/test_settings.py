"""Settings: production starts only with its secrets, and nothing unbuilt is pretended."""

from __future__ import annotations

import io
import logging
import logging.config
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from django.conf import settings as configured
from django.test import Client
from django.urls import reverse

from agencies.actions.links import token_of
from portal.logs import logging_config, without_keys, without_links
from tests.factories.requests import CreatorLinkFactory

BASE = Path(__file__).resolve().parent.parent.parent
SECRETS = {
    "SECRET_KEY": "x7Kf-9qLw2VbT5nRj8ZcHy4MsPd6GuEaQ1oWiN3tXvUrBzFmLkJhYgTfDs",
    "ALLOWED_HOSTS": "portal.example.com",
    "EMAIL_URL": "smtp://localhost:25",
}
# Given, so that no server is started; nobody listens there.
SERVERS = {
    "DATABASE_URL": "postgresql://portal@127.0.0.1:1/portal",
    "REDIS_URL": "redis://127.0.0.1:1/0",
}
SHOW = "from portal import settings; print(settings.{})"


def python(
    *arguments: str,
    directory: Path,
    without: tuple[str, ...] = (),
    unset: tuple[str, ...] = (),
    **more: str,
) -> subprocess.CompletedProcess[str]:
    """A process with the production environment, without some of it and with more."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    # An empty value also hides the one that a developer's .env may have.
    environment = {
        **inherited,
        **SECRETS,
        **SERVERS,
        "DATA_DIR": str(directory),
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "DEBUG": "",
        **dict.fromkeys(without, ""),
        **more,
    }
    for name in unset:
        del environment[name]
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=BASE,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def show(name: str, directory: Path, unset: tuple[str, ...] = (), **more: str) -> str:
    shown = python("-c", SHOW.format(name), directory=directory, unset=unset, **more)
    assert shown.returncode == 0, shown.stderr
    return shown.stdout.strip()


def refusal(directory: Path, without: tuple[str, ...] = (), **more: str) -> str:
    """The sentence with which the start is refused."""
    stopped = python("-c", SHOW.format("DEBUG"), directory=directory, without=without, **more)
    assert (stopped.returncode, stopped.stdout) == (1, "")
    last = stopped.stderr.strip().splitlines()[-1]
    kind, _, sentence = last.partition(": ")
    assert kind == "django.core.exceptions.ImproperlyConfigured"
    return sentence


@pytest.mark.parametrize(
    "missing",
    [("SECRET_KEY",), ("ALLOWED_HOSTS",), ("SECRET_KEY", "EMAIL_URL"), tuple(SECRETS)],
)
def test_production_does_not_start_without_its_secrets_and_names_them(
    tmp_path: Path, missing: tuple[str, ...]
) -> None:
    sentence = refusal(tmp_path, without=missing)
    assert sentence.startswith(f"Set {', '.join(missing)} in the environment or in .env")
    assert set(re.findall(r"\b(?:SECRET_KEY|ALLOWED_HOSTS|EMAIL_URL)\b", sentence)) == set(missing)
    assert list(tmp_path.iterdir()) == []


def test_debug_is_off_unless_it_is_set(tmp_path: Path) -> None:
    if (BASE / ".env").exists():
        pytest.skip("this checkout has settings of its own in .env")
    assert show("DEBUG", tmp_path, unset=("DEBUG",)) == "False"


def test_with_debug_the_others_have_development_values(tmp_path: Path) -> None:
    names = "SECRET_KEY, settings.LEDGER_KEY, *settings.ALLOWED_HOSTS, settings.EMAIL_BACKEND"
    first = show(names, tmp_path, unset=tuple(SECRETS), DEBUG="1")
    secret, ledger_key, *rest = first.split()
    assert len(secret) >= 50
    assert ledger_key == secret
    assert rest == ["*", "django.core.mail.backends.console.EmailBackend"]
    assert show(names, tmp_path, unset=tuple(SECRETS), DEBUG="1") == first


@pytest.mark.parametrize("engine", ["spark://cluster:7077", "DuckDB"])
def test_another_engine_is_refused_with_a_sentence(tmp_path: Path, engine: str) -> None:
    assert refusal(tmp_path, FACTS_ENGINE=engine) == (
        f"FACTS_ENGINE is {engine!r}, but this version computes with duckdb only:"
        " leave it unset or set it to duckdb."
    )


@pytest.mark.parametrize("address", ["s3://bucket/facts", "https://store/facts"])
def test_an_object_store_for_facts_is_refused_with_a_sentence(tmp_path: Path, address: str) -> None:
    assert refusal(tmp_path, FACTS_URL=address) == (
        f"FACTS_URL is {address!r}, but this version keeps facts in a directory only:"
        " give the path of one."
    )


@pytest.mark.parametrize(
    ("address", "below"), [("", "facts"), ("{}/shared", "shared"), ("file://{}/url", "url")]
)
def test_facts_lie_in_a_directory(tmp_path: Path, address: str, below: str) -> None:
    found = show("FACTS_DIR", tmp_path, FACTS_URL=address.format(tmp_path))
    assert found == str(tmp_path.resolve() / below)


def test_the_data_directory_holds_everything_that_is_written(tmp_path: Path) -> None:
    names = "DATA_DIR, settings.FACTS_DIR, settings.REJECTS_DIR, settings.SCRATCH_DIR"
    base = tmp_path.resolve()
    assert show(names, tmp_path).split() == [
        str(base),
        str(base / "facts"),
        str(base / "rejects"),
        str(base / "scratch"),
    ]


def test_the_ledger_s_key_may_be_its_own(tmp_path: Path) -> None:
    assert show("LEDGER_KEY", tmp_path, LEDGER_KEY="") == SECRETS["SECRET_KEY"]
    assert show("LEDGER_KEY", tmp_path, LEDGER_KEY="own") == "own"


def test_the_deployment_check_is_clean(tmp_path: Path) -> None:
    checked = python("manage.py", "check", "--deploy", "--fail-level", "DEBUG", directory=tmp_path)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert checked.stdout == "System check identified no issues (0 silenced).\n"


def test_cookies_and_transport_are_closed_in_production(tmp_path: Path) -> None:
    flags = (
        "SECURE_SSL_REDIRECT",
        "SESSION_COOKIE_SECURE",
        "CSRF_COOKIE_SECURE",
        "LANGUAGE_COOKIE_SECURE",
        "SESSION_COOKIE_HTTPONLY",
        "CSRF_COOKIE_HTTPONLY",
        "SECURE_HSTS_INCLUDE_SUBDOMAINS",
    )
    assert show(", settings.".join(flags), tmp_path).split() == ["True"] * len(flags)


def test_the_settings_stay_short() -> None:
    lines = (BASE / "portal" / "settings.py").read_text(encoding="utf-8").splitlines()
    assert len(lines) < 300


def test_logs_leave_out_the_key_of_a_creators_link() -> None:
    event = {"event": "request_started", "request": "POST /c/abc:def/", "code": 200}
    assert without_links(None, "info", event) == {
        "event": "request_started",
        "request": "POST /c/…/",
        "code": 200,
    }


@pytest.fixture(params=[False, True])
def written(request: Any) -> Iterator[io.StringIO]:
    """What the portal's logs hold, in production and while developing."""
    before = logging.root.handlers[:], structlog.get_config()
    logging.config.dictConfig(logging_config(debug=request.param, level="DEBUG"))
    assert [h.get_name() for h in logging.root.handlers] == ["console"]
    stream = io.StringIO()
    logging.root.handlers[0].stream = stream  # type: ignore[attr-defined]
    yield stream
    logging.config.dictConfig(configured.LOGGING)
    logging.root.handlers[:] = before[0]
    structlog.configure(**before[1])


@pytest.mark.django_db
def test_no_refused_request_writes_the_key_of_a_link(written: io.StringIO) -> None:
    token = token_of(CreatorLinkFactory.create())
    page = reverse("creator-link", args=[token])
    strict, stranger = Client(enforce_csrf_checks=True), Client()
    answers = [
        strict.post(page, {"answer": "leave"}),
        stranger.put(page),
        stranger.get(f"/c/{token}/more/"),
        stranger.get(f"/nowhere/{token}/"),
    ]
    assert [answer.status_code for answer in answers] == [403, 405, 404, 404]
    said = written.getvalue().replace("\\u2026", "…")
    for event in ("Forbidden", "Method Not Allowed", "Not Found"):
        assert event in said
    assert "/c/…" in said
    assert token not in said
    assert token.partition(".")[2] not in said


def test_tracebacks_and_every_logger_leave_out_the_key(written: io.StringIO) -> None:
    token = f"{'0' * 32}.{'k' * 43}"
    for log in (logging.getLogger("django.request"), structlog.get_logger("portal")):
        try:
            raise ValueError(f"https://portal.example.com/c/{token}/")
        except ValueError:
            log.exception("It failed at /c/%s/", token)
    structlog.get_logger("portal").warning("nested", about={"urls": [f"/c/{token}/"]}, bare=token)
    logging.getLogger("django.server").info('"GET %s HTTP/1.1" 200', f"/c/{token}/?next=%2F")
    said = written.getvalue().replace("\\u2026", "…")
    assert said.count("ValueError: https://portal.example.com/c/…/") == 2
    assert said.count("Traceback") == 2
    assert "k" * 43 not in said


def test_reports_of_errors_leave_out_the_key() -> None:
    token = f"{'0' * 32}.{'k' * 43}"
    url = f"https://portal.example.com/c/{token}/"
    event = {
        "transaction": "/c/{token}/",
        "request": {"url": url, "method": "POST", "headers": [("Referer", url)]},
        "exception": {"values": [{"vars": {"token": repr(token)}, "lineno": 7}]},
        "level": None,
    }
    assert without_keys(event, {}) == {
        "transaction": "/c/…/",
        "request": {
            "url": "https://portal.example.com/c/…/",
            "method": "POST",
            "headers": [["Referer", "https://portal.example.com/c/…/"]],
        },
        "exception": {"values": [{"vars": {"token": "'…'"}, "lineno": 7}]},
        "level": None,
    }


def test_error_reports_pass_the_mask(tmp_path: Path) -> None:
    ask = (
        "from portal import settings; import sentry_sdk;"
        " told = sentry_sdk.get_client().options;"
        " print(told['before_send'].__name__, told['before_send_transaction'].__name__)"
    )
    shown = python("-c", ask, directory=tmp_path, SENTRY_DSN="http://key@127.0.0.1:1/1")
    assert shown.stdout.split() == ["without_keys"] * 2, shown.stderr
