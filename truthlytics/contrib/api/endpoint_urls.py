"""Addresses of the API. Their names and parameters are documented in docs/api.md and never change within a version."""

from importlib import import_module

from django.urls import path, re_path

import articles.urls  # noqa: F401 (registers the converter of version numbers)
from truthlytics.contrib.api.answers import unknown_address
from truthlytics.contrib.api.views import articles as article_views
from truthlytics.contrib.api.views import changes, documentation, private, publication
from truthlytics.web.plugins import api_modules

app_name = "api"
ARTICLE = "v1/articles/<slug:article>"
own_patterns = [
    path("", documentation.documentation, name="documentation"),
    path("openapi.json", documentation.openapi, name="openapi"),
    path("v1/publication", publication.publication, name="publication"),
    path("v1/front-page", publication.front_page, name="front_page"),
    path("v1/articles", article_views.articles, name="articles"),
    path(ARTICLE, article_views.article, name="article"),
    path(f"{ARTICLE}/versions", article_views.versions, name="versions"),
    path(f"{ARTICLE}/versions/<version:number>", article_views.version, name="version"),
    path(f"{ARTICLE}/differences/<version:old>..<version:new>", article_views.difference, name="difference"),
    path(f"{ARTICLE}/corrections", article_views.corrections, name="article_corrections"),
    path(f"{ARTICLE}/sources", article_views.sources, name="sources"),
    path("v1/changes", changes.changes, name="changes"),
    path("v1/sections", publication.sections, name="sections"),
    path("v1/topics", publication.topics, name="topics"),
    path("v1/authors", publication.authors, name="authors"),
    path("v1/series", publication.series, name="series"),
    path("v1/dossiers", publication.dossiers, name="dossiers"),
    path("v1/dossiers/<slug:slug>", publication.dossier, name="dossier"),
    path("v1/pages", publication.pages, name="pages"),
    path("v1/pages/<slug:slug>", publication.page, name="page"),
    path("v1/corrections", publication.corrections, name="corrections"),
    path("v1/search", publication.search, name="search"),
    path("v1/readers", private.readers, name="readers"),
    path("v1/readers/<int:reader>", private.reader, name="reader"),
    path("v1/payments", private.payments, name="payments"),
    path("v1/comments", private.comments, name="comments"),
    path("v1/statistics", private.statistics, name="statistics"),
]
urlpatterns = [
    *own_patterns,
    *(pattern for name in api_modules() for pattern in import_module(name).urlpatterns),
    re_path(r"^(?P<path>(?s:.+))\Z", unknown_address, name="unknown"),
]
