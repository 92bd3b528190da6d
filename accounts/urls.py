"""Routes of people and their accounts."""

from django.urls import path

from accounts.views import home

urlpatterns = [
    path("", home.home, name="home"),
    path("theme/", home.choose_theme, name="choose_theme"),
]
