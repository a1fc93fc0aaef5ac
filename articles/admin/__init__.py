"""Admin for everything in the articles app: importing a module registers its models."""

from articles.admin import dossiers, error_reports, menus, pages, saved_blocks, sources
from articles.admin.articles import editor as article_editor
from articles.admin.homepage import editor as homepage_editor
from articles.admin.media import documents, images, recordings
from articles.admin.taxonomy import model_admins
