"""Following the comments on an article, and the reader's list of followed and muted articles."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from articles.access import ReaderRequest, decide
from articles.models import Article
from articles.views.decorators import gone_if_withdrawn
from comments.models import Follow, Mute
from truthlytics.web.cursor_pagination import page
from truthlytics.web.rate_limits import allow

SIZE = 30
# The page shows at most this many. The others appear as these are unmuted.
MAX_MUTED = 100


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@gone_if_withdrawn(Article)
def following(request: ReaderRequest, slug: str) -> HttpResponse:
    """POST follows the comments on the article; GET asks, or shows that the reader follows them."""
    now = timezone.now()
    article = get_object_or_404(Article.objects.published(now).with_versions().exclude(thread__is_off=True), slug=slug)
    version = article.as_served(now)
    allowed = decide(version, request.access).allowed
    status = 200
    if request.method == "POST":
        if not allowed:
            status = 403
        elif not allow(request, "follow", per_account=200, per_address=600, seconds=3600):
            messages.error(request, _("You have followed many articles in the last hour. Please try again later."))
            status = 429
        else:
            Follow.objects.get_or_create(user=request.user, article=article)
            Mute.objects.filter(user=request.user, article=article).delete()
            return redirect("comments:following", slug)
    muted = Mute.objects.filter(user=request.user, article=article).exists()
    context = {
        "article": article,
        "version": version,
        "allowed": allowed,
        "follows": not muted and Follow.objects.filter(user=request.user, article=article).exists(),
        "muted": muted,
        "off": request.user.email_opt_outs.filter(kind="followed").exists(),
        "verified": request.user.verified_at is not None,
    }
    return render(request, "comments/following.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def unfollow(request: ReaderRequest, slug: str) -> HttpResponse:
    """POST stops following, also of articles that are no longer available. GET redirects to the list."""
    if request.method == "POST":
        get_object_or_404(Follow, user=request.user, article__slug=slug).delete()
        messages.success(request, _("You no longer follow this article."))
        if "back" in request.POST:
            return redirect("comments:following", slug)
    return redirect("comments:followed")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def unmute_article(request: ReaderRequest, slug: str) -> HttpResponse:
    """POST turns emails about comments on the article on again. GET redirects to the list."""
    if request.method == "POST":
        get_object_or_404(Mute, user=request.user, article__slug=slug).delete()
        messages.success(request, _("You get emails about comments on this article again."))
    return redirect("comments:followed")


@require_safe
@login_required
def followed(request: ReaderRequest) -> HttpResponse:
    """List the articles that the reader follows and those they muted. Three queries for any number."""
    now, after = timezone.now(), request.GET.get("after", "")
    follows = Follow.objects.filter(user=request.user).select_related("article")
    found = page(follows.only("created_at", "article__slug"), after=after, size=SIZE, time="created_at", tie="id")
    mutes = Mute.objects.filter(user=request.user).select_related("article").order_by("-created_at", "-pk")
    muted = list(mutes.only("created_at", "article__slug")[:MAX_MUTED])
    ids = {row.article_id for row in found.items} | {row.article_id for row in muted}
    versions = {row.pk: row.as_served(now) for row in Article.objects.listed(now).filter(pk__in=ids)}
    context = {
        "page": found,
        "after": after,
        "followed": [(row, versions.get(row.article_id)) for row in found.items],
        "muted": [(row, versions.get(row.article_id)) for row in muted],
    }
    return render(request, "comments/followed.html", context)
