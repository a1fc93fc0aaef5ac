"""Write what tests compare with the addresses of the API: an openapi.json beside them, for each feature."""

from importlib import import_module
from pathlib import Path

from django.core.management.base import BaseCommand

from truthlytics.contrib.api.endpoint_urls import own_patterns
from truthlytics.contrib.api.openapi import PUBLISHED, as_text, document
from truthlytics.env import BASE_DIR
from truthlytics.web.plugins import api_modules


class Command(BaseCommand):
    help = "Write the OpenAPI documents of the API, for developers who have changed it."

    def handle(self, *args: object, **options: object) -> None:
        parts = {PUBLISHED: own_patterns}
        for name in api_modules():
            module = import_module(name)
            parts[Path(str(module.__file__)).with_name(PUBLISHED.name)] = module.urlpatterns
        for path, patterns in parts.items():
            if path.is_relative_to(BASE_DIR):
                path.write_text(as_text(document(patterns)), encoding="utf-8")
                self.stdout.write(f"{path.relative_to(BASE_DIR)} is written. Compare it with what was published.")
