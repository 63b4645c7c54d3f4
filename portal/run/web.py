"""The address that the portal is served under."""

from __future__ import annotations

import http.client
import socket
import sys
import time
from collections.abc import Callable, Mapping

HOST = "127.0.0.1"
DEFAULT_PORT = 8000
HIGHEST_PORT = 65_535
ANSWER_SECONDS = 60.0
POLL_SECONDS = 0.1


class PortRefusedError(ValueError):
    """Why the portal cannot be served on a port, as a sentence for whoever chose it."""


def usable_port(text: str) -> int:
    """The port written in PORT. Raises PortRefusedError where it is none, or taken."""
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= HIGHEST_PORT):
        raise PortRefusedError(f"PORT is {text!r}; it must be a number from 1 to {HIGHEST_PORT}.")
    port = int(text)
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((HOST, port))
        except PermissionError:
            raise PortRefusedError(
                f"This user may not serve on port {port}. Choose one above 1023: "
                "PORT=8000 make run."
            ) from None
        except OSError:
            raise PortRefusedError(
                f"Port {port} of {HOST} is taken by another program, maybe by a portal that runs "
                f"already. Stop it, or choose another port: PORT={port % HIGHEST_PORT + 1} "
                "make run."
            ) from None
    return port


def served_environment(port: int, given: Mapping[str, str]) -> dict[str, str]:
    """The environment of the processes: links in mails lead to this port, unless they are told."""
    return {"PORTAL_URL": f"http://localhost:{port}", **given}


def serve_command(port: int) -> list[str]:
    """How gunicorn is started: two processes of four threads each."""
    options = ["--bind", f"{HOST}:{port}", "--worker-class", "gthread", "--workers", "2"]
    options += ["--threads", "4", "--graceful-timeout", "3", "--no-control-socket"]
    return [sys.executable, "-m", "gunicorn", "portal.wsgi", *options]


def wait_until_served(port: int, *, alive: Callable[[], bool]) -> bool:
    """Wait for the first answer; False when the server ended or a minute went by."""
    until = time.monotonic() + ANSWER_SECONDS
    while time.monotonic() < until and alive():
        if _answers(port):
            return True
        time.sleep(POLL_SECONDS)
    return False


def _answers(port: int) -> bool:
    asked = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        asked.request("GET", "/health/live")
        return asked.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        asked.close()
