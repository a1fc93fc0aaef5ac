"""Machines as network namespaces on one bridge. They end with the process namespace in which they were made."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

READERS = "10.99.0.2"
# Every address of this network is the address of a reader.
READER_NETWORK = "10.98"


class Machine:
    """A network namespace with the address 10.99.0.`number`. Its processes write to `folder`."""

    def __init__(self, name: str, number: int, folder: Path) -> None:
        self.name = name
        self.address = f"10.99.0.{number}"
        self.folder = folder / name
        self.folder.mkdir()
        # Servers such as PostgreSQL do not run as root.
        self.folder.chmod(0o777)
        self.processes: list[subprocess.Popen[bytes]] = []
        ip(f"netns add {name}")
        ip(f"link add name {name} type veth peer name eth0 netns {name}")
        ip(f"link set dev {name} master switch up")
        for change in ("link set lo up", f"addr add {self.address}/24 dev eth0", "link set eth0 up"):
            ip(f"-n {name} {change}")
        ip(f"-n {name} route add {READER_NETWORK}.0.0/16 via {READERS}")

    def command(self, command: Sequence[str | Path], user: str = "") -> list[str]:
        # Unlike runuser it leaves no process in between, so that signals arrive.
        as_user = ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups"] if user else []
        return ["ip", "netns", "exec", self.name, *as_user, *map(str, command)]

    def start(
        self, *command: str | Path, user: str = "", env: Mapping[str, str] | None = None, cwd: Path | None = None
    ) -> subprocess.Popen[bytes]:
        """Start a process whose output goes to the machine's log."""
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                self.command(command, user), stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env, cwd=cwd
            )
        self.processes.append(process)
        return process

    def run(
        self,
        *command: str | Path,
        user: str = "",
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        timeout: float = 600,
    ) -> str:
        """Return the output of a command. Raises CalledProcessError, with the output in the machine's log."""
        with (self.folder / "log").open("ab") as log:
            return subprocess.run(
                self.command(command, user),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                env=env,
                cwd=cwd,
                timeout=timeout,
                check=True,
                text=True,
            ).stdout

    def kill(self) -> None:
        """End all processes at once, as a power cut does."""
        for pid in ip(f"netns pids {self.name}").split():
            try:
                os.kill(int(pid), signal.SIGKILL)
            except ProcessLookupError:
                pass
        for process in self.processes:
            process.wait(10)
        self.processes.clear()

    def cpu(self) -> float:
        """Return the CPU seconds that the running processes have used."""
        pids = ip(f"netns pids {self.name}").split()
        files = [file for pid in pids for file in Path(f"/proc/{pid}/task").glob("*/schedstat")]
        return sum(int(file.read_text().split()[0]) for file in files) / 1e9

    def unplug(self) -> None:
        """Take the machine off the network, as a broken switch does: its connections get no answer."""
        ip(f"-n {self.name} link set eth0 down")

    def plug(self) -> None:
        ip(f"-n {self.name} link set eth0 up")
        ip(f"-n {self.name} route replace {READER_NETWORK}.0.0/16 via {READERS}")

    def log(self, lines: int = 30) -> str:
        path = self.folder / "log"
        return "\n".join(path.read_text("utf-8", "replace").splitlines()[-lines:]) if path.exists() else ""


def make_network() -> None:
    """Set up the switch, with this process as the readers. Call it in a network and mount namespace of its own."""
    Path("/run/netns").mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run/netns"], check=True, capture_output=True, timeout=20)
    for change in (
        "link set lo up",
        "link add switch type bridge",
        f"addr add {READERS}/24 dev switch",
        "link set switch up",
        f"route add local {READER_NETWORK}.0.0/16 dev lo",
    ):
        ip(change)


def probe(folder: Path) -> None:
    """Connect from one machine to this process. Raises an error if that is impossible here."""
    machine = Machine("probe", 200, folder)
    with socket.create_server((READERS, 0)) as server:
        port = server.getsockname()[1]
        machine.run(sys.executable, "-c", f"import socket; socket.create_connection(('{READERS}', {port}), 10)")


def ip(arguments: str) -> str:
    result = subprocess.run(["ip", *arguments.split()], capture_output=True, text=True, timeout=20)
    if result.returncode:
        raise OSError(f"ip {arguments}: {result.stderr.strip()}")
    return result.stdout
