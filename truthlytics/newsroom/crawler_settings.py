"""The page Settings → Crawlers: what they may do, trust.txt, agents that sign, and what each has fetched."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from truthlytics.audit.log import AuditEntry, log_action, log_changes, snapshot
from truthlytics.crawlers.files import robots_txt, trust_txt
from truthlytics.crawlers.models import DAYS, CrawlerDay, SignedAgent
from truthlytics.newsroom.crawler_forms import RulesForm, SignedAgentForm, TrustForm
from truthlytics.newsroom.record_settings import check_permission
from truthlytics.newsroom.settings_admin import PartAdmin
from truthlytics.newsroom.settings_pages import settings_pages
from truthlytics.publication.current import publication_changed
from truthlytics.publication.models import Publication
from truthlytics.publication.proxies import CrawlerSettings
from truthlytics.web.users import user_of

PAGE = "admin:truthlytics_crawlersettings_changelist"


class CrawlerAdmin(PartAdmin):
    """Settings → Crawlers. It shows several forms instead of one of the row."""

    title = gettext_lazy("Crawlers")
    page_name = gettext_lazy("Crawlers")

    def get_urls(self) -> list[URLPattern]:
        return [
            self.view_path("", show, "changelist"),
            self.view_path("rules/", change_rules, "change_rules"),
            self.view_path("rules/preview/", preview_rules, "preview_rules"),
            self.view_path("trust/", change_trust, "change_trust"),
            self.view_path("agents/", add_agent, "add_agent"),
            self.view_path("agents/<int:pk>/keys/", fetch_keys, "fetch_keys"),
            self.view_path("agents/<int:pk>/removal/", remove_agent, "remove_agent"),
        ]

    def page(
        self,
        request: HttpRequest,
        rules: RulesForm | None = None,
        trust: TrustForm | None = None,
        agent: SignedAgentForm | None = None,
        status: int = 200,
    ) -> HttpResponse:
        """Render the page. `rules`, `trust` and `agent` are forms that were refused or are not saved."""
        row, today = _row(), timezone.localdate()
        shown = request.GET.get("crawler", "")
        rules = rules or RulesForm(instance=row)
        context = self.view_context(
            request,
            title=self.title,
            pages=settings_pages(self),
            rules=rules,
            robots=robots_txt(rules.instance),
            is_preview=rules.is_bound and rules.is_valid(),
            trust=trust or TrustForm(row=row),
            trust_file=trust_txt(row),
            agents=SignedAgent.objects.all(),
            agent_form=agent or SignedAgentForm(),
            totals=CrawlerDay.objects.totals(today),
            days_shown=DAYS,
            shown=shown,
            days=CrawlerDay.objects.of(shown, today) if shown else [],
        )
        return TemplateResponse(request, "admin/truthlytics/crawlers.html", context, status=status)


def _row() -> CrawlerSettings:
    """Return the row of the settings, with the defaults if none is stored yet."""
    return CrawlerSettings.objects.first() or CrawlerSettings()


def _stored_row() -> CrawlerSettings:
    Publication.objects.get_or_create(pk=1)
    return CrawlerSettings.objects.get(pk=1)


@require_safe
def show(request: HttpRequest, *, admin: CrawlerAdmin) -> HttpResponse:
    check_permission(request)
    return admin.page(request)


@require_POST
def preview_rules(request: HttpRequest, *, admin: CrawlerAdmin) -> HttpResponse:
    """Show what robots.txt would be. Saves nothing."""
    check_permission(request)
    form = RulesForm(request.POST, instance=_row())
    return admin.page(request, form, status=200 if form.is_valid() else 422)


@require_POST
def change_rules(request: HttpRequest, *, admin: CrawlerAdmin) -> HttpResponse:
    check_permission(request)
    form = RulesForm(request.POST, instance=_stored_row())
    if not form.is_valid():
        return admin.page(request, form, status=422)
    with log_changes([Publication.objects.get(pk=1)], by=user_of(request)):
        form.save()
    admin.message_user(request, _("Your settings are saved and live."), messages.SUCCESS)
    return redirect(PAGE)


@require_POST
def change_trust(request: HttpRequest, *, admin: CrawlerAdmin) -> HttpResponse:
    check_permission(request)
    form = TrustForm(request.POST, row=_stored_row())
    if not form.is_valid():
        return admin.page(request, trust=form, status=422)
    with log_changes([Publication.objects.get(pk=1)], by=user_of(request)):
        form.save()
    admin.message_user(request, _("Your settings are saved and live."), messages.SUCCESS)
    return redirect(PAGE)


@require_POST
def add_agent(request: HttpRequest, *, admin: CrawlerAdmin) -> HttpResponse:
    check_permission(request)
    form = SignedAgentForm(request.POST)
    if not form.is_valid():
        return admin.page(request, agent=form, status=422)
    agent = form.save()
    publication_changed()
    log_action(by=user_of(request), row=agent, action=AuditEntry.Action.ADDED, after=snapshot(agent))
    admin.message_user(request, _("“%(name)s” is in the list.") % {"name": agent}, messages.SUCCESS)
    return redirect(PAGE)


@require_POST
def fetch_keys(request: HttpRequest, pk: int, *, admin: CrawlerAdmin) -> HttpResponse:
    """Let `tick` fetch the keys of an agent again."""
    check_permission(request)
    agent = get_object_or_404(SignedAgent.objects.exclude(host=""), pk=pk)
    agent.ask_for_keys(timezone.now())
    log_action(by=user_of(request), row=agent, message="Keys asked for")
    admin.message_user(request, _("The keys of “%(name)s” are fetched within minutes.") % {"name": agent})
    return redirect(PAGE)


@require_POST
def remove_agent(request: HttpRequest, pk: int, *, admin: CrawlerAdmin) -> HttpResponse:
    check_permission(request)
    agent = get_object_or_404(SignedAgent, pk=pk)
    log_action(by=user_of(request), row=agent, action=AuditEntry.Action.REMOVED, before=snapshot(agent))
    agent.delete()
    publication_changed()
    admin.message_user(request, _("“%(name)s” was removed from the list.") % {"name": agent})
    return redirect(PAGE)
