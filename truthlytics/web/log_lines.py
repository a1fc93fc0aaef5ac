"""The line of each log record, and levels that differ from Django's. The settings import it, and the supervisor."""

import json
import logging
import logging.config
from datetime import UTC, datetime
from http import HTTPStatus

from truthlytics.web.request_ids import current_request_id

LINE = "{asctime} {process} {levelname} {name}: {message}"
FORMATS = ("text", "json")
EXPECTED = {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}


class TextFormatter(logging.Formatter):
    """A line of text, with the number of the request that logs it, if it is one."""

    def __init__(self) -> None:
        super().__init__(LINE, style="{")

    def formatMessage(self, record: logging.LogRecord) -> str:
        line = super().formatMessage(record)
        return f"{line} (request {request_id})" if (request_id := current_request_id()) else line


class JsonFormatter(logging.Formatter):
    """One JSON object in each line, for programs that collect logs. Tracebacks are in it, as `exception`."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "process": record.process,
            "message": record.getMessage(),
        }
        if request_id := current_request_id():
            line["request"] = request_id
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def formatter(log_format: str) -> dict[str, object]:
    """Return the formatter of a configuration of `logging`, for LOG_FORMAT."""
    return {"()": f"{__name__}.{'JsonFormatter' if log_format == 'json' else 'TextFormatter'}"}


def log_to_stderr(log_format: str) -> None:
    """Log from INFO on, in a process without Django's settings."""
    handler = {"class": "logging.StreamHandler", "formatter": "line"}
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"line": formatter(log_format)},
            "handlers": {"stderr": handler},
            "root": {"handlers": ["stderr"], "level": "INFO"},
        }
    )


def expected_status_is_info(record: logging.LogRecord) -> bool:
    """Log pages that do not exist as INFO: Django warns about each of them. Returns whether to log the record."""
    if getattr(record, "status_code", None) in EXPECTED:
        record.levelno, record.levelname = logging.INFO, "INFO"
    return logging.getLogger(record.name).isEnabledFor(record.levelno)
