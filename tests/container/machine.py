"""Podman with a storage of its own, and the base of the Dockerfile in it."""

import os
import resource
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

BASE = "debian:trixie-slim"
# The runtimes know different layouts of control groups, so that one may work where the other does not.
RUNTIMES = ("runc", "crun")
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
# What the published image of the base leaves out, too.
NOT_IN_SLIM = ("usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/info", "var/lib/apt/lists")


class Unfit(Exception):
    """Containers cannot be built and run on this machine. The message says why, in one line."""


class Podman:
    """Runs `podman` on a storage in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.runtime = next((name for name in RUNTIMES if shutil.which(name)), "")

    def __call__(self, *arguments: str, seconds: float = 60, check: bool = True) -> str:
        """Return what a command prints on both streams. Raises CalledProcessError or TimeoutExpired."""
        storage = [f"--root={self.folder / 'storage'}", f"--runroot={self.folder / 'running'}", "--events-backend=none"]
        try:
            process = subprocess.run(
                ["podman", *storage, f"--runtime={self.runtime}", "--cgroup-manager=cgroupfs", *arguments],
                check=check,
                env=os.environ | {"PODMAN_IGNORE_CGROUPSV1_WARNING": "1"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=seconds,
            )
        except subprocess.CalledProcessError as error:
            error.add_note(error.output[-3000:])
            raise
        return process.stdout

    def build(self, folder: Path, tag: str, *, seconds: float) -> str:
        """Build the Dockerfile in `folder` with the network of this machine, and without a registry."""
        files, processes = (
            str(resource.getrlimit(kind)[1]) for kind in (resource.RLIMIT_NOFILE, resource.RLIMIT_NPROC)
        )
        limits = [f"--ulimit=nofile={files}", f"--ulimit=nproc={processes}"]
        return self(
            "build",
            "--format=docker",
            "--layers=false",
            "--network=host",
            "--pull=never",
            *limits,
            f"--tag={tag}",
            str(folder),
            seconds=seconds,
        )

    def prepare(self) -> None:
        """Raise Unfit unless containers work here and the base is there."""
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            self.try_containers()
            self.get_base()
        except subprocess.CalledProcessError as error:
            raise Unfit(
                f"{Path(error.cmd[0]).name}: {(error.output or str(error)).strip().splitlines()[-1]}"
            ) from error
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Unfit(" ".join(str(error).split())) from error

    def try_containers(self) -> None:
        """Build and run a container with nothing but `true`, restricted like the site's."""
        for self.runtime in filter(shutil.which, RUNTIMES):
            with TemporaryDirectory() as name:
                folder = Path(name)
                for path in needed_files("/bin/true"):
                    (folder / "root" / path.relative_to("/")).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(path, folder / "root" / path.relative_to("/"))
                (folder / "Dockerfile").write_text('FROM scratch\nCOPY root /\nRUN ["/bin/true"]\n', encoding="utf-8")
                try:
                    self.build(folder, "trivial", seconds=60)
                    self("run", "--rm", *RESTRICTED, "--publish=127.0.0.1::8000", "trivial", "/bin/true")
                    return
                except subprocess.CalledProcessError as error:
                    failure = error
        raise failure if shutil.which("podman") and self.runtime else Unfit("podman or its runtime is not installed")

    def get_base(self) -> None:
        if self("images", "--quiet", BASE).strip():
            return
        try:
            self("pull", "--quiet", "--retry=0", BASE)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
            self.make_base()

    def make_base(self) -> None:
        """Make the base from Debian's packages, with the certificates that this machine trusts."""
        if os.getuid():
            raise Unfit("no registry is reachable, and debootstrap needs root")
        with TemporaryDirectory(dir=self.folder) as name:
            root = Path(name) / "root"
            command = ["debootstrap", "--variant=minbase", "--include=ca-certificates", "trixie", str(root)]
            subprocess.run(command, check=True, capture_output=True, text=True, timeout=300)
            shutil.copy(CERTIFICATES, root / CERTIFICATES.relative_to("/"))
            for path in NOT_IN_SLIM:
                shutil.rmtree(root / path)
            subprocess.run(["chroot", root, "apt-get", "clean"], check=True, timeout=60)
            archive = Path(name) / "base.tar"
            subprocess.run(["tar", "-C", root, "-cf", archive, "."], check=True, timeout=60)
            self("import", str(archive), BASE)

    def clear(self) -> None:
        """End all containers, and delete them and their volumes."""
        for command in (["rm", "--all", "--force", "--time=5"], ["volume", "rm", "--all", "--force"]):
            with suppress(subprocess.TimeoutExpired, OSError):
                self(*command, check=False)

    def remove(self) -> None:
        """Delete everything."""
        self.clear()
        # Podman's own files may still be mounted.
        for mounted in reversed(Path("/proc/mounts").read_text(encoding="utf-8").splitlines()):
            if (path := mounted.split()[1]).startswith(str(self.folder)):
                subprocess.run(["umount", "--lazy", path], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)


# A container that may write to its volume only, with the memory of a small server.
RESTRICTED = (
    "--read-only",
    "--read-only-tmpfs=false",
    "--cap-drop=all",
    "--security-opt=no-new-privileges",
    "--memory=512m",
    "--memory-swap=512m",
)


def needed_files(program: str) -> list[Path]:
    """Return `program` and the libraries that it loads."""
    output = subprocess.run(["ldd", program], check=True, capture_output=True, text=True, timeout=10).stdout
    return [Path(program), *(Path(word) for word in output.split() if word.startswith("/"))]
