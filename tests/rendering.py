"""Responses without pages, for tests that ask hundreds of addresses for their status."""

from contextlib import AbstractContextManager, ExitStack, nullcontext
from unittest import mock

from django.core.handlers import exception
from django.http import HttpRequest, HttpResponse
from django.template.response import SimpleTemplateResponse
from django.urls import URLResolver


def rendered(wanted: bool) -> AbstractContextManager:
    """Unless `wanted`, leave the pages of the newsroom and those of errors empty.

    Rendering one takes ten times as long as its view. A page with status 500 is rendered in any case.
    """
    if wanted:
        return nullcontext()
    stack = ExitStack()
    stack.enter_context(mock.patch.object(SimpleTemplateResponse, "rendered_content", ""))
    stack.enter_context(mock.patch.object(exception, "get_exception_response", empty))
    return stack


def empty(request: HttpRequest, resolver: URLResolver, status_code: int, error: Exception) -> HttpResponse:
    return HttpResponse(status=status_code)
