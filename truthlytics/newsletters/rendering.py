"""Rendering of issues: each variant once, then the message to each reader with their own links."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.utils import formataddr, parseaddr
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit
from uuid import uuid5

from django.conf import settings
from django.core import signing
from django.db.models import Prefetch, prefetch_related_objects
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.encoding import punycode
from django.utils.translation import gettext as _

from articles.access import Decision, Level, decide
from articles.media.html import ResponsiveImage
from articles.media.renditions import responsive_image
from articles.models import Article, Version
from articles.models.version_log import VersionLogEntry
from articles.presenters.responsibility import head_of
from articles.presenters.sources import ShownSource, shown_sources
from articles.seo.meta import absolute_url
from articles.services.item_types.base import image_texts
from articles.services.publishing import NotReadyError
from subscriptions.access import Access
from subscriptions.offers import cheapest_prices
from truthlytics.newsletters.campaigns import campaign_of
from truthlytics.newsletters.email_html import COLUMN, FILE_WIDTH, THUMBNAIL, THUMBNAIL_FILE_WIDTH, for_email, plain
from truthlytics.newsletters.letters import image_problems, letter_content, letter_html
from truthlytics.newsletters.models import Address, Delivery, Issue, IssueArticle, Newsletter, Variant
from truthlytics.newsletters.return_address import return_address
from truthlytics.publication import get_publication, sender
from truthlytics.publication.language import site_language
from truthlytics.publication.mail import Email, unsubscribe_headers
from truthlytics.web.lazy_import import LazyModule
from truthlytics.web.types import JsonObject, TemplateContext

if TYPE_CHECKING:
    import css_inline
else:
    # Processes that send no newsletters do not need it.
    css_inline = LazyModule("css_inline")

SALT = "truthlytics.newsletters"


class Personal(NamedTuple):
    """What differs between the emails of a variant."""

    delivery: Delivery
    address: Address

    @property
    def token(self) -> str:
        return token_of(self.address.uuid.hex, self.delivery.issue_id)


def token_mark(issue: Issue) -> str:
    """Return what is in the place of a reader's token, with which every link of their own ends.

    It cannot be guessed, so that no link in an article can get the token.
    """
    return f"reader-{issue.uuid.hex}"


def token_of(address: str, issue_id: int | None = None) -> str:
    """Return the signed part of a reader's own links: the UUID of their address and the issue. It does not expire."""
    return signing.dumps([address, issue_id], salt=SALT)


def read_token(token: str) -> tuple[Address, int | None] | None:
    """Return the address and the id of the issue that `token` is for; None if it is invalid or the address is gone."""
    try:
        uuid, issue_id = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        return None
    address = Address.objects.filter(uuid=uuid).first()
    return (address, issue_id) if address is not None else None


@dataclass(frozen=True)
class IssueArticleView:
    """An article in an issue as readers of `level` see it."""

    version: Version
    level: int
    is_full: bool
    now: datetime
    campaign: str
    sentence: str = ""

    @property
    def url(self) -> str:
        return f"{settings.SITE_URL}{self.version.article.get_absolute_url()}"

    @cached_property
    def decision(self) -> Decision:
        return decide(self.version, Access(level=self.level, may_comment=False, reason=""))

    @property
    def may_read(self) -> bool:
        return bool(self.decision.allowed)

    @cached_property
    def paid(self) -> TemplateContext:
        """The gated part, fetched only for readers with access to it."""
        if not self.may_read:
            return {"paid_html": "", "paid_notes": "", "paid_sources": []}
        return dict(Version.objects.filter(pk=self.version.pk).values("paid_html", "paid_notes", "paid_sources").get())

    @property
    def html(self) -> str:
        return for_email(f"{self.version.free_html}\n{self.paid['paid_html']}", url=self.url, campaign=self.campaign)

    @property
    def notes(self) -> str:
        notes = self.paid["paid_notes"] if self.paid["paid_html"] else self.version.free_notes
        return for_email(f"<ol>{notes}</ol>", url=self.url, campaign=self.campaign) if notes else ""

    @property
    def sources(self) -> list[ShownSource]:
        return shown_sources([*self.version.free_sources, *self.paid["paid_sources"]])

    @property
    def corrections(self) -> list[VersionLogEntry]:
        """The corrections, clarifications and updates that are in effect, newest first. For an article in full."""
        return self.version.article.version_log(self.now).in_effect

    @property
    def offers(self) -> Iterable[object]:
        return (
            () if self.may_read or self.decision.reason == "register" else cheapest_prices(self.version.required_level)
        )

    @property
    def lead(self) -> JsonObject | None:
        """The lead image, as wide as the text."""
        return _picture(self.version.head["lead"])

    @property
    def thumbnail(self) -> JsonObject | None:
        """The lead image, small, beside a teaser."""
        return _picture(self.version.head["lead"], THUMBNAIL, THUMBNAIL_FILE_WIDTH)


def _picture(details: JsonObject | None, width: int = COLUMN, file_width: int = FILE_WIDTH) -> JsonObject | None:
    """Return the address, size, alt text, caption and credit of an image, `width` CSS px wide at most.

    Its file has `file_width` px at most. None if there is no image, or no size of it is made.
    """
    image = ResponsiveImage.from_json(details).up_to(file_width) if details else None
    if details is None or image is None or not image.largest:
        return None
    shown = min(width, image.width)
    height = round(image.height * shown / image.width)
    sizes = {"shown_width": shown, "shown_height": height}
    return {**details, "src": absolute_url(image.largest), "ai_label": image.ai_label, **sizes}


def _header(newsletter: Newsletter) -> JsonObject | None:
    image = newsletter.header
    if image is None:
        return None
    return _picture({**image_texts([image])[str(image.uuid)], "caption": "", **responsive_image(image).as_json()})


def render_variants(issue: Issue, now: datetime) -> list[Variant]:
    """Render every variant of `issue` and set the version of each of its articles. Nothing is saved.

    Raises NotReadyError if an article is no longer public, a digest has none, or an image cannot be shown.
    """
    if problems := image_problems(issue):
        raise NotReadyError(problems)
    versions = _versions(issue, now)
    gated = {version.required_level for version in versions if issue.kind == Issue.Kind.ARTICLE}
    with site_language():
        return [_render(issue, versions, level, now) for level in sorted({int(Level.EVERYONE), *gated})]


def _versions(issue: Issue, now: datetime) -> list[Version]:
    # So that `issue.articles` has the versions too.
    prefetch_related_objects([issue], Prefetch("articles", IssueArticle.objects.select_related("article")))
    rows = issue.articles.all()
    articles = {
        article.pk: article for article in Article.objects.published(now).filter(newsletter_issues__issue=issue)
    }
    versions = []
    for row in rows:
        article = articles.get(row.article_id)
        if article is None:
            raise NotReadyError([_("“%(article)s” is not public.") % {"article": row.article}])
        version = article.served(now)
        version.article = article
        row.version = version
        versions.append(version)
    if not versions and issue.kind != Issue.Kind.LETTER:
        raise NotReadyError([_("There is no article in it.")])
    return versions


def _render(issue: Issue, versions: list[Version], level: int, now: datetime) -> Variant:
    is_full = issue.kind == Issue.Kind.ARTICLE
    publication, campaign = get_publication(), campaign_of(issue)
    context = {
        "issue": issue,
        "newsletter": issue.newsletter,
        "title": "" if is_full else issue.title_above(versions[0].headline if versions else ""),
        "page_url": f"{settings.SITE_URL}{issue.get_absolute_url()}" if issue.slug else "",
        "publication": publication,
        "site_url": settings.SITE_URL,
        "articles": [
            IssueArticleView(version, level, is_full, now, campaign, row.sentence)
            for row, version in zip(issue.articles.all(), versions, strict=True)
        ],
        "shows_pictures": issue.kind == Issue.Kind.DIGEST and issue.newsletter.shows_pictures,
        "header": _header(issue.newsletter),
        "head": head_of(letter_content(issue)),
        "introduction": for_email(letter_html(issue), url=f"{settings.SITE_URL}/", campaign=campaign),
        "campaign": campaign,
        "leave_url": f"{settings.SITE_URL}{reverse('newsletters:leave', args=[token_mark(issue)])}",
        "choices_url": f"{settings.SITE_URL}{reverse('newsletters:choices', args=[token_mark(issue)])}",
    }
    html = css_inline.inline(render_to_string("newsletters/email/issue.html", context), keep_style_tags=True)
    text = render_to_string("newsletters/email/issue.txt", context | {"plain": plain})
    return Variant(issue=issue, level=level, html=html, text=text)


def message_for(variant: Variant, personal: Personal) -> Email:
    """Return the email of `variant` to one reader."""
    issue, token, from_address = variant.issue, personal.token, sender_of(variant.issue)
    domain = parseaddr(from_address)[1].rpartition("@")[2]
    one_click = f"{settings.SITE_URL}{reverse('newsletters:leave_at_once', args=[token])}"
    headers = {
        **unsubscribe_headers(one_click),
        # The same for every attempt, by which mail servers recognise what they have already accepted.
        "Message-ID": f"<{issue.uuid.hex}.{personal.delivery.pk}@{punycode(domain)}>",
        "List-ID": f"<{issue.newsletter.slug}.{urlsplit(settings.SITE_URL).hostname}>",
        "Precedence": "bulk",
    }
    envelope_sender = return_address(personal.delivery.pk)
    if envelope_sender:
        # The sender of the envelope, to which mail servers report, differs from that which readers see.
        headers["From"] = from_address
    reply_to = issue.newsletter.reply_to or get_publication().contact_email
    message = Email(
        " ".join(issue.subject.split()),
        variant.text.replace(token_mark(issue), token),
        envelope_sender or from_address,
        [personal.address.email],
        headers=headers,
        reply_to=[reply_to] if reply_to else None,
    )
    message.key = str(uuid5(issue.uuid, str(personal.delivery.pk)))
    # Providers repeat it in their reports.
    message.metadata = {"delivery": str(personal.delivery.pk)}  # type: ignore[attr-defined]
    message.attach_alternative(variant.html.replace(token_mark(issue), token), "text/html")
    return message


def sender_of(issue: Issue) -> str:
    """Return the sender of an issue: that of its newsletter, else that of all emails."""
    name, address = parseaddr(sender())
    name = " ".join((issue.newsletter.sender_name or name).split())
    return formataddr((name, issue.newsletter.sender_address or address))
