"""Run the rehearsal in namespaces of its own, and print what it measured."""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

from tests.cluster.cases import Rehearsal
from tests.cluster.network import make_network, probe
from tests.cluster.site import Site, postgres_folder

# The exit status if this machine cannot run it.
UNAVAILABLE = 77
NEEDED = ("unshare", "ip", "mount", "setpriv", "nginx", "redis-server", "pgbouncer")
# Ended with this process, even if that is killed.
NAMESPACES = [
    "setpriv",
    "--pdeathsig=KILL",
    "unshare",
    "--net",
    "--pid",
    "--mount",
    "--fork",
    "--mount-proc",
    "--kill-child=KILL",
]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.cluster", description="Rehearse several machines.")
    parser.add_argument("--full", action="store_true", help="longer, with Redis and PostgreSQL away for a minute")
    parser.add_argument("--only", metavar="WORD", default="", help="only the cases with this word in their name")
    parser.add_argument("--workers", type=int, default=2, help="worker processes on each web machine")
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        return rehearse(options.inside, options)
    if reason := missing():
        return leave_out(reason)
    return run_in_namespaces(options)


def missing() -> str:
    if os.geteuid():
        return "it needs root"
    if programs := [program for program in NEEDED if not shutil.which(program)]:
        return f"not installed: {', '.join(programs)}"
    return "" if postgres_folder() else "PostgreSQL 15 or later is not installed"


def leave_out(reason: str) -> int:
    print(f"Left out the rehearsal on several machines: {reason}.", flush=True)
    return UNAVAILABLE


def run_in_namespaces(options: argparse.Namespace) -> int:
    """Run this module again inside, and remove what it leaves behind, also when it has to be ended."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = Path(tempfile.mkdtemp(prefix="cluster-"))
    folder.chmod(0o755)
    command = [*NAMESPACES, sys.executable, "-m", "tests.cluster", *sys.argv[1:], "--inside", str(folder)]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    try:
        return process.wait(timeout=1800 if options.full else 1200)
    except subprocess.TimeoutExpired:
        print("The rehearsal took too long and was ended.", flush=True)
        return 1
    finally:
        # With it ends every process inside, and with those the namespaces.
        process.kill()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def rehearse(folder: Path, options: argparse.Namespace) -> int:
    try:
        make_network()
        probe(folder)
    except (OSError, subprocess.SubprocessError) as error:
        return leave_out(f"network namespaces do not work here ({error})")
    started = time.monotonic()
    site = Site(folder, workers=options.workers)
    failures = []
    try:
        site.start()
        print(f"cluster: ten machines started in {time.monotonic() - started:.0f} s", flush=True)
        rehearsal = Rehearsal(site, minute=60 if options.full else 6, requests=50 if options.full else 8)
        for name, case in rehearsal.cases():
            if options.only.lower() in name.lower():
                failures += run(name, case)
    except Exception as error:  # noqa: BLE001 - printed, with the logs of all machines
        traceback.print_exc()
        failures.append(f"start: {error}")
    if failures:
        print(site.logs())
        print("cluster: failed", *failures, sep="\ncluster: ", flush=True)
        return 1
    print(f"cluster: all cases passed in {time.monotonic() - started:.0f} s", flush=True)
    return 0


def run(name: str, case: object) -> list[str]:
    """Print the result of a case; return its name and why, if it failed."""
    started = time.monotonic()
    try:
        result = case()
    except Exception as error:  # noqa: BLE001 - the other cases are run anyway
        print(f"cluster: {name}: FAILED: {error}", flush=True)
        traceback.print_exc()
        return [f"{name}: {error}"]
    print(f"cluster: {name}: {result} [{time.monotonic() - started:.0f} s]", flush=True)
    return []


if __name__ == "__main__":
    sys.exit(main())
