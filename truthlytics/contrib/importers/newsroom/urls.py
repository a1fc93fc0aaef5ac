"""Addresses of the import page. Its views are imported with the first request, because they read many formats."""

from functools import partial

from django.contrib.admin import AdminSite
from django.urls import URLPattern, path

from truthlytics.newsletters.admin.previews import with_policy_for_emails
from truthlytics.web.lazy_import import lazy_view

_PLACE = "truthlytics.contrib.importers.newsroom"
PAGES, UPLOADS = f"{_PLACE}.pages", f"{_PLACE}.uploads"
READERS, WORDS = f"{_PLACE}.readers_pages", f"{_PLACE}.words"
CONTRACTS, LINKS = f"{_PLACE}.contracts_pages", f"{_PLACE}.links_pages"


def paths(site: AdminSite) -> list[URLPattern]:
    view = site.admin_view
    email = with_policy_for_emails(view(lazy_view(f"{LINKS}.preview")))
    return [
        path("import/", view(partial(lazy_view(f"{PAGES}.choose"), site=site)), name="imports"),
        path("import/uploads/", view(lazy_view(f"{UPLOADS}.begin")), name="import_begin_upload"),
        path("import/uploads/<uuid:upload_id>/", view(lazy_view(f"{UPLOADS}.part")), name="import_upload"),
        path(
            "import/uploads/<uuid:upload_id>/delete/", view(lazy_view(f"{UPLOADS}.delete")), name="import_delete_upload"
        ),
        path("import/<int:pk>/", view(partial(lazy_view(f"{PAGES}.show"), site=site)), name="import"),
        path("import/<int:pk>/progress/", view(lazy_view(f"{PAGES}.show_progress")), name="import_progress"),
        path("import/readers/", view(partial(lazy_view(f"{READERS}.choose"), site=site)), name="import_readers"),
        path("import/contracts/", view(partial(lazy_view(f"{CONTRACTS}.choose"), site=site)), name="import_contracts"),
        path("import/contracts/links/", view(partial(lazy_view(f"{LINKS}.links"), site=site)), name="import_links"),
        path("import/contracts/links.csv", view(lazy_view(f"{LINKS}.links_csv")), name="import_links_csv"),
        path("import/contracts/links/email/", email, name="import_links_preview"),
        path("import/contracts/links/test/", view(lazy_view(f"{LINKS}.send_test")), name="import_links_test"),
        path("import/contracts/links/sending/", view(lazy_view(f"{LINKS}.send")), name="import_links_send"),
        path("import/<int:pk>/year/", view(partial(lazy_view(f"{CONTRACTS}.year"), site=site)), name="import_year"),
        path("import/<int:pk>/year.csv", view(lazy_view(f"{CONTRACTS}.year_csv")), name="import_year_csv"),
        path("import/<int:pk>/verify/", view(lazy_view(f"{CONTRACTS}.verify")), name="import_verify"),
        path("import/<int:pk>/check/", view(partial(lazy_view(f"{PAGES}.check"), site=site)), name="import_check"),
        path(
            "import/<int:pk>/harmless-signs/", view(lazy_view(f"{PAGES}.harmless_signs")), name="import_harmless_signs"
        ),
        path("import/<int:pk>/start/", view(lazy_view(f"{PAGES}.start")), name="import_start"),
        path("import/<int:pk>/stop/", view(lazy_view(f"{PAGES}.stop")), name="import_stop"),
        path("import/<int:pk>/undo/", view(partial(lazy_view(f"{PAGES}.undo"), site=site)), name="import_undo"),
        path("import/<int:pk>/report/", view(partial(lazy_view(f"{PAGES}.report"), site=site)), name="import_report"),
        path("import/<int:pk>/report.jsonl", view(lazy_view(f"{PAGES}.report_lines")), name="import_report_lines"),
        path("import/<int:pk>/mapping.json", view(lazy_view(f"{WORDS}.mapping_json")), name="import_mapping"),
        path("import/<int:pk>/plan.csv", view(lazy_view(f"{READERS}.plan_csv")), name="import_plan"),
        path("import/<int:pk>/report.csv", view(lazy_view(f"{PAGES}.report_csv")), name="import_report_csv"),
    ]
