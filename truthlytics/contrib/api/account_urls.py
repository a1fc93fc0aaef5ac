from django.urls import path

from truthlytics.contrib.api.views import account

app_name = "keys"
urlpatterns = [
    path("", account.keys, name="keys"),
    path("<int:pk>/revocation/", account.revoke, name="revoke"),
]
