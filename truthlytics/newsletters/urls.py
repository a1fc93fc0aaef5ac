from django.urls import path

from truthlytics.newsletters.views import choices, follow, pages, sign_up

app_name = "newsletters"
urlpatterns = [
    path("", pages.newsletters, name="newsletters"),
    path("sign-up/", sign_up.sign_up, name="sign_up"),
    path("confirm/", sign_up.confirm_code, name="confirm_code"),
    path("confirm/<str:token>/", sign_up.confirm, name="confirm"),
    path("follow/<slug:kind>/<slug:slug>/", follow.follow, name="follow"),
    path("stop/<str:token>/", choices.stop, name="stop"),
    path("stop/<str:token>/at-once/", choices.stop_at_once, name="stop_at_once"),
    path("leave/<str:token>/", choices.leave, name="leave"),
    path("leave/<str:token>/at-once/", choices.leave_at_once, name="leave_at_once"),
    path("choices/", choices.own_choices, name="own_choices"),
    path("choices/<str:token>/", choices.choices, name="choices"),
    path("<slug:slug>/theme-<slug:colour>.css", pages.theme, name="theme"),
    path("<slug:slug>/", pages.newsletter, name="newsletter"),
    path("<slug:slug>/<slug:issue>/", pages.issue, name="issue"),
]
