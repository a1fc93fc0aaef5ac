"""The machines of the rehearsal and what runs on them, with the configuration files of docs/deploy where there are."""

import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.cluster.client import HOST, Visitor, wait_for
from tests.cluster.network import Machine

ROOT = Path(__file__).parent.parent.parent
DEPLOY = ROOT / "docs/deploy"
CODE = ("articles", "comments", "subscriptions", "truthlytics", "templates", "manage.py")
WEB_PORT, BUCKET = 8000, "newspaper"
# What a machine without a power cut can do without; the same as in .ci/run.
FAST_POSTGRES = ["-c", "fsync=off", "-c", "full_page_writes=off", "-c", "jit=off", "-c", "max_wal_senders=5"]
PRIMARY = ["-c", "synchronous_standby_names=*"]
STANDBY = ["-c", "synchronous_standby_names="]


def postgres_folder() -> Path | None:
    """Return the folder with the programs of the newest PostgreSQL, at least 15."""
    folders = {int(path.parent.name): path for path in Path("/usr/lib/postgresql").glob("[0-9]*/bin")}
    newest = max(folders, default=0)
    return folders[newest] if newest >= 15 else None


class Site:
    def __init__(self, folder: Path, *, workers: int) -> None:
        self.folder, self.workers = folder, workers
        self.postgres = postgres_folder()
        numbers = {
            "balancer": 10,
            "a": 11,
            "b": 12,
            "worker": 13,
            "db1": 21,
            "db2": 22,
            "pool": 23,
            "redis": 24,
            "s3": 25,
            "edge": 30,
        }
        self.machines = {name: Machine(name, number, folder) for name, number in numbers.items()}
        self.has_edge = shutil.which("varnishd") is not None
        self.releases = {1: ROOT, 2: folder / "release-2"}
        self.seed: dict[str, Any] = {}
        self.primary = "db1"

    def __getitem__(self, name: str) -> Machine:
        return self.machines[name]

    # --- Start -------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        with ThreadPoolExecutor() as pool:
            static = pool.submit(self.collect_static)
            self.start_redis()
            self["s3"].start(
                Path(sys.executable).with_name("moto_server"), "-H", self["s3"].address, "-p", "5000", env=plain_env()
            )
            self.start_databases()
            self.start_pool("db1")
            self.manage("migrate")
            output = self.manage("shell", "-v", "0", "-c", "from tests.cluster.seed import seed; seed()", release=1)
            self.seed = json.loads(output.strip().splitlines()[-1])
            wait_for(self.make_bucket, "a bucket")
            static.result()
        for name in ("a", "b"):
            self.start_web(name)
        self.start_workers()
        self.start_balancer()
        if self.has_edge:
            self.start_edge()
        for name in ("a", "b"):
            self.wait_for_web(name)

    def collect_static(self) -> None:
        """Make the static files of this checkout and of a second release, in which the style sheet differs."""
        for part in CODE:
            copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
            self.releases[2].mkdir(exist_ok=True)
            copy(ROOT / part, self.releases[2] / part)
        tokens = self.releases[2] / "truthlytics/static/css/tokens.css"
        tokens.write_text(tokens.read_text("utf-8") + "\n:root { --release: 2; }\n", encoding="utf-8")
        for number, release in self.releases.items():
            target = self.folder / f"static-{number}"
            if number > 1:
                shutil.copytree(self.folder / "static-1", target)
            env = self.env("a") | {"VAR_DIR": str(target)}
            command = [sys.executable, "manage.py", "collectstatic", "--noinput"]
            subprocess.run(command, cwd=release, env=env, check=True, capture_output=True, timeout=600)

    def start_redis(self) -> None:
        redis = self["redis"]
        redis.start(
            *("redis-server", "--bind", redis.address, "--protected-mode", "no", "--dir", redis.folder),
            *("--save", "", "--maxmemory-policy", "noeviction"),
        )

    def start_databases(self) -> None:
        """Start a primary and a standby, without which it acknowledges nothing."""
        db1, db2 = self["db1"], self["db2"]
        data = db1.folder / "data"
        self.pg("db1", "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
        with (data / "pg_hba.conf").open("a") as file:
            file.write("host all all 10.99.0.0/24 trust\nhost replication all 10.99.0.0/24 trust\n")
        self.start_postgres("db1", PRIMARY)
        self.sql("SELECT 1", "db1", database="postgres")
        self.pg(
            *("db2", "pg_basebackup", "-h", db1.address, "-U", "postgres", "-D", db2.folder / "data"),
            *("-R", "-X", "stream", "-c", "fast"),
        )
        self.start_postgres("db2", STANDBY)
        replicating = "SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'"
        wait_for(lambda: self.sql(replicating, "db1", database="postgres"), "a standby")
        self.pg("db1", "createdb", "-h", db1.address, "-U", "postgres", "truthlytics")

    def start_postgres(self, name: str, options: list[str]) -> None:
        machine = self[name]
        command = [self.postgres / "postgres", "-D", machine.folder / "data", "-k", machine.folder]
        machine.start(
            *command,
            "-c",
            f"listen_addresses={machine.address}",
            *FAST_POSTGRES,
            *options,
            user="postgres",
            cwd=machine.folder,
        )
        ready = [self.postgres / "pg_isready", "-q", "-h", machine.address]
        wait_for(lambda: not subprocess.run(machine.command(ready), timeout=20).returncode, f"PostgreSQL on {name}")

    def pg(self, name: str, program: str, *arguments: str | Path) -> str:
        return self[name].run(self.postgres / program, *arguments, user="postgres", cwd=self[name].folder)

    def sql(self, statement: str, name: str, database: str = "truthlytics") -> str:
        """Return the output of `statement` on this server, without going through a pool."""
        return self.pg(
            name, "psql", "-h", self[name].address, "-U", "postgres", "-d", database, "-Atqc", statement
        ).strip()

    def start_pool(self, primary: str) -> None:
        """Start PgBouncer with docs/deploy/pgbouncer.ini; only addresses and passwords differ."""
        self.write_pool(primary)
        self["pool"].start("pgbouncer", self["pool"].folder / "pgbouncer.ini", user="postgres", env=plain_env())

    def write_pool(self, primary: str) -> None:
        pool = self["pool"]
        text = (DEPLOY / "pgbouncer.ini").read_text("utf-8")
        text = text.replace("host=127.0.0.1", f"host={self[primary].address}")
        text = text.replace("listen_addr = 127.0.0.1", f"listen_addr = {pool.address}")
        text = text.replace("dbname=truthlytics", "dbname=truthlytics user=postgres")
        text = re.sub(r"auth_type = .*\nauth_file = .*", "auth_type = any", text)
        # Its socket would be in /tmp, which the machines share with the computer that they are on.
        text += "unix_socket_dir =\n"
        (pool.folder / "pgbouncer.ini").write_text(text, encoding="utf-8")

    def move_pool(self, primary: str) -> None:
        self.write_pool(primary)
        for process in self["pool"].processes:
            process.send_signal(signal.SIGHUP)

    def make_bucket(self) -> bool:
        client = http.client.HTTPConnection(self["s3"].address, 5000, timeout=10)
        client.request("PUT", f"/{BUCKET}")
        response = client.getresponse()
        client.close()
        return response.status == 200

    def start_web(self, name: str, release: int = 1) -> None:
        machine = self[name]
        static = machine.folder / "static"
        # As `collectstatic` leaves it: the files of the previous release stay.
        shutil.copytree(self.folder / f"static-{release}/static", static, dirs_exist_ok=True)
        serve = ["manage.py", "serve", "--host", machine.address, "--port", str(WEB_PORT)]
        machine.start(
            sys.executable, *serve, "--workers", str(self.workers), env=self.env(name), cwd=self.releases[release]
        )

    def wait_for_web(self, name: str) -> float:
        """Wait until a web machine serves pages. Returns how long that took, in seconds."""
        visitor = Visitor(self[name].address, WEB_PORT)
        return wait_for(lambda: visitor.get("/").status == 200, f"pages of {name}", timeout=150)

    def stop_web(self, name: str) -> None:
        """Stop a web machine as systemd does, and wait until it has finished its requests."""
        for process in self[name].processes:
            process.terminate()
        for process in self[name].processes:
            process.wait(60)
        self[name].processes.clear()

    def start_workers(self) -> None:
        for queue in ("default", "slow", "newsletters"):
            self["worker"].start(
                *(sys.executable, "manage.py", "db_worker", "--queue-name", queue), env=self.env("worker"), cwd=ROOT
            )

    def start_balancer(self) -> None:
        self.write_balancer(down="")
        folder = self["balancer"].folder
        self["balancer"].start("nginx", "-p", folder, "-c", folder / "nginx.conf", "-e", "stderr")

    def write_balancer(self, down: str) -> None:
        """Write docs/deploy/nginx-balancer.conf with our addresses, on a port without TLS."""
        text = (DEPLOY / "nginx-balancer.conf").read_text("utf-8")
        text = text[: text.index("server {\n    listen 80;")] + text[text.index("server {\n    listen 443") :]
        text = re.sub(r"^ +(ssl_|http2 |listen \[).*\n", "", text, flags=re.MULTILINE)
        text = text.replace("listen 443 ssl;", "listen 80;").replace("news.example.org", HOST)
        for name, address in (("a", "10.0.0.11"), ("b", "10.0.0.12")):
            text = text.replace(
                f"server {address}:8000", f"server {self[name].address}:{WEB_PORT}{' down' if name == down else ''}"
            )
        folder = self["balancer"].folder
        temporary = "".join(
            f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (folder / "nginx.conf").write_text(
            f"user root;\nworker_processes 2;\ndaemon off;\npid {folder}/nginx.pid;\nerror_log stderr warn;\n"
            f"events {{ worker_connections 4096; }}\nhttp {{\naccess_log off;\n{temporary}{text}\n}}\n",
            encoding="utf-8",
        )

    def take_out(self, name: str) -> None:
        """Let the balancer send no new requests to a web machine; "" takes all in again. Waits for running requests."""
        self.write_balancer(down=name)
        (nginx,) = self["balancer"].processes
        before = self.balancer_workers()
        nginx.send_signal(signal.SIGHUP)
        wait_for(lambda: not before & self.balancer_workers(), "the balancer's old workers to end", timeout=90)

    def balancer_workers(self) -> set[int]:
        (nginx,) = self["balancer"].processes
        return set(map(int, Path(f"/proc/{nginx.pid}/task/{nginx.pid}/children").read_text().split()))

    def start_edge(self) -> None:
        """Start Varnish with docs/deploy/varnish.vcl; only addresses differ."""
        edge = self["edge"]
        text = (DEPLOY / "varnish.vcl").read_text("utf-8").replace("news.example.org", HOST)
        text = text.replace("10.0.0.10", self["balancer"].address).replace("10.0.0.13", self["worker"].address)
        (edge.folder / "site.vcl").write_text(text, encoding="utf-8")
        command = ["varnishd", "-F", "-j", "none", "-n", edge.folder / "work", "-f", edge.folder / "site.vcl"]
        edge.start(*command, "-a", f"{edge.address}:80", "-s", "malloc,64m", env=plain_env())

    # --- Use ---------------------------------------------------------------------------------------------------------

    def env(self, name: str) -> dict[str, str]:
        """Return the settings of a machine."""
        database = f"{self['pool'].address}:6432/truthlytics?pooled=1"
        if name == "worker":
            # Directly to whichever of both accepts writes.
            hosts = f"{self['db1'].address},{self['db2'].address}"
            database = f"{hosts}:5432/truthlytics?target_session_attrs=read-write"
        return plain_env() | {
            "SECRET_KEY": "for-this-rehearsal-only-" + "x" * 40,
            "SITE_URL": f"http://{HOST}",
            "DEBUG": "0",
            "TRUTHLYTICS_DEMO": "0",
            "DATABASE_URL": f"postgres://postgres@{database}",
            "CACHE_URL": f"redis://{self['redis'].address}:6379/0",
            "TRUSTED_PROXY_COUNT": "1",
            "CDN_PURGE_URL": f"varnish://{self['edge'].address}:80" if self.has_edge else "",
            "S3_BUCKET": BUCKET,
            "S3_ENDPOINT_URL": f"http://{self['s3'].address}:5000",
            "S3_ACCESS_KEY_ID": "key",
            "S3_SECRET_ACCESS_KEY": "secret",
            "VAR_DIR": str(self[name].folder),
            "PAGE_CACHE_FILE": str(self[name].folder / "page-generations"),
            # Empty, so that a .env file of the checkout does not matter.
            **dict.fromkeys(("SMTP_URL", "STRIPE_SECRET_KEY", "MEDIA_URL", "SECRET_KEY_FILE"), ""),
        }

    def manage(self, *arguments: str, release: int = 1) -> str:
        command = [sys.executable, "manage.py", *arguments]
        return self["worker"].run(*command, env=self.env("worker"), cwd=self.releases[release])

    def visitor(self, name: str = "balancer", **options: Any) -> Visitor:
        port = WEB_PORT if name in {"a", "b"} else 80
        return Visitor(self[name].address, port, **options)

    def logs(self) -> str:
        return "\n".join(f"--- {machine.name}\n{machine.log()}" for machine in self.machines.values())


def plain_env() -> dict[str, str]:
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
