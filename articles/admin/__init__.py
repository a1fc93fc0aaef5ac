"""Admin for everything in the articles app: importing a module registers its models."""

from articles.admin import dossiers, error_reports, menus, pages, sources
from articles.admin.articles import article_admin
from articles.admin.homepage import homepage_admin
from articles.admin.media import documents, image_admin, recordings
from articles.admin.taxonomy import taxonomy_admin

__all__ = [
    "article_admin",
    "documents",
    "dossiers",
    "error_reports",
    "homepage_admin",
    "image_admin",
    "menus",
    "pages",
    "recordings",
    "sources",
    "taxonomy_admin",
]
