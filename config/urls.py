"""The address book: each app brings its own addresses."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("incidents.urls")),
    path("", include("escalation.urls")),
    path("", include("postmortems.urls")),
    path("", include("accounts.urls")),
    path("account/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]
