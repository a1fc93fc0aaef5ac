from django.urls import path

from truthlytics.privacy import views

app_name = "privacy"
urlpatterns = [
    path("data/", views.data, name="data"),
    path("data/export/", views.export, name="export"),
    path("deletion/", views.deletion, name="deletion"),
    path("address/deleted/", views.address_deleted, name="address_deleted"),
    path("address/<str:token>/", views.address, name="address"),
]
