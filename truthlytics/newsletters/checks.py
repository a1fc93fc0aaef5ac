"""System checks of senders: what the DNS says about their domains, and whether the mail server's login fits."""

from collections.abc import Iterator, Sequence
from email.utils import parseaddr

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Info, Tags, Warning, register
from django.db import DatabaseError

from truthlytics.newsletters import dns_records
from truthlytics.newsletters.dns_records import NoAnswerError
from truthlytics.newsletters.models import Newsletter
from truthlytics.publication import sender

HINT = "docs/email.md says which records your provider needs."


@register(Tags.security, deploy=True)
def check_sender_domains(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[CheckMessage]:
    """Mailbox providers refuse emails of domains without SPF, DKIM and DMARC, or call them spam.

    Without a network, a resolver or dnspython, it says that it could not look them up.
    """
    if settings.DEBUG or settings.DEMO:
        return []
    domains = {_domain(address) for mailer, address in _senders() if _is_real(mailer)}
    found: list[CheckMessage] = []
    try:
        for domain in sorted(domain for domain in domains if "." in domain):
            found += _missing_records(domain)
    except NoAnswerError as error:
        text = f"The DNS records of {', '.join(sorted(domains))} could not be looked up{error}."
        found.append(Info(text, hint=f"Check them yourself. {HINT}", id="newsletters.I001"))
    return found


@register(Tags.security, deploy=True)
def check_login_domains(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[CheckMessage]:
    """Mail servers refuse or replace senders that do not belong to the login."""
    found: list[CheckMessage] = []
    for mailer, address in sorted(_senders()):
        login = _domain(settings.MAILERS[mailer].get("OPTIONS", {}).get("username", ""))
        if login and _is_real(mailer) and not _belong_together(login, _domain(address)):
            hint = (
                "The server must allow this login to send for the domain, as an alias or a verified domain. "
                "Send a test email in the newsroom (Settings, Email)."
            )
            text = f"Emails from {address} are sent with a login at {login}."
            found.append(Warning(text, hint=hint, id="newsletters.W004"))
    return found


def _senders() -> set[tuple[str, str]]:
    """Return pairs of a mailer and an address that emails are sent from with it."""
    own = "newsletters" if "newsletters" in settings.MAILERS else "default"
    try:
        common = parseaddr(sender())[1]
        addresses = set(Newsletter.objects.values_list("sender_address", flat=True))
    except DatabaseError:  # before the first `migrate`
        common, addresses = parseaddr(settings.DEFAULT_FROM_EMAIL)[1], set()
    return {("default", common), *((own, address or common) for address in addresses)}


def _is_real(mailer: str) -> bool:
    """Whether it sends emails, rather than printing or keeping them."""
    backend: str = settings.MAILERS[mailer]["BACKEND"]
    return backend.startswith("anymail.") or backend.endswith("smtp.EmailBackend")


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower() if "@" in address else ""


def _belong_together(first: str, second: str) -> bool:
    return first == second or first.endswith(f".{second}") or second.endswith(f".{first}")


def _missing_records(domain: str) -> Iterator[CheckMessage]:
    """Yield a warning for each record that `domain` lacks. Raises NoAnswerError."""
    records = dns_records.txt_records(domain)
    if records is None and dns_records.txt_records(domain.rpartition(".")[2]) is None:
        # The resolver of a closed network, which knows no public names.
        raise NoAnswerError
    spf = [text for text in records or [] if text.lower().split(" ")[0] == "v=spf1"]
    if not spf:
        hint = f"{HINT} None is needed if the provider’s own domain is the sender of the envelope."
        yield Warning(f"The sender’s domain {domain} has no SPF record.", hint=hint, id="newsletters.W001")
    elif len(spf) > 1:
        text = f"The sender’s domain {domain} has {len(spf)} SPF records, so that none counts."
        yield Warning(text, hint="Merge them to one.", id="newsletters.W005")
    # The names of the keys are known to the provider only. But if there is one, the name above it exists.
    if dns_records.txt_records(f"_domainkey.{domain}") is None:
        text = f"The sender’s domain {domain} has no DKIM key: there is nothing below _domainkey.{domain}."
        yield Warning(text, hint=HINT, id="newsletters.W002")
    labels = domain.split(".")
    # The record of a domain is that of its subdomains too.
    above = [".".join(labels[start:]) for start in range(max(len(labels) - 1, 1))]
    if not any(_has_dmarc(name) for name in above):
        yield Warning(f"The sender’s domain {domain} has no DMARC record.", hint=HINT, id="newsletters.W003")


def _has_dmarc(domain: str) -> bool:
    return any(text.lower().startswith("v=dmarc1") for text in dns_records.txt_records(f"_dmarc.{domain}") or [])
