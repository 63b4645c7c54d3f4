"""The import of one day's file in a process of its own: seconds and the peak memory."""

from __future__ import annotations

import json
import resource
import sys
import time

import django

django.setup()

from django.core.management import call_command  # noqa: E402

started = time.perf_counter()
call_command("import_facts", sys.argv[1], stdout=sys.stderr)
print(
    json.dumps(
        {
            "seconds": time.perf_counter() - started,
            "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }
    )
)
