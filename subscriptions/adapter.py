"""allauth adapter and signal receivers."""

from datetime import timedelta
from functools import partial

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.account.signals import email_changed, email_confirmed, password_reset
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from subscriptions import emails
from subscriptions.identity.staff import login_refusal
from subscriptions.models import EmailChange, User
from subscriptions.recent_login import logged_in_recently
from subscriptions.services import email_changes
from subscriptions.services.accounts import FAILED_ADDRESS, LOGIN_ADDRESS, SIGN_UP, even_out_lookup
from truthlytics.events.models import Kind
from truthlytics.events.services.adding import add_events, new_event
from truthlytics.publication import get_publication
from truthlytics.publication.mail import LIFETIME, send_email
from truthlytics.web import budgets
from truthlytics.web.budgets import Reason, Refusal
from truthlytics.web.rate_limits import client_ip
from truthlytics.web.types import JsonObject, TemplateContext

# allauth email templates that we replace with our own. Others keep allauth's text in our layout.
EMAIL_TEMPLATES = {
    "account/email/email_confirmation": "confirm_email",
    "account/email/email_confirmation_signup": "confirm_email",
    "account/email/login_code": "login_code",
    "account/email/account_already_exists": "account_exists",
    "account/email/unknown_account": "unknown_account",
    "account/email/password_reset_key": "password_reset",
}
# Of these some are kept for the owner of the address, and each contains the link of `known_devices`.
OPEN_ACCOUNTS = {"login_code", "unknown_account", "password_reset"}
# A code that arrives after its time is of no use.
CODE_LIFETIMES = {
    "confirm_email": timedelta(seconds=app_settings.EMAIL_VERIFICATION_BY_CODE_TIMEOUT),
    "login_code": timedelta(seconds=app_settings.LOGIN_BY_CODE_TIMEOUT),
}

# Shown after another email was sent. Both are true whether or not an account uses the address.
RESENT = {
    "account/messages/email_confirmation_sent.txt": _(
        "We’ve sent a new code, unless you already have an account. Use the latest email."
    ),
    "account/messages/login_code_sent.txt": _("We’ve sent a new code if an account uses this address."),
}
# Shown after three wrong codes, by the page that asked for them.
WRONG_CODES = {
    "account_confirm_login_code": _("That was the third wrong code, so it no longer works. Send yourself a new one."),
    "account_email_verification_sent": _(
        "That was the third wrong code, so it no longer works. Log in with a new code to confirm your address."
    ),
}
NO_PASSWORD = {
    Reason.DEVICE: _(
        "Too many wrong passwords were entered in this browser. Log in with a code by email, or try again after "
        "%(time)s."
    ),
    Reason.MAILBOX: _(
        "Many wrong passwords were entered for this address. Until %(time)s, we accept its password only in browsers "
        "that have logged in with it before. In this one, log in with a code by email."
    ),
    Reason.ADDRESS: _(
        "Many wrong passwords were entered from your internet connection. Log in with a code by email, or try again "
        "after %(time)s."
    ),
    Reason.SITE: _(
        "Someone is trying very many passwords on this site. Until %(time)s, we accept passwords only in browsers that "
        "have logged in before. In this one, log in with a code by email."
    ),
}


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _("Wrong email or password."),
        "incorrect_code": _("That code is incorrect. Use the code in the latest email."),
        "too_many_login_attempts": _("Too many attempts. Wait half a minute, then try again."),
        "rate_limited": _("Too many attempts. Please wait a minute."),
    }

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the client address as seen by trusted proxies; an IPv6 /64 counts as one client."""
        address = client_ip(request).partition("/")[0]
        return "0.0.0.0" if address == "unknown" else address  # noqa: S104 - clients without an address share one

    def pre_authenticate(self, request: HttpRequest, **credentials: str) -> None:
        super().pre_authenticate(request, **credentials)
        email = credentials.get("email", "")
        if refusal := budgets.try_password(request, email):
            raise ValidationError(_no_password(refusal), code="too_many_login_attempts")
        even_out_lookup(email)

    def authenticate(self, request: HttpRequest, **credentials: str) -> User | None:
        user: User | None = super().authenticate(request, **credentials)
        if user is not None:
            budgets.password_was_right(request, credentials.get("email", ""))
        return user

    def pre_login(
        self, request: HttpRequest, user: User, *, signal_kwargs: JsonObject | None, **kwargs: object
    ) -> HttpResponse | None:
        """Stop logins, of every kind, to closed accounts, and of staff who must use a provider."""
        response: HttpResponse | None = super().pre_login(request, user, signal_kwargs=signal_kwargs, **kwargs)
        sociallogin = (signal_kwargs or {}).get("sociallogin")
        if response is None and (required := login_refusal(user, sociallogin)):
            return render(request, "subscriptions/provider_required.html", {"required": required}, status=403)
        return response

    def is_reauthentication_required(self, *, app: str, **kwargs: object) -> bool:
        """Ask when our own pages do. allauth's views check this too."""
        return not logged_in_recently(self.request)

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *args: object, **kwargs: object
    ) -> None:
        """Add allauth's message, or ours after a code was sent again or was wrong three times."""
        page = (request.resolver_match.url_name if request.resolver_match else None) or ""
        resent = RESENT.get(message_template or "")
        if resent is not None and request.POST.get("action") == "resend":
            message_template, kwargs["message"] = None, resent
        elif page in WRONG_CODES and kwargs.get("message") == self.error_messages["too_many_login_attempts"]:
            kwargs["message"] = WRONG_CODES[page]
            request.session[FAILED_ADDRESS] = request.session.get(LOGIN_ADDRESS, "")
        super().add_message(request, level, message_template, *args, **kwargs)

    def send_mail(self, template_prefix: str, email: str, context: TemplateContext) -> None:
        """Queue the email in our own layout, with allauth's text where we have none.

        Ours are rendered by the worker, so that the time does not tell which of them an address gets.
        """
        if (template := EMAIL_TEMPLATES.get(template_prefix)) is not None:
            if not budgets.may_send(self.request, email, for_login=template in OPEN_ACCOUNTS):
                raise ImmediateHttpResponse(render(self.request, "429.html", status=429))
            # The page for codes is that of the code sent last.
            self.request.session.pop(SIGN_UP, None)
            self.request.session[LOGIN_ADDRESS] = email
            values = {name: value for name, value in context.items() if isinstance(value, str)}
            expires = (timezone.now() + CODE_LIFETIMES.get(template, LIFETIME)).isoformat()
            enqueue = emails.send_later.enqueue
            transaction.on_commit(partial(enqueue, template=template, to=email, context=values, expires=expires))
            return
        full = {"email": email, "request": self.request, "site_url": settings.SITE_URL, **context}
        if template_prefix == "account/email/email_changed":
            full["undo_url"] = _undo_url(email, context["to_email"])
        subject = render_to_string(f"{template_prefix}_subject.txt", full)
        text = render_to_string(f"{template_prefix}_message.txt", full)
        send_email("account_notice", to=email, context={"subject": " ".join(subject.split()), "text": text.strip()})


def _no_password(refusal: Refusal) -> str:
    """Return what happened and what to do. A code by email has a budget of its own."""
    return NO_PASSWORD[refusal.reason] % {"time": refusal.time}


def _undo_url(old: str, new: str) -> str:
    """Return the address at which the change that was just made can be undone, "" if it cannot."""
    change = EmailChange.objects.filter(old_email=old, new_email=new, undone_at=None).last()
    if change is None:
        return ""
    path = reverse("subscriptions:undo_email_change", args=[email_changes.token_for(change)])
    return f"{settings.SITE_URL}{path}"


class MFAAdapter(DefaultMFAAdapter):
    """Authenticator apps and passkey managers show the publication's name."""

    def get_totp_issuer(self) -> str:
        return get_publication().name

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        entity: dict[str, str] = super().get_public_key_credential_rp_entity()
        return entity | {"name": get_publication().name}


def user_display(user: User) -> str:
    return str(user)


@receiver(password_reset)
def know_browser(sender: type[models.Model], request: HttpRequest, user: User, **kwargs: object) -> None:
    """Let `KnownDeviceMiddleware` remember the browser: a person who opens the emailed link reads the mailbox."""
    request.proven_email = user.email  # type: ignore[attr-defined]


@receiver(email_confirmed)
def set_verified(sender: type[models.Model], email_address: EmailAddress, **kwargs: object) -> None:
    if email_address.primary:
        User.objects.filter(pk=email_address.user_id).update(verified_at=timezone.now())
        add_events(new_event(Kind.READER_CONFIRMED, reader=email_address.user_id))


@receiver(email_changed)
def note_new_address(
    sender: type[models.Model],
    user: User,
    from_email_address: EmailAddress | None,
    to_email_address: EmailAddress,
    **kwargs: object,
) -> None:
    """Clear the verification when the address changes, and record a change that can be undone."""
    if from_email_address is not None and from_email_address.verified:
        email_changes.record_change(user, old=from_email_address.email, new=to_email_address.email)
    verified_at = timezone.now() if to_email_address.verified else None
    User.objects.filter(pk=user.pk).update(verified_at=verified_at)
