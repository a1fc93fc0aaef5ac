"""A witness that others wrote: the program aics-witness, in a process of its own."""

import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from tests.truthlytics.server.served import free_port


class OtherWitness:
    """A running witness of the log `origin`, unless it is "". `key` is the verifier key of the witness."""

    def __init__(self, name, origin="", log_key=""):
        self.folder = Path(tempfile.mkdtemp(prefix="witness-"))
        port = free_port()
        self.address = f"http://127.0.0.1:{port}"
        self.key = re.search(r"\S+\+[0-9a-f]{8}\+\S+", self.run("init", "--name", name))[0]
        if origin:
            self.run("add-log", "--origin", origin, "--vkey", log_key)
        command = [*self.command("serve"), "--listen", f"127.0.0.1:{port}"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(300):
            if self.is_ready():
                return
            time.sleep(0.05)
        raise AssertionError("The witness did not start.")

    def command(self, *arguments):
        config = ["--config", str(self.folder / "witness.json")]
        return [sys.executable, "-m", "aics_witness", *arguments[:1], *config, *arguments[1:]]

    def run(self, *arguments):
        done = subprocess.run(self.command(*arguments), capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def is_ready(self):
        try:
            with urlopen(f"{self.address}/healthz", timeout=5) as response:
                return response.status == 200
        except URLError:
            return False

    def stop(self):
        self.process.terminate()
        self.process.wait(20)

    def close(self):
        self.stop()
        shutil.rmtree(self.folder)
