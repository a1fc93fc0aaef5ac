"""A private key of the record for one test."""

import tempfile
from pathlib import Path
from unittest import TestCase

from django.test import override_settings

from truthlytics.transparency import keys


def use_key(test: TestCase) -> Path:
    """Let the log be signed with a new key until `test` has ended. Returns the folder of the key."""
    folder = Path(test.enterContext(tempfile.TemporaryDirectory()))
    test.enterContext(override_settings(RECORD_KEY_FILE=folder / "key.pem"))
    keys.create_key()
    return folder
