from django.urls import path

from truthlytics.newsletters import views

app_name = "newsletters"
urlpatterns = [
    path("", views.newsletters, name="newsletters"),
    path("sign-up/", views.sign_up, name="sign_up"),
    path("confirm/", views.confirm_code, name="confirm_code"),
    path("confirm/<str:token>/", views.confirm, name="confirm"),
    path("leave/<str:token>/", views.leave, name="leave"),
    path("leave/<str:token>/at-once/", views.leave_at_once, name="leave_at_once"),
    path("choices/<str:token>/", views.choices, name="choices"),
    path("<slug:slug>/", views.newsletter, name="newsletter"),
    path("<slug:slug>/<slug:issue>/", views.issue, name="issue"),
]
