from django.urls import path

from comments import views
from comments.views import appeals, email_choices, following, reporting, votes

app_name = "comments"
urlpatterns = [
    path("articles/<slug:slug>/comments/", views.write, name="write"),
    path("articles/<slug:slug>/comments/kept/", views.save_pending, name="keep"),
    path("articles/<slug:slug>/comments/following/", following.following, name="following"),
    path("articles/<slug:slug>/comments/following/removal/", following.unfollow, name="unfollow"),
    path("articles/<slug:slug>/comments/muting/removal/", following.unmute_article, name="unmute_article"),
    path("account/comments/", views.mine, name="mine"),
    path("account/comments/claiming/", reporting.claim, name="claim"),
    path("account/followed/", following.followed, name="followed"),
    path("account/emails/moderation/", email_choices.moderator_emails, name="moderator_emails"),
    path("comments/emails/<str:token>/", email_choices.mute, name="mute"),
    path("comments/emails/<str:token>/one-click/", email_choices.mute_at_once, name="mute_at_once"),
    path("comments/emails/<str:token>/undoing/", email_choices.unmute, name="unmute"),
    path("comments/suspension/", appeals.suspension, name="suspension"),
    path("comments/decisions/<int:pk>/", appeals.appeal, name="appeal"),
    path("comments/<int:pk>/", views.comment, name="comment"),
    path("comments/<int:pk>/vote/", votes.vote, name="vote"),
    path("comments/<int:pk>/pick/", votes.pick, name="pick"),
    path("comments/<int:pk>/edit/", views.edit, name="edit"),
    path("comments/<int:pk>/delete/", views.delete, name="delete"),
    path("comments/<int:pk>/report/", views.report, name="report"),
]
