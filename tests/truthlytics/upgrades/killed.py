"""Stop `manage.py upgrade` of a site of a former release with `kill -9`, and start the site again.

.venv/bin/python -m tests.truthlytics.upgrades.killed       # after each step, with a table of what happened
"""

import http.client
import lzma
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing, suppress
from pathlib import Path

from truthlytics.env import BASE_DIR

DUMP = Path(__file__).parent / "1.0.sqlite.xz"
# What `upgrade` prints when a step begins, so that the one before is complete, and how many seconds later it is killed.
STEPS = {
    "Checking the settings and plug-ins": 0.0,
    "Checking the free space": 0.0,
    "Collecting the static files": 3.0,
    "Backing up": 0.0,
    "Migrating": 0.0,
    "Applying": 0.5,
    "Putting the static files in place": 0.02,
    "Checking the settings again": 0.0,
    "Asking for": 0.5,
}
ENTRY = "js/comments.js"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Site:
    """A site in `folder` with the articles of release 1.0, and static files as an earlier version has left them."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.port = free_port()
        self.static = folder / "static"
        self.database = folder / "truthlytics.sqlite3"
        self.database.write_bytes(lzma.decompress(DUMP.read_bytes()))
        self.environ = {
            "PATH": os.environ["PATH"], "HOME": str(folder), "VAR_DIR": str(folder), "PYTHONUNBUFFERED": "1",
            "SECRET_KEY": "".join(map(chr, range(65, 123))), "SITE_URL": f"http://localhost:{self.port}",
            "SMTP_URL": "smtp://127.0.0.1:9", "LOG_LEVEL": "ERROR",
        }  # fmt: skip

    def run(self, *arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, str(BASE_DIR / "manage.py"), *arguments]
        return subprocess.Popen(
            command, env=self.environ, cwd=BASE_DIR, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip

    def use_old_files(self, collected: Path) -> None:
        """Put static files in place that lack what later versions added."""
        shutil.copytree(collected, self.static)
        manifest = self.static / "staticfiles.json"
        manifest.write_text(manifest.read_text().replace(f'"{ENTRY}":', '"js/earlier.js":'))
        (self.static / "sources.sha256").unlink()

    def upgrade_until(self, text: str, seconds: float = 0) -> str:
        """Upgrade, and kill that with all of its processes `seconds` after it has printed `text`. Returns that."""
        process, said = self.run("upgrade"), b""
        while text.encode() not in said and (more := process.stdout.read1()):
            said += more
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
        return said.decode()

    def write(self) -> int:
        """Add a comment as the version that still runs does, and return its key."""
        with closing(sqlite3.connect(self.database, timeout=20)) as database, database:
            names = [row[1] for row in database.execute("PRAGMA table_info(comments_comment)") if row[1] != "id"]
            columns = ", ".join(f'"{name}"' for name in names)
            random = {"uuid", "key"}
            values = ", ".join("lower(hex(randomblob(16)))" if name in random else f'"{name}"' for name in names)
            added = database.execute(
                f"INSERT INTO comments_comment ({columns}) SELECT {values} FROM comments_comment LIMIT 1"
            )
            return int(added.lastrowid or 0)

    def rows(self, table: str, where: str = "1") -> int:
        with closing(sqlite3.connect(self.database)) as database:
            (count,) = database.execute(f"SELECT count(*) FROM {table} WHERE {where}").fetchone()
            return int(count)

    def start(self, *arguments: str) -> tuple[dict[str, int], str]:
        """Start the site, and return the status of its pages and what it printed. Without any, it has refused."""
        process = self.run(*(arguments or ("start",)), "--port", str(self.port))
        try:
            for _ in range(1200):
                if process.poll() is not None:
                    return {}, process.stdout.read().decode()
                with suppress(OSError):
                    return {path: self.status(path) for path in self.paths()}, ""
                time.sleep(0.1)
            raise AssertionError("The site did not start.")
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(30)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            process.stdout.close()

    def paths(self) -> list[str]:
        with closing(sqlite3.connect(self.database)) as database:
            slugs = database.execute("SELECT slug FROM articles_article WHERE published_at < datetime() LIMIT 5")
            return ["/", "/latest/", "/readyz", *(f"/articles/{slug}/" for (slug,) in slugs)]

    def status(self, path: str) -> int:
        client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        client.request("GET", path, headers={"Host": f"localhost:{self.port}"})
        status = client.getresponse().status
        client.close()
        return status


def collect(folder: Path) -> Path:
    """Return the static files of this version, in `folder`."""
    site = Site(folder)
    if site.run("collectstatic", "--noinput", "--verbosity=0").wait():
        raise AssertionError("The static files could not be collected.")
    return site.static


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        collected = collect(Path(name, "collected"))
        for number, (text, seconds) in enumerate(STEPS.items()):
            site = Site(Path(name, str(number)))
            site.use_old_files(collected)
            refused = site.start("serve")[1].strip().splitlines()[-1:]
            written = [site.write()]
            said = site.upgrade_until(text, seconds)
            written.append(site.write())
            refused += site.start("serve")[1].strip().splitlines()[-1:]
            began = time.monotonic()
            statuses, output = site.start()
            kept = site.rows("comments_comment", f"id IN ({written[0]}, {written[1]})")
            print(f"{text} + {seconds} s: migrated {said.count(' OK')}, start after {time.monotonic() - began:.0f} s,")
            print(f"  pages {sorted(set(statuses.values()))} of {len(statuses)}, written {len(written)}, kept {kept}")
            print(f"  serve before and after: {refused}\n  {output}", flush=True)


if __name__ == "__main__":
    main()
