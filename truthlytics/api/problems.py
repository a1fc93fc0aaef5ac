"""Errors as programs read them: problem details (RFC 9457)."""

import json
from http import HTTPStatus

from django.http import HttpResponse


class Problem(Exception):
    """An error of the request. `detail` is a sentence that says what to do about it."""

    def __init__(self, status: HTTPStatus, detail: str, **headers: str) -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers = status, detail, headers

    def as_response(self) -> HttpResponse:
        problem = {"title": self.status.phrase, "status": self.status.value, "detail": self.detail}
        headers = {name.replace("_", "-"): value for name, value in self.headers.items()}
        body, kind = json.dumps(problem, ensure_ascii=False), "application/problem+json"
        return HttpResponse(body, status=self.status, content_type=kind, headers=headers)


def not_found(what: str) -> Problem:
    return Problem(HTTPStatus.NOT_FOUND, f"There is no {what} at this address.")


def invalid(detail: str) -> Problem:
    return Problem(HTTPStatus.BAD_REQUEST, detail)
