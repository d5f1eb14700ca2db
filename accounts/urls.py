"""Addresses of accounts; signing in and out is allauth's."""

from django.urls import URLPattern, path

from accounts.views.user import user_edit

app_name = "accounts"
urlpatterns: list[URLPattern] = [
    # user
    path("account/profile/", user_edit, name="user-edit"),
]
