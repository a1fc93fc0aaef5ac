"""The newsroom: Django's admin with its own front door, its own policy and a desk in place of an index."""

from collections.abc import Callable
from typing import Any, cast

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, path, reverse
from django.utils import timezone
from django.utils.csp import CSP
from django.utils.decorators import method_decorator

from truthlytics.newsroom import views as palette
from truthlytics.newsroom.inbox import waiting_for
from truthlytics.newsroom.statistics import numbers_for
from truthlytics.web.form_recovery import DISCARD_FIELD, discard_form, save_form, saved_fields
from truthlytics.web.ids import parse_id

# The public policy plus nonces (Django's own admin pages carry them) and the editor's one style by its hash.
ADMIN_CSP: dict[str, Any] = settings.SECURE_CSP | {
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF, CSP.NONCE, settings.EDITOR_STYLE],
    "img-src": [*settings.SECURE_CSP["img-src"], "data:"],
    "frame-src": [CSP.SELF],
}
METHODS = ("GET", "HEAD", "POST")

# Name, address, and the model that one must be allowed to see for the room to be there. Those of every day come first,
# and stand in the header; the others one step behind it.
ROOMS = [
    ("Articles", "admin:articles_article_changelist", "articles.article"),
    ("Calendar", "admin:calendar", "articles.article"),
    ("Front page", "admin:front", "articles.homepageedition"),
    ("Media", "admin:articles_image_changelist", "articles.image"),
    ("Comments", "admin:comments_comment_changelist", "comments.comment"),
    ("Orders", "admin:subscriptions_order_changelist", "subscriptions.order"),
    ("People", "admin:subscriptions_user_changelist", "subscriptions.user"),
    ("Documents", "admin:articles_document_changelist", "articles.document"),
    ("Recordings", "admin:articles_recording_changelist", "articles.recording"),
    ("Dossiers", "admin:articles_dossier_changelist", "articles.dossier"),
    ("Series", "admin:articles_series_changelist", "articles.series"),
    ("Sections", "admin:articles_section_changelist", "articles.section"),
    ("Topics", "admin:articles_topic_changelist", "articles.topic"),
    ("Authors", "admin:articles_author_changelist", "articles.author"),
    ("Pages", "admin:articles_page_changelist", "articles.page"),
    ("Menus", "admin:menus", "articles.menuedition"),
    ("Old addresses", "admin:articles_redirect_changelist", "articles.redirect"),
    ("Threads", "admin:comments_thread_changelist", "comments.thread"),
    ("Plans", "admin:subscriptions_plan_changelist", "subscriptions.plan"),
    ("Prices", "admin:subscriptions_price_changelist", "subscriptions.price"),
    ("Tiers", "admin:subscriptions_tier_changelist", "subscriptions.tier"),
    ("Subscriptions", "admin:subscriptions_subscription_changelist", "subscriptions.subscription"),
    ("Grants", "admin:subscriptions_grant_changelist", "subscriptions.grant"),
    ("Payments", "admin:subscriptions_payment_changelist", "subscriptions.payment"),
    ("Audit", "admin:truthlytics_auditentry_changelist", "truthlytics.auditentry"),
]
EVERY_DAY = 7


class NewsroomSite(admin.AdminSite):
    site_header = "Truthlytics"
    site_title = "Truthlytics newsroom"
    index_title = "The desk"
    index_template = "admin/dashboard.html"
    enable_nav_sidebar = False

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:
        """The one place through which every page of the newsroom goes: who may enter, and the policy."""
        guarded: Callable[..., HttpResponseBase] = super().admin_view(view, cacheable)

        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method not in METHODS:
                # Django's own pages take whatever is no POST for a question.
                return HttpResponseNotAllowed(METHODS)
            if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
                raise BadRequest("No address of the newsroom holds a null character.")
            if request.method == "POST":
                if not request.user.is_authenticated:
                    # The log-in ended while somebody wrote: it comes back once they are. A script keeps its own.
                    if request.accepts("text/html"):
                        save_form(request)
                else:
                    discard_form(request)
                    if DISCARD_FIELD in request.POST:
                        return redirect(request.path)
            elif self.has_permission(request) and (fields := saved_fields(request)):
                context = self.each_context(request) | {
                    "title": "Your text is kept",
                    "fields": fields,
                    "drop": DISCARD_FIELD,
                }
                return TemplateResponse(request, "admin/form_recovery.html", context)
            if request.method == "POST" and any(
                parse_id(pk) is None for pk in request.POST.getlist(ACTION_CHECKBOX_NAME)
            ):
                raise BadRequest("What was chosen in the list is no row of it.")
            return guarded(request, *args, **kwargs)

        def policed(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            response = inner(request, *args, **kwargs)
            # A page that may be shown in a frame has said so itself.
            response._csp_config = getattr(response, "_csp_config", ADMIN_CSP)  # type: ignore[attr-defined]
            return response

        return policed

    @method_decorator(secure_admin_login)
    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The house's own log-in; a reader without a place in the newsroom gets 403 rather than a loop."""
        return redirect("admin:index")

    def get_urls(self) -> list[Any]:
        """With our own `r/…`: Django's tells any member the address of any row, a draft's or an order's.

        `get_site_urls` are what a room has at an address of its own.
        """
        own = path("r/<int:content_type_id>/<int:object_id>/", self.admin_view(self.view_on_site), name="view_on_site")
        rooms = [
            url for room in self._registry.values() if hasattr(room, "get_site_urls") for url in room.get_site_urls()
        ]
        return [
            own,
            *palette.paths(self),
            *rooms,
            *(url for url in super().get_urls() if getattr(url, "name", None) != "view_on_site"),
        ]

    def view_on_site(self, request: HttpRequest, content_type_id: int, object_id: int) -> HttpResponse:
        """To the public address of what this member may see here; 404 for everything else."""
        content_type = ContentType.objects.filter(pk=content_type_id).first()
        model = content_type.model_class() if content_type else None
        room = self._registry.get(model) if model else None
        if room is None or not room.has_view_permission(request):
            raise Http404("There is no such room.")
        found = get_object_or_404(room.get_queryset(request), pk=object_id)
        if not hasattr(found, "get_absolute_url"):
            raise Http404("It has no address.")
        return redirect(found)

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return redirect("account_change_password")

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context = super().each_context(request)
        rooms = rooms_of(request) if context["has_permission"] else []
        room = next((room["name"] for room in rooms if room["here"]), "")
        return context | {"rooms": rooms, "room": room, "more_rooms": [room for room in rooms if not room["daily"]]}

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        user, now = cast(Any, request.user), timezone.now()
        return super().index(request, waiting_for(user, now) | numbers_for(user, now) | (extra_context or {}))


def rooms_of(request: HttpRequest) -> list[dict[str, Any]]:
    """The rooms that this member of the newsroom may enter; a room whose model no app has registered is not there."""
    rooms = []
    for place, (name, address, model) in enumerate(ROOMS):
        app, label = model.split(".")
        if request.user.has_perm(f"{app}.view_{label}") or request.user.has_perm(f"{app}.change_{label}"):
            try:
                url = reverse(address)
            except NoReverseMatch:
                continue
            here = request.path.startswith(url)
            rooms.append({"name": name, "url": url, "here": here, "daily": place < EVERY_DAY})
    return rooms if len(rooms) > EVERY_DAY else [room | {"daily": True} for room in rooms]
