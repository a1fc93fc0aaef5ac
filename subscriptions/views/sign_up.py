"""Sign-up. The account is created once the code in the email is entered.

Until then nothing depends on whether the address has an account: the session keeps what was entered, and the worker
chooses the email. So the response, and its time, are the same for every address.
"""

from datetime import timedelta
from functools import partial

from allauth.account import app_settings
from allauth.account import views as allauth_views
from allauth.account.adapter import get_adapter
from allauth.account.utils import perform_login
from django.contrib import messages
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from subscriptions import emails
from subscriptions.forms.accounts import MAX_ATTEMPTS, ConfirmLoginCodeForm
from subscriptions.services.accounts import SIGN_UP, SIGNED_UP_AT, create_account
from subscriptions.services.signals import form_accepted
from truthlytics.web import budgets
from truthlytics.web.types import AdminForm, JsonObject

LIFETIME = timedelta(seconds=app_settings.EMAIL_VERIFICATION_BY_CODE_TIMEOUT)
MAX_RESENT = 2


class SignUpView(allauth_views.SignupView):
    """allauth's page and form."""

    def get_initial(self) -> dict[str, object]:
        """Offer what was entered before, after too many wrong codes."""
        entered = self.request.session.get(SIGN_UP, {})
        return {
            "email": entered.get("email", ""),
            "display_name": entered.get("display_name", ""),
            **super().get_initial(),
        }

    def form_valid(self, form: AdminForm) -> HttpResponse:
        data = form.cleaned_data
        sign_up = {
            "email": data["email"],
            "display_name": data["display_name"],
            "password": make_password(data["password1"] or None),
            "next": self.get_success_url(),
            "wrong": 0,
            "resent": 0,
        }
        form_accepted.send("registration", request=self.request)
        return _send_code(self.request, sign_up)


sign_up = SignUpView.as_view()


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest) -> HttpResponseBase:
    """Ask for the code of a sign-up. Other addresses are confirmed on allauth's page, at the same URL."""
    sign_up = _pending(request)
    if sign_up is None:
        response: HttpResponseBase = allauth_views.email_verification_sent(request)
        return response
    can_resend = sign_up["resent"] < MAX_RESENT
    if can_resend and request.POST.get("action") == "resend":
        return _send_code(request, sign_up | {"resent": sign_up["resent"] + 1})
    form = ConfirmLoginCodeForm(request.POST if request.method == "POST" else None, code=sign_up["code"])
    if form.is_valid():
        return _create(request, sign_up)
    if form.is_bound:
        sign_up["wrong"] += 1
        request.session[SIGN_UP] = sign_up
        if sign_up["wrong"] == MAX_ATTEMPTS:
            messages.error(request, _("That was the third wrong code, so it no longer works. Sign up again."))
            return redirect("account_signup")
    context = {"verify_form": form, "email": sign_up["email"], "can_resend": can_resend}
    return render(request, "account/confirm_email_verification_code.html", context)


def _pending(request: HttpRequest) -> JsonObject | None:
    """Return what was entered, if its code is still valid."""
    sign_up: JsonObject | None = request.session.get(SIGN_UP)
    if sign_up is None or request.user.is_authenticated or sign_up["wrong"] >= MAX_ATTEMPTS:
        return None
    return sign_up if timezone.now().timestamp() < sign_up["expires"] else None


def _send_code(request: HttpRequest, sign_up: JsonObject) -> HttpResponse:
    email = sign_up["email"]
    if not budgets.may_send(request, email):
        return render(request, "429.html", status=429)
    code, expires = get_adapter().generate_email_verification_code(), timezone.now() + LIFETIME
    request.session[SIGN_UP] = sign_up | {"code": code, "expires": expires.timestamp()}
    send = partial(emails.send_sign_up.enqueue, to=sign_up["email"], code=code, expires=expires.isoformat())
    transaction.on_commit(partial(send, again=sign_up["resent"] > 0))
    if sign_up["resent"]:
        text = _("We’ve sent a new code, unless you already have an account. Use the latest email.")
        messages.info(request, text)
    return redirect("account_email_verification_sent")


def _create(request: HttpRequest, sign_up: JsonObject) -> HttpResponse:
    """Create the account and log in. A double click logs in twice."""
    values = {name: sign_up[name] for name in ("email", "display_name", "password")}
    user = create_account(**values)
    del request.session[SIGN_UP]
    text = {"email": user.email}
    get_adapter().add_message(request, messages.SUCCESS, "account/messages/email_confirmed.txt", text)
    response: HttpResponse = perform_login(request, user, redirect_url=sign_up["next"], signup=True)
    request.session[SIGNED_UP_AT] = timezone.now().timestamp()
    return response
