"""Setup in the browser, at /admin/setup/, while there is no staff account."""

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, get_language_from_request, override
from django.utils.translation import gettext as _
from django.views.decorators.csp import csp_override
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from subscriptions.models import User
from truthlytics.newsroom.admin_site import ADMIN_CSP
from truthlytics.publication.language import LANGUAGES
from truthlytics.publication.mail import send_test_email
from truthlytics.publication.models import Publication
from truthlytics.setup.access import is_set_up, is_valid
from truthlytics.setup.forms import SetupForm
from truthlytics.setup.service import AlreadySetUp, set_up
from truthlytics.web.mail_errors import EmailError
from truthlytics.web.rate_limits import allow

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@csp_override(ADMIN_CSP)
@sensitive_post_parameters("password", "token")
@require_http_methods(["GET", "HEAD", "POST"])
def setup(request: HttpRequest) -> HttpResponse:
    if is_set_up():
        raise Http404("The site is set up.")
    if Publication.objects.exists():
        return _answer(request)
    with override(_browser_language(request)):
        return _answer(request)


def _browser_language(request: HttpRequest) -> str:
    """Return the language of the newsroom that the browser prefers."""
    preferred = get_language_from_request(request).partition("-")[0]
    return next((code for code, _name in LANGUAGES if code.partition("-")[0] == preferred), LANGUAGES[0][0])


def _answer(request: HttpRequest) -> HttpResponse:
    if not allow(request, "setup", per_account=30, per_address=30, seconds=600):
        return render(request, "429.html", status=429)
    token = request.POST.get("token") or request.GET.get("token", "")
    if not is_valid(token):
        return _page(request, {"wrong_token": bool(token)}, 403 if token else 200)
    form = SetupForm(request.POST if request.method == "POST" else None, initial=_initial())
    if request.method != "POST" or not form.is_valid():
        return _page(request, {"form": form, "token": token}, 422 if form.is_bound else 200)
    return _set_up(request, form)


def _initial() -> dict[str, str]:
    """Propose the language of the page, and the time zone where nearly all who read that language live."""
    language = get_language() or ""
    zone = settings.TIME_ZONE
    return {"language": language, "time_zone": "Europe/Berlin" if language == "de" and zone == "UTC" else zone}


def _set_up(request: HttpRequest, form: SetupForm) -> HttpResponse:
    fields = form.cleaned_data
    names = ("name", "language", "time_zone", "section", "display_name", "email", "password")
    try:
        user = set_up(**{name: fields[name] for name in names}, minor=form.minor)
    except AlreadySetUp as error:
        raise Http404("The site is set up.") from error
    login(request, user, backend=BACKEND)
    with override(fields["language"]):
        _say(request, form, user)
    return redirect("admin:index")


def _say(request: HttpRequest, form: SetupForm, user: User) -> None:
    """Say what was set up, in the language that the newsroom has from now on, and whether the test email was sent."""
    fields = form.cleaned_data
    messages.success(
        request, _("%(publication)s is set up. Write your first article.") % {"publication": fields["name"]}
    )
    if fields["test_email"]:
        try:
            send_test_email(user.email)
        except EmailError as problem:
            messages.warning(request, _("The test email was not sent: %(problem)s") % {"problem": problem})
        else:
            messages.success(
                request, _("The mail server accepted the test email to %(email)s.") % {"email": user.email}
            )


def _page(request: HttpRequest, context: dict[str, object], status: int) -> HttpResponse:
    page = admin.site.each_context(request) | {"title": _("Set up your publication")} | context
    return render(request, "admin/setup.html", page, status=status)
