from django.urls import path, re_path

from truthlytics.web.lazy_import import lazy_view

VIEWS = "truthlytics.publication.views"

urlpatterns = [
    re_path(
        r"^publication/(?P<name>[0-9a-f]{32}-[0-9]{1,5}x[0-9]{1,5}\.(?:svg|png|jpg))$",
        lazy_view(f"{VIEWS}.publication_file"),
        name="publication_file",
    ),
    path("publication/icon-<slug:digest>-<int:size>.png", lazy_view(f"{VIEWS}.icon"), name="publication_icon"),
    path("publication/preview-<slug:digest>.png", lazy_view(f"{VIEWS}.card"), name="publication_card"),
    path("publication/theme-<slug:digest>.css", lazy_view(f"{VIEWS}.theme"), name="theme"),
    path("favicon.ico", lazy_view(f"{VIEWS}.favicon"), name="favicon"),
    path("manifest.webmanifest", lazy_view(f"{VIEWS}.web_manifest"), name="web_manifest"),
    path(".well-known/security.txt", lazy_view(f"{VIEWS}.security_txt"), name="security_txt"),
]
