"""The email with the statistics of a week, to members of the newsroom who have turned it on."""

from datetime import datetime, time, timedelta

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.urls import reverse
from django.utils import timezone

from articles.models import ReadCount
from subscriptions.models import EmailKind, EmailOptIn, SentEmail, User
from truthlytics.newsroom.readership import access
from truthlytics.newsroom.readership.periods import Period, Unit
from truthlytics.newsroom.readership.report import report
from truthlytics.publication.language import site_language
from truthlytics.publication.mail import send_email, unsubscribe_headers
from truthlytics.statistics import source_figures
from truthlytics.statistics.figures import most_read, with_articles
from truthlytics.statistics.models import SourceDay

EMAIL = "weekly_statistics"
SALT = "truthlytics.weekly_statistics"
# On Mondays, in the publication's time zone.
SENT_AT = time(7)
MAX_ARTICLES = 5


def send_due(now: datetime) -> int:
    """Email the statistics of last week to all who want and may see them. Returns how many emails.

    Safe to run twice, concurrently or late: a unique key allows one email for each user and week, in a transaction of
    its own.
    """
    local = timezone.localtime(now)
    week = Period.around(local.date() - timedelta(days=7), Unit.WEEK)
    if local.weekday() == 0 and local.time() < SENT_AT:
        return 0
    return sum(_send(choice.user, week, now) for choice in list(_choices(week)))


def _choices(week: Period) -> QuerySet[EmailOptIn]:
    """Return the choices of those who turned this email on before the week was over, and have not got it yet."""
    over = timezone.make_aware(datetime.combine(week.after.first, time()))
    key = Concat(Value(f"{week.first}:"), Cast(OuterRef("user"), CharField()))
    sent = SentEmail.objects.filter(kind=EMAIL, key=key)
    choices = EmailOptIn.objects.filter(~Exists(sent), kind=EmailKind.STATISTICS, since__lt=over)
    return choices.filter(user__is_active=True, user__is_staff=True).select_related("user").order_by("pk")


@transaction.atomic
def _send(user: User, week: Period, now: datetime) -> bool:
    """Email `user`. Returns False if they may not see the statistics, or another process has emailed them."""
    if not access.may_see_all(user):
        return False
    key = f"{week.first}:{user.pk}"
    sent, created = SentEmail.objects.get_or_create(kind=EMAIL, key=key, defaults={"user": user, "sent_at": now})
    if created:
        language, stop_url = user.newsroom_language, _url("statistics_emails:stop", token_of(user))
        context = _context(week, now, language) | {
            "reader": user,
            "stop_url": stop_url,
            "choices_url": _url("subscriptions:emails"),
        }
        headers = unsubscribe_headers(f"{stop_url}one-click/")
        subject = send_email(EMAIL, to=user.email, context=context, language=language, headers=headers)
        sent.subject = subject[:200]
        sent.save(update_fields=["subject"])
    return created


def _context(week: Period, now: datetime, language: str) -> dict[str, object]:
    """Return what the email says of `week`, in `language`."""
    rows = ReadCount.objects.all()
    with site_language(language):
        shown = report(rows, week, now)
        found = source_figures.sources(SourceDay.objects.all(), week.first, week.last, MAX_ARTICLES)
        return {
            "period": week,
            "figures": shown.total,
            "sentence": shown.sentence,
            "most_read": with_articles(most_read(rows, week.first, week.last, MAX_ARTICLES)),
            "sources": [(row.label, row.people, row.share) for row in found.kinds] if found else [],
            "names": [(row.name, row.people) for row in found.names] if found else [],
            "url": f"{_url('admin:statistics')}?{week.query}",
        }


def _url(name: str, *arguments: str) -> str:
    return f"{settings.SITE_URL}{reverse(name, args=arguments)}"


def token_of(user: User) -> str:
    """Return the signed part of the link that turns these emails off. It does not expire."""
    return signing.dumps(user.pk, salt=SALT)


def user_of_token(token: str) -> User | None:
    """Return whom `token` belongs to; None if it is invalid or the account was deleted."""
    try:
        return User.objects.filter(pk=signing.loads(token, salt=SALT), is_active=True).first()
    except signing.BadSignature:
        return None


def wants_emails(user: User) -> bool:
    return EmailOptIn.objects.filter(user=user, kind=EmailKind.STATISTICS).exists()


def stop(user: User) -> None:
    """Send `user` no more of these emails. Safe to repeat."""
    EmailOptIn.objects.filter(user=user, kind=EmailKind.STATISTICS).delete()
