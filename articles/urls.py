from django.urls import path, re_path

from . import views
from .feeds import LatestFeed
from .sitemaps import sitemap

app_name = "articles"
urlpatterns = [
    path("", views.front, name="front"),
    path("latest/", views.latest, name="latest"),
    path("articles/<slug:slug>/", views.article, name="article"),
    path("sections/<slug:slug>/", views.section, name="section"),
    path("topics/<slug:slug>/", views.topic, name="topic"),
    path("authors/<slug:slug>/", views.author, name="author"),
    path("feeds/rss.xml", LatestFeed.as_page(), name="rss"),
    path("sitemap.xml", sitemap, name="sitemap"),
    re_path(r"^media/(?P<sha256>[0-9a-f]{64})\.(?P<extension>webp|jpg)$", views.media, name="media"),
]
