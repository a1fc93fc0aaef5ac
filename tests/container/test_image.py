"""The image that the Dockerfile makes: a site that is set up, publishes, ends and starts again."""

import json
import os
import re
import subprocess
import time
from pathlib import Path
from tempfile import mkdtemp
from unittest import SkipTest
from urllib.error import URLError
from urllib.request import urlopen

from django.test import SimpleTestCase, tag

from tests.container.machine import RESTRICTED, Podman, Unfit
from tests.container.visitor import Visitor
from tests.truthlytics.server.served import free_port
from truthlytics.env import BASE_DIR

PASSWORD = "quay-and-crane-7"
# In bytes.
LARGEST_IMAGE = 385_000_000
# In seconds, for machines that do other things too.
LONGEST_BUILD, LONGEST_START, LONGEST_STOP = 600, 180, 70


@tag("container")
class ImageTests(SimpleTestCase):
    """Run by `./run test --container`, with a new storage, or with the one in CONTAINER_FOLDER, which is kept."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not os.environ.get("CONTAINER_TESTS"):
            raise SkipTest("Use ./run test --container.")
        kept = os.environ.get("CONTAINER_FOLDER")
        cls.podman = Podman(Path(kept or mkdtemp(prefix="container-")))
        cls.addClassCleanup(cls.podman.clear if kept else cls.podman.remove)
        begin = time.monotonic()
        try:
            cls.podman.prepare()
        except Unfit as reason:
            print(f"Left out the tests of the container, which this machine cannot run: {reason}")
            raise SkipTest(str(reason)) from reason
        prepared = time.monotonic()
        cls.podman.build(BASE_DIR, "truthlytics", seconds=LONGEST_BUILD)
        print(f"Prepared in {prepared - begin:.0f} s; built in {time.monotonic() - prepared:.0f} s")
        cls.port = free_port()
        cls.site = f"http://localhost:{cls.port}"
        cls.seconds_to_start = [cls.start()]

    @classmethod
    def start(cls) -> float:
        """Start a new container on the volume of the last one. Return after how many seconds it answers."""
        begin = time.monotonic()
        volume = "--volume=site:/data"
        published = f"--publish=127.0.0.1:{cls.port}:8000"
        cls.podman(
            "run",
            "--detach",
            "--name=site",
            *RESTRICTED,
            volume,
            published,
            f"--env=SITE_URL={cls.site}",
            "truthlytics",
        )
        while time.monotonic() < begin + LONGEST_START:
            try:
                with urlopen(f"{cls.site}/healthz", timeout=5):
                    return time.monotonic() - begin
            except (URLError, OSError):
                if cls.state()["Status"] == "exited":
                    break
                time.sleep(0.2)
        raise AssertionError(f"The site did not start: {cls.logs()}")

    @classmethod
    def logs(cls) -> str:
        return cls.podman("logs", "site")

    def inside(self, *command: str, check: bool = True) -> str:
        return self.podman("exec", "site", *command, check=check)

    @classmethod
    def state(cls) -> dict:
        return json.loads(cls.podman("inspect", "--format={{json .State}}", "site"))

    def test_a_site_is_set_up_publishes_ends_and_starts_again(self):
        editor, reader = Visitor(self.site), Visitor(self.site)
        address = re.search(rf"{re.escape(self.site)}(/admin/setup/\?token=\w+)", self.logs())
        self.assertTrue(address, self.logs())
        self.assertNotIn("Applying", self.logs(), "The database of the image needs migrations.")
        editor.post(
            address[1],
            token=address[1].partition("=")[2],
            name="The Harbour Review",
            language="en-gb",
            time_zone="Europe/London",
            section="Port news",
            display_name="Ada Quay",
            email="ada@harbour.example",
            password=PASSWORD,
            plan="free",
        )
        self.assertEqual(editor.address, "/admin/")
        forms = {"bylines-TOTAL_FORMS": 1, "bylines-INITIAL_FORMS": 0, "bylines-0-author": 1, "bylines-0-position": 1}
        editor.post(
            "/admin/articles/article/add/", headline="Port opens", standfirst="", body="<p>At last, ships.</p>",
            kind="analysis", section=1, required_level=0, lead="", lead_caption="", slug="", seo_title="",
            seo_description="", _publish=1, **forms,
        )  # fmt: skip
        self.assertRegex(editor.address, r"^/admin/articles/article/1/publish/")
        editor.post(editor.address, when="now", last=0, note="", ai_uses="none")
        self.assertIn("At last, ships.", reader.get("/articles/port-opens/"))

        self.stop()
        self.seconds_to_start.append(self.start())
        self.assertIn("At last, ships.", Visitor(self.site).get("/articles/port-opens/"))
        self.assertIn("The Harbour Review", editor.get("/admin/"))
        self.assertEqual(editor.address, "/admin/", "The session ended, so there is another secret key.")
        again = Visitor(self.site)
        again.post("/accounts/login/", login="ada@harbour.example", password=PASSWORD)
        again.get("/admin/")
        self.assertEqual(again.address, "/admin/")
        self.assertNotIn("/admin/setup/", self.logs())
        print(
            f"Started in {', '.join(f'{seconds:.1f} s' for seconds in self.seconds_to_start)}; at most "
            f"{self.most_memory() / 2**20:.0f} MiB of memory; image of {self.image_size() / 10**6:.0f} MB"
        )

    def stop(self):
        """End the site as a server does, and remove the container, but not its volume."""
        self.podman("stop", f"--time={LONGEST_STOP}", "site", seconds=LONGEST_STOP + 30)
        state, logs = self.state(), self.logs()
        self.assertEqual((state["ExitCode"], state["OOMKilled"]), (0, False), logs)
        self.assertNotIn("Traceback", logs)
        self.podman("rm", "site")

    def most_memory(self) -> int:
        """Return the most bytes that the container has used at a time, with cached files."""
        files = "/sys/fs/cgroup/memory/memory.max_usage_in_bytes", "/sys/fs/cgroup/memory.peak"
        return int(self.inside("sh", "-c", f"cat {files[0]} 2>/dev/null || cat {files[1]}"))

    def image_size(self) -> int:
        return int(self.podman("inspect", "--type=image", "--format={{.Size}}", "truthlytics"))

    def test_the_image_is_small(self):
        self.assertLess(self.image_size(), LARGEST_IMAGE)

    def test_nothing_can_be_written_outside_of_the_volume(self):
        self.assertEqual(self.inside("id", "-u").strip(), "10001")
        for folder in ("/", "/srv/truthlytics", "/tmp", "/etc"):
            self.assertRegex(self.inside("touch", f"{folder}/file", check=False), "Read-only|Permission")
        self.assertEqual(self.inside("stat", "-c", "%a %u", "/data/secret-key").split(), ["600", "10001"])

    def test_the_image_has_what_a_site_needs_and_nothing_private(self):
        files = self.inside("ls", "-A").split()
        self.assertLessEqual({"manage.py", "static", "templates"}, set(files))
        self.assertEqual({".env", ".git", "tests", "var", "docs"} & set(files), set())
        self.inside("./manage.py", "check")
        self.assertIn("pg_dump (PostgreSQL)", self.inside("pg_dump", "--version"))
        self.inside("python", "-c", "import boto3, redis, stripe; boto3.client('s3', region_name='eu-central-1')")

    def test_health(self):
        self.podman("healthcheck", "run", "site")

    def test_a_volume_that_belongs_to_someone_else_is_explained(self):
        with self.assertRaises(subprocess.CalledProcessError) as caught:
            self.podman("run", "--rm", *RESTRICTED, "--tmpfs=/data:mode=755", "truthlytics")
        self.assertIn("10001", caught.exception.output)
        self.assertNotIn("Traceback", caught.exception.output)
