"""Count the requests that are lost while the web server is replaced again and again, on a port and on a Unix socket.

    .venv/bin/python -m tests.truthlytics.server.reload_proof [RELOADS] [SECONDS]

It needs the environment of a site with a database and static files, such as that of the demo, and changes nothing in
it. Each new version starts SECONDS later than it could. Half of the clients use a connection for each request, the
others keep theirs as long as the server does. One of ten requests is a POST. Prints what was answered, and exits with 1
if a request had no answer, or a server error.
"""

import http.client
import json
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread

from truthlytics.env import BASE_DIR

CLIENTS, PAUSE = 8, 0.2
SLOW_WEB = ["sh", "-c", 'sleep "$0"; exec "$1" -m truthlytics.wsgi']
# A page, and a form that is refused because its token is missing.
ANSWERS = {("GET", 200), ("POST", 403)}


class Connection(http.client.HTTPConnection):
    """To a port, or to the Unix socket at `path`."""

    def __init__(self, port, path=""):
        super().__init__("localhost", port, timeout=60)
        self.path = path

    def connect(self):
        if not self.path:
            super().connect()
            return
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def use(port, path, keep, answers, stopped):
    """Send requests and count the answers and errors."""
    connection = None
    for number in count():
        if stopped.is_set():
            return
        method = "POST" if number % 10 == 0 else "GET"
        connection = connection or Connection(port, path)
        try:
            connection.request(method, "/contact/" if method == "POST" else "/")
            response = connection.getresponse()
            response.read()
            answers[method, response.status] += 1
        except (OSError, http.client.HTTPException) as error:
            answers[method, type(error).__name__] += 1
            connection = None
        if connection and (not keep or response.will_close):
            connection.close()
            connection = None
        stopped.wait(PAUSE)


def wait_for(server, text):
    for line in server.stdout:
        if text in line:
            return
        if "ERROR" in line:
            sys.stderr.write(line)
    raise SystemExit(f"The server ended before it printed {text!r}.")


def prove(port, path, reloads, delay):
    """Reload, and return what clients got meanwhile, and the seconds that it took."""
    config = {
        "address": {"host": "127.0.0.1", "port": port, "uds": path or None},
        "services": [{"name": "web", "command": [*SLOW_WEB, str(delay), sys.executable], "listens": True}],
        "log_format": "text",
    }
    command = [sys.executable, "-m", "truthlytics.server.supervisor", json.dumps(config)]
    server = subprocess.Popen(command, cwd=BASE_DIR, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    answers, stopped, started = Counter(), Event(), time.monotonic()
    clients = [Thread(target=use, args=(port, path, bool(n % 2), answers, stopped)) for n in range(CLIENTS)]
    try:
        wait_for(server, "is ready")
        for client in clients:
            client.start()
        for _ in range(reloads):
            server.send_signal(signal.SIGHUP)
            wait_for(server, "Stopped web")
    finally:
        stopped.set()
        for client in clients:
            client.join()
        server.terminate()
        server.communicate()
    return answers, time.monotonic() - started


def main(reloads=20, delay=5.0):
    with socket.socket() as probe, TemporaryDirectory() as folder:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        addresses = {"port": (port, ""), "Unix socket": (0, str(Path(folder) / "site.sock"))}
        results = {}

        def run(name):
            results[name] = prove(*addresses[name], reloads, delay)

        runs = [Thread(target=run, args=(name,)) for name in addresses]
        for thread in runs:
            thread.start()
        for thread in runs:
            thread.join()
    for name, (answers, seconds) in results.items():
        lost = answers.total() - sum(answers[answer] for answer in ANSWERS)
        print(
            f"{name}: {reloads} reloads in {seconds:.0f} s, {lost} of {answers.total()} requests lost; {dict(answers)}"
        )
    return len(results) == len(addresses) and all(set(answers) <= ANSWERS for answers, _ in results.values())


if __name__ == "__main__":
    values = sys.argv[1:]
    sys.exit(not main(int(values[0]) if values else 20, float(values[1]) if values[1:] else 5.0))
