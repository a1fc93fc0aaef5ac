"""Tests of the features that are on (`FEATURES`), each in a folder of its own."""

from pathlib import Path

from django.conf import settings

HERE = Path(__file__).parent


def load_tests(loader, standard_tests, pattern):
    for name in settings.FEATURES:
        top = str(settings.BASE_DIR)
        standard_tests.addTests(loader.discover(str(HERE / name), pattern=pattern or "test*.py", top_level_dir=top))
    return standard_tests
