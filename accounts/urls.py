"""Routes of people and their accounts."""

from django.urls import path

from accounts.views import home, invitations

urlpatterns = [
    path("", home.home, name="home"),
    path("invitations/<str:token>/", invitations.invitation, name="invitation"),
    path("theme/", home.choose_theme, name="choose_theme"),
]
