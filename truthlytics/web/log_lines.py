"""The line of each log record, and levels that differ from Django's. Imported by the settings."""

import logging
from http import HTTPStatus
from typing import Any

LINE: dict[str, Any] = {"format": "{asctime} {process} {levelname} {name}: {message}", "style": "{"}
EXPECTED = {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}


def expected_status_is_info(record: logging.LogRecord) -> bool:
    """Log pages that do not exist as INFO: Django warns about each of them. Returns whether to log the record."""
    if getattr(record, "status_code", None) in EXPECTED:
        record.levelno, record.levelname = logging.INFO, "INFO"
    return logging.getLogger(record.name).isEnabledFor(record.levelno)
