from django.urls import path

from truthlytics.privacy import views

app_name = "privacy"
urlpatterns = [
    path("data/", views.data, name="data"),
    path("data/export/", views.export, name="export"),
    path("deletion/", views.deletion, name="deletion"),
]
