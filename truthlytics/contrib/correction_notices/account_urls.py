from django.urls import path

from truthlytics.contrib.correction_notices import views

app_name = "correction_notices"
urlpatterns = [
    path("", views.corrections, name="corrections"),
    path("emails/<str:token>/", views.stop, name="stop"),
    path("emails/<str:token>/one-click/", views.stop_at_once, name="stop_at_once"),
]
