"""The cost of a worker process: CPU time to start, and memory after some requests. Run as a program, it is one."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

REQUESTS = 200
STATM = Path("/proc/self/statm")


def cost(urls: list[str], *, database: str) -> tuple[float, float]:
    """Return the CPU seconds of a cold start, and the resident MiB after `REQUESTS` requests for `urls` in turn.

    Raises MeasurementError if the system does not report memory, or the worker fails.
    """
    from truthlytics.bench.measure import MeasurementError

    if not STATM.exists():
        raise MeasurementError("This system does not report the memory of a process.")
    environment = {
        **os.environ,
        "DATABASE_URL": database,
        "SECRET_KEY": "for-measuring-only-" + "x" * 40,
        "SITE_URL": "http://localhost",
        "CACHE_URL": "memory://",
        "LOG_LEVEL": "ERROR",
        "DEBUG": "0",
        "TRUTHLYTICS_DEMO": "0",
    }
    command = [sys.executable, "-m", "truthlytics.bench.worker", *urls]
    completed = subprocess.run(command, env=environment, capture_output=True, text=True)  # noqa: S603
    if completed.returncode:
        raise MeasurementError(f"The worker process failed: {completed.stderr.strip().splitlines()[-1:]}")
    seconds, memory = json.loads(completed.stdout)
    return seconds, memory


def main() -> None:
    started = time.process_time()
    from django.conf import settings

    if not (settings.STATIC_ROOT / "staticfiles.json").exists():  # collectstatic has not been run
        settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    from truthlytics.wsgi import application

    seconds = time.process_time() - started
    # Imported here, so that it is not part of the measured start.
    from truthlytics.bench.measure import fetch, make_environ

    for number in range(REQUESTS):
        fetch(application, make_environ(sys.argv[1 + number % len(sys.argv[1:])], HTTP_HOST="localhost"))
    pages = int(STATM.read_text().split()[1])
    sys.stdout.write(json.dumps([seconds, pages * os.sysconf("SC_PAGE_SIZE") / 2**20]))
    sys.stdout.flush()
    # The worker threads would wait for further requests.
    os._exit(0)


if __name__ == "__main__":
    main()
