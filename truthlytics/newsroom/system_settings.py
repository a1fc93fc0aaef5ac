"""The page Settings → System: whether everything runs, and what to do about what does not."""

import platform
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

import django
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.defaultfilters import date as format_date
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from truthlytics.audit.log import log_action
from truthlytics.backups.models import BackupRun
from truthlytics.backups.schedule import OVERDUE_AFTER
from truthlytics.jobs import problems as job_problems
from truthlytics.jobs.last_runs import last_runs, late_groups
from truthlytics.monitoring import proxy, strangers
from truthlytics.monitoring.models import SlowPage
from truthlytics.monitoring.security_releases import ReleasesError, security_releases
from truthlytics.monitoring.versions import RUNNING
from truthlytics.newsroom.record_settings import check_permission
from truthlytics.newsroom.settings_admin import PartAdmin
from truthlytics.newsroom.settings_pages import settings_pages
from truthlytics.publication import get_publication
from truthlytics.server.health import MIN_FREE, data_folders, find_process_problem
from truthlytics.transparency import problems as record_problems
from truthlytics.transparency.models import Checkpoint, Witness
from truthlytics.web import tasks
from truthlytics.web.kept_features import kept_features
from truthlytics.web.users import user_of

PAGE = "admin:truthlytics_systemsettings_changelist"
# A list of security releases is renewed each day.
OLD_LIST = timedelta(days=30)
# Slow requests of a day that are no coincidence, and pages that are listed.
MANY_SLOW, MAX_SLOW_PAGES = 100, 10


class Check(NamedTuple):
    """Something that should be in order: what it is, how it is, and if it is not, what to do."""

    name: str
    state: str
    to_do: str = ""


class SystemAdmin(PartAdmin):
    """Settings → System. It shows checks instead of a form of the row."""

    title = gettext_lazy("System")
    page_name = gettext_lazy("System")

    def get_urls(self) -> list[URLPattern]:
        return [self.view_path("", show, "changelist"), self.view_path("tasks/", retry, "retry_tasks")]


@require_safe
def show(request: HttpRequest, *, admin: SystemAdmin) -> HttpResponse:
    check_permission(request)
    now = timezone.now()
    counts = Counter(tasks.failed_or_retried().values_list("task_path", flat=True))
    context = admin.view_context(
        request,
        title=admin.title,
        pages=settings_pages(admin),
        checks=list(all_checks(now)),
        failed=sorted(counts.items()),
        runs=[(name, _time(at) or _("never run")) for name, at in last_runs().items()],
        slow_pages=SlowPage.objects.of_day(timezone.localdate(now))[:MAX_SLOW_PAGES],
        versions=versions(),
    )
    return TemplateResponse(request, "admin/truthlytics/system.html", context)


@require_POST
def retry(request: HttpRequest, *, admin: SystemAdmin) -> HttpResponse:
    """Let the worker run failed tasks again, at once."""
    check_permission(request)
    count = tasks.retry_failed(timezone.now())
    log_action(by=user_of(request), row=get_publication(), message=f"{count} failed tasks run again")
    text = ngettext("%(count)d task is tried again now.", "%(count)d tasks are tried again now.", count)
    admin.message_user(request, text % {"count": count})
    return redirect(PAGE)


def versions() -> dict[str, str]:
    database = "SQLite" if connection.vendor == "sqlite" else "PostgreSQL"
    number = ".".join(map(str, connection.get_database_version()))
    return {
        _("This software"): RUNNING,
        "Django": django.__version__,
        "Python": platform.python_version(),
        database: number,
    }


def all_checks(now: datetime) -> Iterator[Check]:
    yield _release(now)
    yield from _processes(now)
    yield from _tasks(now)
    yield from _disk()
    yield _backup(now)
    yield from _record(now)
    yield _slow_pages(now)
    yield _strangers()
    yield from _features()
    if settings.TRUSTED_PROXY_COUNT:
        yield _proxy()


def _release(now: datetime) -> Check:
    name = _("Security releases")
    if not settings.SECURITY_RELEASES_FILE:
        return Check(name, _("not known, because SECURITY_RELEASES_FILE is not set"))
    try:
        newer, written = security_releases(settings.SECURITY_RELEASES_FILE)
    except ReleasesError as error:
        to_do = _("Renew the file that SECURITY_RELEASES_FILE names: %(why)s.")
        return Check(name, _("not known"), to_do % {"why": error})
    state = _("list of %(time)s") % {"time": _time(written)}
    if newer:
        to_do = _("Version %(version)s fixes a security problem. Upgrade now, and read before: %(facts)s")
        facts = " ".join(filter(None, (newer[0].summary, newer[0].url))) or "CHANGELOG.md"
        return Check(name, state, to_do % {"version": newer[0].version, "facts": facts})
    to_do = _("The list has not been renewed for a month. Does the job that fetches it still run?")
    return Check(name, state, to_do if written < now - OLD_LIST else "")


def _processes(now: datetime) -> Iterator[Check]:
    if details := find_process_problem()[1]:
        yield Check(_("Processes"), details, _("Read the log of the service: the process ends again and again."))
    runs = last_runs()
    late = sorted(late_groups(runs, now))
    newest = max((at for at in runs.values() if at), default=None)
    state = _("last run %(time)s") % {"time": _time(newest)} if newest else _("never run")
    if late:
        names = ", ".join(late)
        to_do = _("These have not run for a quarter of an hour: %(names)s. Is “manage.py start” or the timer running?")
        yield Check(_("Periodic jobs"), state, to_do % {"names": names})
    else:
        yield Check(_("Periodic jobs"), state)
    for sentence in job_problems.sentences():
        yield Check(
            _("Periodic jobs"), sentence, _("It is tried again automatically. If this message stays, read the log.")
        )


def _tasks(now: datetime) -> Iterator[Check]:
    waiting = tasks.ready_count()
    found = dict(tasks.find_problems(now))
    state = ngettext("%(count)d is waiting", "%(count)d are waiting", waiting) % {"count": waiting}
    advice = {
        tasks.NO_WORKER: _("No worker takes them. Is “manage.py start” running, or a worker for each queue?"),
        tasks.FAILING: _("More tasks fail than succeed. The log says why."),
    }
    yield Check(_("Tasks"), state, next((text for name, text in advice.items() if name in found), ""))
    refused = found.get(tasks.NO_MAIL, "")
    to_do = _("The mail server accepts nothing: %(why)s Check the settings of email.") % {"why": refused}
    yield Check(_("Email"), _("refused") if refused else _("accepted"), to_do if refused else "")


def _disk() -> Iterator[Check]:
    folders = [next(path for path in (folder, *folder.parents) if path.exists()) for folder in data_folders()]
    free = min(shutil.disk_usage(folder).free for folder in folders)
    state = _("%(size)s free") % {"size": filesizeformat(free)}
    yield Check(_("Disk"), state, _("Make room, or move to a larger disk.") if free < MIN_FREE else "")


def _backup(now: datetime) -> Check:
    name = _("Backup")
    if not settings.BACKUP_TO:
        return Check(name, _("none is made"), _("Set BACKUP_TO, unless something else makes backups."))
    runs = BackupRun.objects.until(now)
    last = runs.finished().first()
    state = _time(last.finished_at) if last else _("none yet")
    newest = runs.first()
    if newest and newest.problem:
        to_do = _("The last attempt failed: %(why)s It is repeated within an hour.")
        return Check(name, state, to_do % {"why": newest.problem})
    is_old = last is None or (last.finished_at or last.started_at) < now - OVERDUE_AFTER
    return Check(name, state, _("There is none from the last two days. Do the periodic jobs run?") if is_old else "")


def _record(now: datetime) -> Iterator[Check]:
    last = Checkpoint.objects.order_by("-created_at").first()
    state = _("last signed %(time)s") % {"time": _time(last.created_at)} if last else _("not signed yet")
    witnesses = Witness.objects.listed().count()
    counted = ngettext("%(count)d witness", "%(count)d witnesses", witnesses) % {"count": witnesses}
    found = record_problems.find_problems(now)
    to_do = " ".join([*found, _("Settings → Record says more.")]) if found else ""
    yield Check(_("Record"), f"{state}, {counted}", to_do)


def _slow_pages(now: datetime) -> Check:
    count = sum(SlowPage.objects.of_day(timezone.localdate(now)).values_list("requests", flat=True))
    text = ngettext(
        "%(count)d request took more than a second today", "%(count)d requests took more than a second today", count
    )
    to_do = _("Is the machine busy, or short of memory? docs/troubleshooting.md says what to look for.")
    return Check(_("Slow pages"), text % {"count": count}, to_do if count >= MANY_SLOW else "")


def _strangers() -> Check:
    """What unknown visitors have stored of what they can, in all and each kind that is nearly full."""
    found = list(strangers.all_stored())
    size = sum(stored.size for _kind, stored in found)
    text = _("%(size)s of at most %(most)s")
    state = text % {"size": filesizeformat(size), "most": filesizeformat(strangers.TOTAL)}
    full = ", ".join(str(kind.name) for kind, stored in found if strangers.is_nearly_full(kind, stored))
    to_do = _("Nearly full: %(kinds)s. docs/deploy.md says what happens then.") % {"kinds": full} if full else ""
    return Check(_("Stored by unknown visitors"), state, to_do)


def _features() -> Iterator[Check]:
    if names := kept_features():
        state = _("off, but what they have stored is kept: %(names)s") % {"names": ", ".join(names)}
        yield Check(_("Features"), state)


def _proxy() -> Check:
    """What hostile headers did that the site sent to itself."""
    name, last = _("Proxy"), proxy.last_state()
    if last is None:
        return Check(name, _("not checked yet"))
    command = {"command": f"manage.py check_proxy {settings.SITE_URL}", "time": _time(last.checked_at)}
    if last.wrong is None:
        to_do = _("The server cannot reach its own address. Run “%(command)s” from another machine.") % command
        return Check(name, _("not known, tried %(time)s") % command, to_do)
    to_do = _("It lets through what only the proxy may say. “%(command)s” says what to change.") % command
    return Check(name, _("checked %(time)s") % command, to_do if last.wrong else "")


def _time(time: datetime | None) -> str:
    return format_date(timezone.localtime(time), _("j M Y, H:i")) if time else ""
