"""What one worker costs: CPU until it can answer, and memory once it has answered. Run as a program, it is one."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

ASKED = 200
STATM = Path("/proc/self/statm")


def cost(addresses: list[str], *, database: str) -> tuple[float, float]:
    """CPU seconds of a cold start, and MiB resident after `ASKED` requests for `addresses` in turn.

    Raises NotMeasured where the system does not tell, or the worker does not answer.
    """
    from truthlytics.bench.measure import NotMeasured

    if not STATM.exists():
        raise NotMeasured("This system does not say how much memory a process holds.")
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
    command = [sys.executable, "-m", "truthlytics.bench.worker", *addresses]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)  # noqa: S603
    if done.returncode:
        raise NotMeasured(f"The worker to measure ended: {done.stderr.strip().splitlines()[-1:]}")
    seconds, memory = json.loads(done.stdout)
    return seconds, memory


def main() -> None:
    begun = time.process_time()
    from django.conf import settings

    if not (settings.STATIC_ROOT / "staticfiles.json").exists():  # nobody collected them: pages name plain files
        settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    from truthlytics.wsgi import application

    started = time.process_time() - begun
    # The tools to ask with come after, so that they are not counted as the worker's start.
    from truthlytics.bench.measure import ask, environ_of

    for number in range(ASKED):
        ask(application, environ_of(sys.argv[1 + number % len(sys.argv[1:])], HTTP_HOST="localhost"))
    pages = int(STATM.read_text().split()[1])
    sys.stdout.write(json.dumps([started, pages * os.sysconf("SC_PAGE_SIZE") / 2**20]))
    sys.stdout.flush()
    # Threads of the worker wait for requests that never come.
    os._exit(0)


if __name__ == "__main__":
    main()
