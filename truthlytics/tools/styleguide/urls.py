"""URLs of the style guide, under `/admin/styles/`."""

from django.contrib import admin
from django.urls import path

from truthlytics.tools.styleguide import views

urlpatterns = [
    path("", admin.site.admin_view(views.site_styles), name="styles"),
    path("newsroom/", admin.site.admin_view(views.newsroom_styles), name="styles_newsroom"),
]
