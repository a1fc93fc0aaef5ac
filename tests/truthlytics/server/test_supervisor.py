"""The supervisor, with small programs in place of the site: failures, ends, and handing over."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Timer

from django.test import SimpleTestCase

from tests.truthlytics.server.served import free_port
from truthlytics.env import BASE_DIR

# Seconds that a test waits for what should happen at once.
LIMIT = 60
TIMING = {"first_delay": 0.01, "closing": 0.05, "stop": 30, "slow_start": 0.2}

# A server that answers each connection with the version in a file, reports the status in another file, and stops
# accepting on SIGUSR1.
WEB = """
import ctypes
ctypes.CDLL(None).prctl(1, 15)
import os, pathlib, signal, socket, sys, time
version, status = (pathlib.Path(name).read_text() for name in ("version", "status"))
listener = socket.socket(fileno=int(os.environ["TRUTHLYTICS_LISTENER"]))
listener.settimeout(0.02)
closing = []
signal.signal(signal.SIGUSR1, lambda *_: closing.append(1))
while status == "slow":
    status = pathlib.Path("status").read_text()
    time.sleep(0.01)
if status == "exit":
    sys.exit(3)
os.write(int(os.environ["TRUTHLYTICS_READY"]), status.encode())
while not closing:
    try:
        connection, _ = listener.accept()
    except TimeoutError:
        continue
    connection.sendall(version.encode())
    connection.close()
signal.pause()
"""
# They end with the supervisor, so that a test that fails leaves nothing behind.
SLEEP = "import ctypes, signal; ctypes.CDLL(None).prctl(1, 15); signal.pause()"
# Reports that it is ready, and does not notice the first SIGTERM.
MISSES_ONE = """
import ctypes, os, signal
ctypes.CDLL(None).prctl(1, 15)
missed = []
signal.signal(signal.SIGTERM, lambda *_: os._exit(0) if missed else missed.append(1))
os.write(int(os.environ["TRUTHLYTICS_READY"]), b"200")
while True:
    signal.pause()
"""
# Does not notice the first signal to close, and ends when it has.
CLOSES_LATE = MISSES_ONE.replace("SIGTERM", "SIGUSR1")
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('set', flush=True); signal.pause()"
DIES = "import sys; sys.exit(7)"
DIES_FIVE_TIMES = """
import ctypes, pathlib, signal
ctypes.CDLL(None).prctl(1, 15)
died = pathlib.Path("died")
died.write_text(died.read_text() + "x" if died.exists() else "x")
if len(died.read_text()) > 5:
    signal.pause()
raise SystemExit(5)
"""
DIES_ONCE = """
import ctypes, pathlib, signal
ctypes.CDLL(None).prctl(1, 15)
try:
    pathlib.Path("died").touch(exist_ok=False)
except FileExistsError:
    signal.pause()
raise SystemExit(5)
"""


def program(text):
    return [sys.executable, "-I", "-S", "-c", text]


class SupervisorCase(SimpleTestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(TemporaryDirectory()))
        self.port = free_port()

    def spawn(self, *services, timing=(), uds=None):
        config = {
            "address": {"host": "127.0.0.1", "port": self.port, "uds": uds},
            "services": [{"name": name, "command": program(text), **options} for name, text, options in services],
            "log_format": "text",
            "timing": TIMING | dict(timing),
            "problems": str(self.folder / "problems"),
        }
        supervisor = subprocess.Popen(
            [sys.executable, "-m", "truthlytics.server.supervisor", json.dumps(config)],
            cwd=self.folder,
            env=os.environ | {"PYTHONPATH": str(BASE_DIR)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        # Ends the output that a test waits for.
        watchdog = Timer(2 * LIMIT, supervisor.kill)
        watchdog.start()
        self.addCleanup(watchdog.cancel)
        self.addCleanup(supervisor.stdout.close)
        self.addCleanup(supervisor.wait)
        self.addCleanup(supervisor.terminate)
        return supervisor

    def wait_for(self, supervisor, text):
        """Return the line with `text`, and keep the lines before it."""
        self.lines = []
        for line in supervisor.stdout:
            self.lines.append(line)
            if text in line:
                return line
        raise AssertionError(f"It ended before it printed {text!r}: {self.lines}")

    def end(self, supervisor, number=signal.SIGTERM):
        """Send a signal and return the exit code and what was printed since."""
        supervisor.send_signal(number)
        output, _ = supervisor.communicate(timeout=LIMIT)
        return supervisor.returncode, output


class FailureTests(SupervisorCase):
    def test_a_process_that_dies_is_started_again(self):
        supervisor = self.spawn(("tasks", DIES_ONCE, {}))
        line = self.wait_for(supervisor, "ended with exit code 5")
        self.assertRegex(line, r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+ \d+ ERROR .*Tasks \(process \d+\)")
        self.wait_for(supervisor, "Started tasks")
        self.assertEqual(self.end(supervisor)[0], 0)

    def test_after_five_failures_of_the_web_process_everything_ends_with_the_exit_code(self):
        supervisor = self.spawn(("web", DIES, {"listens": True}), ("other", SLEEP, {}))
        output, _ = supervisor.communicate(timeout=LIMIT)
        self.assertEqual(supervisor.returncode, 7)
        self.assertEqual(output.count("Started web"), 5)
        self.assertIn("Starting it again in 0.08 s.", output)
        self.assertIn("Stopped other", output)

    def test_other_processes_that_keep_dying_leave_the_web_process_alone_and_are_named(self):
        supervisor = self.spawn(("web", MISSES_ONE, {"listens": True}), ("tasks", DIES, {}))
        for _ in range(2):
            self.wait_for(supervisor, "Starting it again in 0.64 s.")
        self.assertNotIn("Stopped web", "".join(self.lines))
        reason = (self.folder / "problems").read_text()
        self.assertRegex(
            reason, "^the process tasks has ended [78] times in a row, the last one ended with exit code 7$"
        )
        self.assertEqual(self.end(supervisor)[0], 0)

    def test_a_process_that_runs_again_is_no_longer_named(self):
        (self.folder / "problems").write_text("of an earlier start")
        supervisor = self.spawn(("tasks", DIES_FIVE_TIMES, {}), timing={"healthy": 0.5})
        self.wait_for(supervisor, "Starting it again in 0.16 s.")
        self.assertTrue((self.folder / "problems").exists())
        deadline = time.monotonic() + LIMIT
        while (self.folder / "problems").exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        self.assertFalse((self.folder / "problems").exists())

    def test_a_process_that_is_killed_counts_as_failed(self):
        supervisor = self.spawn(("web", "import os; os.kill(os.getpid(), 9)", {"listens": True}))
        output, _ = supervisor.communicate(timeout=LIMIT)
        self.assertEqual(supervisor.returncode, 128 + signal.SIGKILL)
        self.assertIn("ended by SIGKILL", output)

    def test_failures_long_after_each_other_are_forgotten(self):
        supervisor = self.spawn(("tasks", DIES, {}), timing={"healthy": 0})
        for _ in range(8):
            self.wait_for(supervisor, "Starting it again in 0.01 s.")
        self.assertEqual(self.end(supervisor)[0], 0)


class EndTests(SupervisorCase):
    def test_sigterm_and_sigint_end_everything(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(number):
                supervisor = self.spawn(("tasks", SLEEP, {}), ("other", SLEEP, {}))
                self.wait_for(supervisor, "Started other")
                code, output = self.end(supervisor, number)
                self.assertEqual((code, output.count("Stopped")), (0, 2))

    def test_a_web_process_that_misses_sigterm_gets_another(self):
        supervisor = self.spawn(("web", MISSES_ONE, {"listens": True}))
        self.wait_for(supervisor, "is ready")
        code, output = self.end(supervisor)
        self.assertEqual(code, 0)
        self.assertNotIn("Killing", output)

    def test_a_process_that_hangs_is_killed(self):
        supervisor = self.spawn(("tasks", STUBBORN, {}), timing={"stop": 0.1})
        self.wait_for(supervisor, "set")
        code, output = self.end(supervisor)
        self.assertEqual(code, 0)
        self.assertIn("Killing tasks", output)

    def test_a_process_whose_supervisor_ended_while_it_started_ends_too(self):
        ended = subprocess.Popen([sys.executable, "-I", "-S", "-c", ""])
        ended.wait()
        text = "from truthlytics.server.child import end_with_parent as e; e(); print('alive')"
        environment = os.environ | {"PYTHONPATH": str(BASE_DIR), "TRUTHLYTICS_SUPERVISOR": str(ended.pid)}
        late = subprocess.run([sys.executable, "-c", text], env=environment, capture_output=True, check=False)
        self.assertEqual((late.returncode, late.stdout), (-signal.SIGTERM, b""))

    def test_its_processes_end_when_it_is_killed(self):
        child = (
            "import signal, sys; sys.path.insert(0, %r);from truthlytics.server.child import end_with_parent as e; e();"
        )
        supervisor = self.spawn(("tasks", child % str(BASE_DIR) + "print('set', flush=True); signal.pause()", {}))
        line = self.wait_for(supervisor, "Started tasks")
        self.wait_for(supervisor, "set")
        supervisor.kill()
        supervisor.wait()
        pid = int(line.partition("process ")[2].rstrip(").\n"))
        deadline = time.monotonic() + LIMIT
        while is_running(pid) and time.monotonic() < deadline:
            time.sleep(0.01)
        self.assertFalse(is_running(pid))


def is_running(pid):
    """Return whether a process runs. Zombies, which nobody may have reaped yet, do not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


class AddressTests(SupervisorCase):
    def test_a_taken_port_is_named_in_a_sentence(self):
        with socket.create_server(("127.0.0.1", self.port)):
            supervisor = self.spawn(("tasks", SLEEP, {}))
            output, _ = supervisor.communicate(timeout=LIMIT)
        sentence = f"The server cannot listen on 127.0.0.1:{self.port}: Address already in use.\n"
        self.assertEqual((supervisor.returncode, output), (1, sentence))

    def test_only_one_of_two_uses_a_unix_socket_and_a_killed_one_leaves_it_usable(self):
        path = str(self.folder / "site.sock")
        first = self.spawn(("tasks", SLEEP, {}), uds=path)
        self.wait_for(first, "Started tasks")
        second = self.spawn(("tasks", SLEEP, {}), uds=path)
        self.assertIn("another server uses", second.communicate(timeout=LIMIT)[0])
        first.kill()
        first.wait()
        third = self.spawn(("tasks", SLEEP, {}), uds=path)
        self.wait_for(third, "Started tasks")
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(path)


class ReloadTests(SupervisorCase):
    def setUp(self):
        super().setUp()
        self.set("one")

    def set(self, version, status="200"):
        for name, value in (("version", version), ("status", status)):
            # At once: a program that starts never reads an empty file.
            (self.folder / "new").write_text(value)
            (self.folder / "new").replace(self.folder / name)

    def get(self):
        with socket.create_connection(("127.0.0.1", self.port), timeout=LIMIT) as client:
            return client.recv(100).decode()

    def start(self, **options):
        supervisor = self.spawn(("web", WEB, {"listens": True, **options}), ("tasks", SLEEP, {}))
        for _ in range(options.get("count", 1)):
            self.wait_for(supervisor, "is ready")
        return supervisor

    def test_the_new_version_takes_over_and_the_tasks_follow(self):
        supervisor = self.start(count=2)
        self.assertEqual(self.get(), "one")
        self.set("two")
        supervisor.send_signal(signal.SIGHUP)
        self.wait_for(supervisor, "The new version serves the site.")
        self.wait_for(supervisor, "Stopped tasks")
        self.assertEqual("".join(self.lines).count("Stopped web"), 2)
        self.wait_for(supervisor, "Started tasks")
        self.assertEqual(self.get(), "two")
        self.assertEqual(self.end(supervisor)[0], 0)

    def test_the_old_version_serves_until_a_slow_one_is_ready_and_a_second_reload_waits(self):
        supervisor = self.start()
        self.set("two", "slow")
        supervisor.send_signal(signal.SIGHUP)
        self.wait_for(supervisor, "has not answered yet")
        supervisor.send_signal(signal.SIGHUP)
        self.wait_for(supervisor, "It begins when the one in progress is complete.")
        self.assertEqual({self.get() for _ in range(20)}, {"one"})
        self.set("two")
        self.wait_for(supervisor, "The new version serves the site.")
        self.set("three")
        self.wait_for(supervisor, "The new version serves the site.")
        self.wait_for(supervisor, "Stopped web")
        self.assertEqual(self.get(), "three")

    def test_a_version_that_does_not_start_leaves_the_old_one(self):
        supervisor = self.start(count=2)
        for status, reason in (("exit", "ended with exit code 3"), ("500", "with status 500")):
            with self.subTest(status):
                self.set("two", status)
                supervisor.send_signal(signal.SIGHUP)
                line = self.wait_for(supervisor, "The old one keeps running.")
                self.assertIn(reason, line)
                self.assertEqual({self.get() for _ in range(20)} - {"one"}, set())
        self.set("two")
        supervisor.send_signal(signal.SIGHUP)
        self.wait_for(supervisor, "The new version serves the site.")

    def test_a_web_process_that_misses_the_signal_to_close_gets_another(self):
        supervisor = self.spawn(("web", CLOSES_LATE, {"listens": True}), timing={"closing": LIMIT})
        self.wait_for(supervisor, "is ready")
        supervisor.send_signal(signal.SIGHUP)
        self.wait_for(supervisor, "The new version serves the site.")
        self.wait_for(supervisor, "Stopped web")

    def test_it_ends_during_a_reload(self):
        supervisor = self.start()
        self.set("two", "slow")
        supervisor.send_signal(signal.SIGHUP)
        self.wait_for(supervisor, "Started web")
        code, output = self.end(supervisor)
        self.assertEqual((code, output.count("Stopped web")), (0, 2))
