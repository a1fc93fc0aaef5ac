"""The dashboard's list of pending work, as far as the user may see it. The number of queries is constant."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, OuterRef, Prefetch, QuerySet, Subquery, When, prefetch_related_objects
from django.utils import timezone

from articles.models import Article, Byline, ErrorReport, Remark, Source, Version
from articles.models.articles import UNLISTED_TEXTS
from articles.services.standard_pages import missing_required_pages, unfinished_standard_pages
from articles.workflow.stages import Stage, WorkflowAction
from comments.models.comments import can_moderate
from comments.models.queue import Tab, queue_counts
from comments.services import appeals
from subscriptions.models import Declaration, NameChange, Order, Payment, Price, Refund, Subscription
from subscriptions.services.checkout_failures import unsolved_failures
from truthlytics.backups import schedule
from truthlytics.contact.models import Message
from truthlytics.jobs import problems
from truthlytics.newsroom import selling
from truthlytics.publication import get_publication
from truthlytics.server.health import find_disk_problem
from truthlytics.transparency.problems import find_problems
from truthlytics.web.types import TemplateContext
from truthlytics.web.users import User

MAX_ROWS = 6
MAX_JUST_PUBLISHED = 3
RELATED = ("section", "assignee")
SENT_BACK_FIRST = Case(When(stage=Stage.DRAFT, last_action=WorkflowAction.RETURNED, then=0), default=1)


def inbox_for(user: User, now: datetime) -> dict[str, object]:
    """Return the context of the dashboard's main column: articles, comments and payments."""
    inbox: dict[str, object] = {"now": now, "today": timezone.localdate(now), "disk_problem": find_disk_problem()[0]}
    if user.has_perm("articles.view_article"):
        inbox |= _articles(user, now)
    if user.has_perm("articles.view_errorreport"):
        reports = list(ErrorReport.objects.waiting().with_headline()[: MAX_ROWS + 1])
        inbox |= {"error_reports": reports[:MAX_ROWS], "more_error_reports": len(reports) > MAX_ROWS}
    if user.has_perm("articles.view_page"):
        inbox["unfinished_pages"] = unfinished_standard_pages()
        has_prices = Price.objects.filter(archived_at=None, plan__archived_at=None).exists()
        inbox["missing_pages"] = missing_required_pages() if has_prices else []
    if user.has_perm("articles.view_source"):
        inbox["sources_gone"] = Source.objects.gone().count()
    if can_moderate(user):
        inbox["moderates"] = True
        counts = queue_counts()
        inbox["comments_to_review"], inbox["comments_reported"] = counts[Tab.ALL], counts[Tab.REPORTED]
        inbox["appeals_waiting"] = appeals.open_appeals_for(user)
    if user.has_perm("truthlytics.change_message"):
        inbox["messages_waiting"] = Message.objects.waiting().count()
    if user.has_perm("subscriptions.review_namechange"):
        inbox["names_waiting"] = NameChange.objects.count()
    if user.has_perm("subscriptions.view_order"):
        inbox["payments"] = _payments(now)
    if user.has_perm("subscriptions.change_declaration"):
        inbox["declarations_waiting"] = Declaration.objects.waiting().count()
    if user.has_perm("truthlytics.change_publication"):
        waits = get_publication().selling_waits_since is not None and Price.objects.exists()
        inbox["selling_waits_for"] = [item for item in selling.items() if not item.is_done] if waits else []
        inbox["selling_waits"] = waits
        inbox["backup_problem"] = schedule.find_problem(now)[1]
        inbox["record_problems"] = find_problems(now)
        inbox["job_problems"] = problems.sentences()
    return inbox


def _articles(user: User, now: datetime) -> dict[str, object]:
    editor = user.has_perm("articles.publish_article")
    visible = Article.objects.all() if editor else Article.objects.filter(pk__in=_ids(Article.objects.visible_to(user)))
    unfinished = _rows(visible.to_be_finished_by(user).most_urgent_first(SENT_BACK_FIRST))
    groups: dict[str, list[Article]] = {
        "sent_back": [article for article in unfinished if _was_sent_back(article)],
        "yours": [article for article in unfinished if not _was_sent_back(article)],
    }
    in_review = visible.in_review().exclude(pk__in=[article.pk for article in unfinished])
    groups["review"] = _rows(in_review.most_urgent_first())
    if editor:
        groups["ready"] = _rows(visible.ready().most_urgent_first())
        groups["scheduled"] = _rows(visible.filter(upcoming_at__gt=now).order_by("upcoming_at", "pk"))
    _prefetch_bylines(article for rows in groups.values() for article in rows)
    context: TemplateContext = {name: rows[:MAX_ROWS] for name, rows in groups.items()}
    context["truncated"] = {name for name, rows in groups.items() if len(rows) > MAX_ROWS}
    if len(unfinished) > MAX_ROWS:
        context["truncated"].add("yours")
    context["may_write"] = user.has_perm("articles.add_article")
    context["is_editor"] = editor
    context["external_remarks"] = _external_remarks(None if editor else visible)
    if editor:
        public = Article.objects.published(now).with_versions().order_by("-published_at", "-pk")
        seen = Version.objects.was_public(now).filter(article=OuterRef("pk")).order_by().values("article")
        public = public.annotate(number=Subquery(seen.annotate(count=Count("pk")).values("count")))
        context["just_published"] = [article.as_served(now) for article in public[:MAX_JUST_PUBLISHED]]
    return context


def _external_remarks(visible: QuerySet[Article] | None) -> list[Remark]:
    """Return the unanswered remarks by readers of share links, limited to the `visible` articles."""
    remarks = Remark.objects.unanswered_from_outside().select_related("article")
    if visible is not None:
        remarks = remarks.filter(article__in=_ids(visible))
    return list(remarks.defer(*(f"article__{name}" for name in UNLISTED_TEXTS))[:MAX_ROWS])


def _was_sent_back(article: Any) -> bool:
    return bool(article.stage == Stage.DRAFT and article.last_action == WorkflowAction.RETURNED)


def _rows(articles: QuerySet[Article]) -> list[Article]:
    return list(articles.select_related(*RELATED).defer(*UNLISTED_TEXTS)[: MAX_ROWS + 1])


def _ids(articles: QuerySet[Article]) -> QuerySet[Article, Any]:
    return articles.order_by().values("pk")


def _prefetch_bylines(articles: Iterable[Article]) -> None:
    rows = list(articles)
    if rows:
        prefetch_related_objects(rows, Prefetch("bylines", Byline.objects.select_related("author")))


def _payments(now: datetime) -> dict[str, object]:
    """Return the payments that need attention, and the numbers of transfers and answers of providers to wait for."""
    payments = Payment.objects.needing_attention().select_related("order", "user").order_by("-recorded_at", "-pk")
    work = {
        "checkout_failures": unsolved_failures(now),
        "needing_attention": list(payments[:MAX_ROWS]),
        "transfers": Order.objects.awaiting_transfer().count(),
        "refunds": Refund.objects.awaiting_transfer().count(),
        "unconfirmed": Subscription.objects.unconfirmed().count(),
    }
    return work | {"is_empty": not any(work.values())}
