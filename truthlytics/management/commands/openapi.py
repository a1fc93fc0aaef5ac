"""Write truthlytics/api/openapi.json, which a test compares with the addresses of the API."""

import json

from django.core.management.base import BaseCommand

from truthlytics.api.openapi import PUBLISHED, document


class Command(BaseCommand):
    help = "Write the OpenAPI document of the API, for developers who have changed it."

    def handle(self, *args: object, **options: object) -> None:
        PUBLISHED.write_text(json.dumps(document(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        self.stdout.write(f"{PUBLISHED.name} is written. Compare it with what was published.")
