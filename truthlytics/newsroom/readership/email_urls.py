from django.urls import path

from truthlytics.newsroom.readership import email_views

app_name = "statistics_emails"
urlpatterns = [
    path("<str:token>/", email_views.stop, name="stop"),
    path("<str:token>/one-click/", email_views.stop_at_once, name="stop_at_once"),
]
