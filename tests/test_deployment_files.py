"""Pinned versions, and the files from which containers are made and started."""

import re
import runpy
import tomllib
from pathlib import Path

import yaml
from django.core.management import get_commands
from django.test import SimpleTestCase

from tests.container.machine import BASE
from tests.test_docs import variables
from truthlytics.web.text import word_set

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "docs/deploy"
COMPOSE_FILES = (
    ROOT / "compose.yaml",
    ROOT / "compose.postgres.yaml",
    DEPLOY / "coolify.yaml",
    DEPLOY / "dokploy/docker-compose.yml",
)
# What our files use of the Compose Specification.
SERVICE_KEYS = word_set(
    "build cap_drop command depends_on env_file environment expose extends healthcheck image ports read_only restart "
    "security_opt stop_grace_period volumes"
)
RESTRICTIONS = {"read_only": True, "cap_drop": ["ALL"], "security_opt": ["no-new-privileges:true"]}


def pins(lines: list[str]) -> dict[str, str]:
    """Return the versions in lines such as `name==1.0 ; marker`."""
    return dict(re.findall(r"^([\w-]+)==([\w.]+)", "\n".join(lines), re.MULTILINE))


def environment(service: dict) -> set[str]:
    """Return the names of a service's variables, which are a list or a mapping."""
    return {name.partition("=")[0] for name in service.get("environment", ())}


class PinnedVersionsTests(SimpleTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
        cls.tested = pins(cls.project["tool"]["uv"]["constraint-dependencies"])
        cls.files = {path.name: path.read_text(encoding="utf-8") for path in ROOT.glob("requirements*.txt")}

    def test_the_files_have_the_versions_that_the_tests_run_with(self):
        self.assertEqual(set(self.files), {"requirements.txt", "requirements-uv.txt"})
        for name, text in self.files.items():
            with self.subTest(name):
                found = pins(text.splitlines())
                self.assertEqual(found, {package: self.tested.get(package) for package in found}, "Run .ci/pin --same.")

    def test_everything_that_the_site_needs_is_pinned(self):
        extras = self.project["project"]["optional-dependencies"].values()
        needed = [*self.project["project"]["dependencies"], *(line for lines in extras for line in lines)]
        names = {re.match(r"[\w-]+", line)[0] for line in needed}
        self.assertLessEqual(names, pins(self.files["requirements.txt"].splitlines()).keys(), "Run .ci/pin --same.")
        groups = self.project["dependency-groups"].values()
        names = {re.match(r"[\w-]+", line)[0] for lines in groups for line in lines}
        self.assertLessEqual(names, self.tested.keys(), "Run .ci/pin.")

    def test_new_pins_are_those_of_all_groups(self):
        pin = runpy.run_path(str(ROOT / ".ci/pin"))
        groups = {**self.project["dependency-groups"], "a-new-one": []}
        text = "[dependency-groups]\n" + "".join(f"{name} = []\n" for name in groups)
        self.assertEqual(pin["all_groups"](text), [f"--group={name}" for name in groups])
        self.assertIn("--group=fuzz", pin["all_groups"]((ROOT / "pyproject.toml").read_text(encoding="utf-8")))

    def test_every_package_has_hashes_and_none_an_address(self):
        for name, text in self.files.items():
            with self.subTest(name):
                for package in re.split(r"\n(?=\S)", text.strip())[1:]:
                    self.assertRegex(package, r"^[\w-]+==\S+.*( \\\n    --hash=sha256:[0-9a-f]{64})+$")
                self.assertNotIn("://", text)


class ComposeFilesTests(SimpleTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.files = {path: yaml.safe_load(path.read_text(encoding="utf-8")) for path in COMPOSE_FILES}
        cls.services = [
            (path, name, service) for path, file in cls.files.items() for name, service in file["services"].items()
        ]

    def test_keys_are_those_of_the_specification(self):
        for path, file in self.files.items():
            self.assertEqual(file.keys(), {"services", "volumes"}, path)
        for path, name, service in self.services:
            self.assertLessEqual(service.keys(), SERVICE_KEYS, f"{path}: {name}")

    def test_files_and_volumes_exist(self):
        found = 0
        for path, name, service in self.services:
            for volume in service.get("volumes", ()):
                source = volume.partition(":")[0]
                with self.subTest(path.name, service=name, source=source):
                    found += 1
                    if source.startswith("."):
                        self.assertTrue((path.parent / source).is_file())
                    else:
                        self.assertIn(source, self.files[path]["volumes"])
        self.assertGreaterEqual(found, 6)

    def test_settings_and_commands_exist(self):
        for path, name, service in self.services:
            if name.startswith("site"):
                with self.subTest(path.name, service=name):
                    # Coolify makes these up.
                    names = {name for name in environment(service) if not name.startswith("SERVICE_")}
                    self.assertLessEqual(names, variables().keys())
                    self.assertIn(service.get("command", ["start"])[0], get_commands())

    def test_variables_have_a_default_or_are_asked_for(self):
        for path in COMPOSE_FILES:
            for name, rest in re.findall(r"\$\{(\w+)(.*?)\}", path.read_text(encoding="utf-8")):
                with self.subTest(path.name, variable=name):
                    self.assertTrue(rest.startswith((":-", ":?")) or path.name == "coolify.yaml")

    def test_the_site_is_restricted_everywhere(self):
        sites = [service for _, name, service in self.services if name == "site" and "build" in service]
        self.assertEqual(len(sites), 3)
        for service in sites:
            self.assertEqual({key: service.get(key) for key in RESTRICTIONS}, RESTRICTIONS)
            self.assertEqual(service["stop_grace_period"], "70s")

    def test_caddy_sends_requests_to_every_web_server(self):
        for path in COMPOSE_FILES[:2]:
            services = self.files[path]["services"]
            upstreams = {f"{name}:8000" for name in services if name.startswith("site")}
            self.assertEqual(set(services["caddy"]["environment"]["UPSTREAMS"].split()), upstreams)
        self.assertLessEqual(
            {"{$SITE_URL:", "{$UPSTREAMS:"}, set(re.findall(r"\{\$\w+:", (DEPLOY / "Caddyfile").read_text("utf-8")))
        )

    def test_the_template_of_dokploy_belongs_to_its_file(self):
        template = tomllib.loads((DEPLOY / "dokploy/template.toml").read_text(encoding="utf-8"))
        site = self.files[DEPLOY / "dokploy/docker-compose.yml"]["services"]["site"]
        (domain,) = template["config"]["domains"]
        self.assertEqual((domain["serviceName"], [str(domain["port"])]), ("site", site["expose"]))
        self.assertEqual({line.partition("=")[0] for line in template["config"]["env"]}, environment(site))


class DockerfileTests(SimpleTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.text = (ROOT / "Dockerfile").read_text(encoding="utf-8")

    def test_only_debians_image_is_taken_from_elsewhere(self):
        stages = re.findall(r"^FROM (\S+)(?: AS (\w+))?$", self.text, re.MULTILINE)
        self.assertEqual({image for image, _ in stages} - {name for _, name in stages}, {BASE})

    def test_settings_and_the_command_exist(self):
        names = set(re.findall(r"^(?:ENV|   ) ([A-Z_]+)=", self.text, re.MULTILINE))
        others = {"PATH", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "TMPDIR"}
        self.assertLessEqual({"VAR_DIR", "STATIC_ROOT"}, names)
        self.assertLessEqual(names, variables().keys() | others)
        self.assertIn(re.search(r'^CMD \["(\w+)"', self.text, re.MULTILINE)[1], get_commands())

    def test_nothing_private_is_copied(self):
        lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        rules = [line for line in lines if line and not line.startswith("#")]
        self.assertEqual(rules[0], "*")
        copied = {line[1:] for line in rules if line.startswith("!")}
        self.assertEqual([name for name in copied if not (ROOT / name).exists()], [])
        self.assertEqual({".env", ".git", "var", "docs", "tests"} & copied, set())
