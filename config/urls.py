"""The address book: each app brings its own addresses."""

from django.contrib import admin
from django.urls import include, path

from config.api import open_doors

admin.site.site_header = admin.site.site_title = "Muster"
admin.site.index_title = "Configuration"

urlpatterns = [
    path("", include("incidents.urls")),
    path("", include("escalation.urls")),
    path("", include("postmortems.urls")),
    path("", include("comms.urls")),
    path("", include("accounts.urls")),
    path("account/", include("allauth.urls")),
    path("api/v1/", (open_doors(), "ninja", "api")),
    path("admin/", admin.site.urls),
]
