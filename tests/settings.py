"""Settings of the test suite: a platform of its own beside the one of `make run`."""

import os
from pathlib import Path
from typing import Any

os.environ.setdefault("DEBUG", "1")
os.environ.setdefault("EMBEDDED_FAST", "1")
os.environ.setdefault("DATA_DIR", str(Path(__file__).resolve().parent.parent / ".data" / "tests"))

from portal.settings import *  # noqa: F403
from tests.undefined import FailsWhereOurs

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AXES_ENABLED = False

# Workers of one test process must not take the jobs of another.
_NUMBER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
RQ_QUEUES["default"]["URL"] = redis_url.replace("db=0", f"db={_NUMBER + 1}")  # noqa: F405

_OPTIONS: Any = TEMPLATES[0]["OPTIONS"]  # noqa: F405
_OPTIONS["string_if_invalid"] = FailsWhereOurs("undefined")
