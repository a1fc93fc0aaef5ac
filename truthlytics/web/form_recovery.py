"""Save a form that was submitted after the session expired, so that it can be restored after logging in.

Anyone can post a form to the newsroom. So whole forms are kept only where the browser has been used by staff: it holds
a cookie that this site signed then, and the form waits for that user. Of all others a short form is kept, in their
session. Both end after a day.
"""

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.http import HttpRequest, HttpResponseBase, QueryDict

from truthlytics.web.rate_limits import allow, consume
from truthlytics.web.users import User

SESSION_KEY = "kept_form"
DISCARD_FIELD = "_drop_kept"
# Characters: the longest form of staff, and of strangers.
MAX_LENGTH, MAX_LENGTH_OF_STRANGERS = 2 * 1024 * 1024, 4 * 1024
HOUR, DAY = 3600, 24 * 3600
# The first says who of the staff has used this browser, the second that a form is waiting.
STAFF_COOKIE, WAITING_COOKIE, COOKIE_PATH, SALT = "newsroom_device", "kept_form", "/admin/", "truthlytics.form_recovery"
STAFF_COOKIE_AGE = 60 * DAY


def remember_staff(request: HttpRequest, response: HttpResponseBase, user: User) -> None:
    """Sign a cookie that says who of the staff uses this browser, unless it has that of today."""
    if request.get_signed_cookie(STAFF_COOKIE, default="", salt=SALT, max_age=DAY) != str(user.pk):
        response.set_signed_cookie(
            STAFF_COOKIE, str(user.pk), salt=SALT, max_age=STAFF_COOKIE_AGE, path=COOKIE_PATH, httponly=True,
            samesite="Lax", secure=settings.SESSION_COOKIE_SECURE,
        )  # fmt: skip


def save_form(request: HttpRequest) -> bool:
    """Save the posted fields, without files, for a day. Returns False if there is nothing or too much to save.

    If True, call `mark_saved` with the response.
    """
    form = request.POST.copy()
    form.pop("csrfmiddlewaretoken", None)
    text = form.urlencode()
    if not text or len(text) > MAX_LENGTH:
        return False
    kept = {"path": request.path, "form": text}
    staff = _staff_of(request)
    if staff and consume("kept", f"a{staff}", limit=30, seconds=HOUR):
        cache.set(_name(staff), kept, DAY)
        return True
    if len(text) > MAX_LENGTH_OF_STRANGERS or not allow(request, "kept", per_account=30, per_address=60, seconds=HOUR):
        return False
    request.session[SESSION_KEY] = kept
    request.session.set_expiry(DAY)
    return True


def mark_saved(response: HttpResponseBase) -> None:
    """Let the browser say, until the form is sent or discarded, that one is waiting."""
    response.set_cookie(
        WAITING_COOKIE, "1", max_age=DAY, path=COOKIE_PATH, httponly=True, samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )  # fmt: skip


def saved_fields(request: HttpRequest) -> list[tuple[str, str]]:
    """Return the names and values saved for this path, in their order."""
    saved = _saved(request)
    if saved.get("path") != request.path:
        return []
    form = QueryDict(saved["form"])
    return [(name, value) for name, values in form.lists() for value in values]


def discard_form(request: HttpRequest) -> bool:
    """Delete the form saved for this path. Returns whether there was one."""
    if _saved(request).get("path") != request.path:
        return False
    cache.delete(_name(str(request.user.pk)))
    request.session.pop(SESSION_KEY, None)
    return True


def _saved(request: HttpRequest) -> dict[str, str]:
    if WAITING_COOKIE not in request.COOKIES:
        return {}
    return cache.get(_name(str(request.user.pk))) or request.session.get(SESSION_KEY) or {}


def _staff_of(request: HttpRequest) -> str:
    """Return the id of the member of staff who has last used this browser; "" if none, or they are none any more."""
    if request.user.is_authenticated:
        return str(request.user.pk) if request.user.is_staff else ""
    pk = request.get_signed_cookie(STAFF_COOKIE, default="", salt=SALT, max_age=STAFF_COOKIE_AGE) or ""
    is_staff = bool(pk) and get_user_model().objects.filter(pk=pk, is_active=True, is_staff=True).exists()
    return pk if is_staff else ""


def _name(pk: str) -> str:
    return f"kept-form:{pk}"
