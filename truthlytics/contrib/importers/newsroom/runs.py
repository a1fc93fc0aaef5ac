"""What the pages of all imports share: choosing files, and a run with its state and report."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from truthlytics.contrib.importers import jobs, progress
from truthlytics.contrib.importers.contracts.library import CONTRACTS
from truthlytics.contrib.importers.models import ImportedObject, ImportedReader, ImportRun, ImportUpload
from truthlytics.contrib.importers.newsroom.access import importer_of, may_import
from truthlytics.contrib.importers.newsroom.forms import FilesForm
from truthlytics.contrib.importers.newsroom.results import rate_of
from truthlytics.contrib.importers.progress import AnotherRun
from truthlytics.contrib.importers.uploads import MAX_PART, MAX_SIZE, UploadRefused, received, run_folder, store_upload
from truthlytics.web.types import JsonObject
from truthlytics.web.users import User

Status = ImportRun.Status
# A worker begins within seconds, unless it is busy or none is running.
WAITS_LONG = timedelta(seconds=30)
RUNS_PER_PAGE = 30
STARTABLE = {Status.CHECKED, Status.STOPPED, Status.DONE, Status.UNDONE}


def choose_page(
    request: HttpRequest, site: AdminSite, form: FilesForm, template: str, runs: QuerySet[ImportRun], **more: object
) -> HttpResponse:
    """Return the page on which files are chosen. Below, the imports so far. `more` is further context."""
    user = importer_of(request)
    names = [("admin:imports", _("Articles"), "choose"), ("admin:import_readers", _("Readers"), "readers_choose")]
    if may_import(user, CONTRACTS):
        names.append(("admin:import_contracts", _("Contracts"), "contracts_choose"))
    page = Paginator(runs.select_related("started_by"), RUNS_PER_PAGE).get_page(request.GET.get("page"))
    context = site.each_context(request) | {
        "tabs": [(url, label, name == template) for url, label, name in names],
        "form": form,
        "max_size": MAX_SIZE,
        "part_size": MAX_PART,
        "uploads": [(row, received(row)) for row in ImportUpload.objects.filter(owner=user)],
        "runs": page,
    }
    status = 422 if form.errors else 200
    return TemplateResponse(request, f"admin/import/{template}.html", context | more, status=status)


def run_page(
    request: HttpRequest, site: AdminSite, run: ImportRun, template: str, *, status: int = 200, **more: object
) -> HttpResponse:
    """Return the page of a run, with what can be done next. `more` is further context."""
    context = site.each_context(request) | {
        "title": run.file,
        "run": run,
        "progress": progress_of(run),
        "may_start": run.status in STARTABLE and bool(run.files),
        "may_check": not run.is_active and bool(run.files),
        "may_undo": may_undo(run),
    }
    return TemplateResponse(request, f"admin/import/{template}.html", context | more, status=status)


def run_of(request: HttpRequest, pk: int) -> tuple[ImportRun, User]:
    """Return the run and the user. Raises PermissionDenied and Http404."""
    importer_of(request)
    run = get_object_or_404(ImportRun.objects.select_related("started_by", "contract_run"), pk=pk)
    return run, importer_of(request, run.format)


def new_run(form: FilesForm, user: User, files: list[Any], *, format: str, options: JsonObject) -> ImportRun | None:
    """Return a saved run with the files of the form. Adds an error to the form if a file is refused."""
    chosen = form.files_chosen()
    for file in files:
        try:
            upload = store_upload(owner=user, name=file.name or "", size=file.size or 0, chunks=file.chunks())
        except UploadRefused as error:
            form.add_error(None, f"{file.name}: {error}")
            return None
        chosen.append({"upload": str(upload.pk), "name": upload.name})
    names = ", ".join(file["name"] for file in chosen)
    return ImportRun.objects.create(
        format=format,
        file=names[:255],
        files=chosen,
        options=options,
        started_by=user,
        status=Status.NEW,
    )


def begin(request: HttpRequest, run: ImportRun, status: str) -> HttpResponse:
    """Have a worker begin, and show the run."""
    try:
        jobs.start(run, status, by=importer_of(request, run.format))
    except AnotherRun as error:
        messages.error(request, str(error))
    return redirect("admin:import", run.pk)


def progress_of(run: ImportRun) -> dict[str, object]:
    """Return how far an active run is, in words and numbers."""
    now = timezone.now()
    waits = run.is_active and not run.process
    return rate_of(run, now) | {
        "active": run.is_active,
        "status": run.get_status_display(),
        "waits": waits,
        "waits_long": waits and run.seen_at is not None and run.seen_at < now - WAITS_LONG,
        "is_dead": bool(run.is_active and run.process and progress.is_dead(run, now)),
        "is_stopping": run.is_stopping,
    }


def may_undo(run: ImportRun) -> bool:
    if run.is_active:
        return False
    if run.format == CONTRACTS:
        return run.contract_run is not None and run.contract_run.contracts.filter(undone_at=None).exists()
    return ImportedObject.objects.filter(run=run).exists() or ImportedReader.objects.filter(run=run).exists()


def report_path(run: ImportRun) -> Path:
    """Return the report of the import, or of the dry run if nothing was imported yet."""
    folder = run_folder(run)
    name = jobs.CHECK_REPORT if run.status in {Status.NEW, Status.CHECKING, Status.CHECKED} else jobs.REPORT
    return folder / name
