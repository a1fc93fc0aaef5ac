"""What fails in tests of reports, with personal data at hand wherever it can be.

The data is in another module, because reports contain the lines of code around an error.
"""

import logging

import sentry_sdk
from django.db import IntegrityError
from django.tasks import task
from django.urls import include, path

from tests.truthlytics.monitoring.personal_data import PLANTED
from truthlytics.views import not_found, server_error

# A logger of the site, and one of a library.
own, other = logging.getLogger("comments.services.posting"), logging.getLogger("some.library")


class RefusedError(Exception):
    def __repr__(self):
        return f"refused {PLANTED['name']}"


def fail(**local):
    """Raise an error whose causes, notes, variables and surroundings name a reader."""
    address, text = PLANTED["email"], PLANTED["comment"]
    own.info("A comment by %s", address)
    other.warning("%s from %s", text, PLANTED["ip"], extra={"card": PLANTED["card"]})
    use_sentry_as_a_plug_in_may()
    try:
        try:
            raise IntegrityError(f"DETAIL: Key (email)=({address}) already exists, failing row ({PLANTED['name']}).")
        except IntegrityError as error:
            error.add_note(text)
            raise ExceptionGroup(text, [ValueError(address), KeyError(PLANTED["token"])]) from error
    except ExceptionGroup as error:
        raise RefusedError(address, PLANTED["password"], local) from error


def use_sentry_as_a_plug_in_may():
    sentry_sdk.set_user({"email": PLANTED["email"], "ip_address": PLANTED["ip"]})
    sentry_sdk.set_tag("reader", PLANTED["name"])
    sentry_sdk.set_context("reader", {"token": PLANTED["token"]})
    sentry_sdk.set_extra("session", PLANTED["session"])
    sentry_sdk.add_breadcrumb(message=PLANTED["comment"])
    scope = sentry_sdk.get_current_scope()
    scope.set_transaction_name(PLANTED["path"])
    scope.add_attachment(bytes=PLANTED["comment"].encode(), filename="comment.txt")


def view(request, name):
    fail(data=request.POST, cookies=request.COOKIES, meta=request.META)


@task
def failing_task(address, text):
    fail(address=address, text=text)


def job(now):
    fail()


def log_errors():
    """Log errors without an exception, as the site does and as a library may."""
    own.error("Webhooks to “%s” were switched off: %s", PLANTED["name"], PLANTED["token"], extra={"reader": PLANTED})
    other.error("Refused " + PLANTED["email"])
    own.error(RefusedError(PLANTED["comment"]), stack_info=True)


urlpatterns = [path("fail/<str:name>/", view, name="fail"), path("", include("truthlytics.urls"))]
handler404, handler500 = not_found, server_error
