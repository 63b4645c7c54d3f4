"""A Chromium of this machine, and pages that fail the test on any complaint of the browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control
from playwright.sync_api import ConsoleMessage, Page, Request

# the first is the same browser without what windows on a screen need, at half the cost
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
HERE = Path(__file__).parent
# pytest-playwright declares a fixture in a way that pytest 9 announces to drop
PLUGIN_OLDER_THAN_PYTEST = pytest.mark.filterwarnings(
    "ignore:Session-scoped fixtures defined as instance methods"
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave the browser tests out, in plain words, where there is no browser."""
    ours = [item for item in items if item.path.is_relative_to(HERE)]
    for item in ours:
        item.add_marker(PLUGIN_OLDER_THAN_PYTEST)
    if _browser() or os.environ.get("REQUIRE_BROWSER") == "1":
        return
    reason = f"Browser tests left out: none of {', '.join(BROWSERS)} is on this machine."
    for item in ours:
        item.add_marker(pytest.mark.skip(reason=reason))


def _browser() -> str | None:
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    browser = _browser()
    if browser is None:
        pytest.fail(f"REQUIRE_BROWSER=1, but none of {', '.join(BROWSERS)} is on this machine.")
    # playwright keeps an event loop in this thread; the ORM is used outside of it all the same
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    return {**browser_type_launch_args, "executable_path": browser, "args": ARGUMENTS}


@pytest.fixture(autouse=True, scope="session")
def _files_kept_as_in_production() -> Iterator[None]:
    """The browser keeps style sheets and scripts; with the clock of a test it would ask anew."""
    serve = StaticFilesHandler.serve

    def kept(handler: StaticFilesHandler, request: HttpRequest) -> HttpResponseBase:
        response = serve(handler, request)
        patch_cache_control(response, max_age=365 * 86_400, immutable=True)
        return response

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(StaticFilesHandler, "serve", kept)
        yield


@pytest.fixture
def complaints(page: Page) -> Iterator[list[str]]:
    """What the browser complains of: errors, warnings, violations of the policy, failed requests.

    The test fails at its end if there is anything in it.
    """
    heard: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            heard.append(message.text)

    page.on("console", listen)
    page.on("pageerror", lambda error: heard.append(str(error)))

    def failed(request: Request) -> None:
        # the browser drops what it was still loading when the test goes to the next page
        if request.failure != "net::ERR_ABORTED":
            heard.append(f"{request.url}: {request.failure}")

    page.on("requestfailed", failed)
    yield heard
    assert heard == []
