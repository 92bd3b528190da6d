"""Routes of people and their accounts."""

from django.urls import path

from accounts.views import home, sign_in

urlpatterns = [
    path("", home.home, name="home"),
    path("sign-in/", sign_in.sign_in, name="sign_in"),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
    path("theme/", home.choose_theme, name="choose_theme"),
]
