"""Routes of people and their accounts."""

from django.urls import path

from accounts.views import catalogue, home, invitations

urlpatterns = [
    path("", home.home, name="home"),
    path("invitations/<str:token>/", invitations.invitation, name="invitation"),
    path("errors/", catalogue.error_list, name="error_list"),
    path("theme/", home.choose_theme, name="choose_theme"),
]
