"""The API at /api/v1/: the apps' routers behind one key, and one shape for every refusal."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.views.generic import RedirectView
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from accounts.api import TokenAuth
from core.errors import InvalidInput, NotAllowed, Refused
from core.public import public_door
from escalation.api import router as escalation
from incidents.api import router as incidents


class Api(NinjaAPI):
    """Names its operations by app and door, so that a door may move to another file and keep its name.

    Its document is made once for each prefix: that takes half a second, and no door comes or goes later.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._documents: dict[str, OpenAPISchema] = {}

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        """The document of all doors under `path_prefix`; nobody changes it."""
        prefix = self.get_root_path(path_params or {}) if path_prefix is None else path_prefix
        if prefix not in self._documents:
            self._documents[prefix] = super().get_openapi_schema(path_prefix=prefix)
        return self._documents[prefix]

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """`incidents_api_incident_declare`."""
        view = operation.view_func
        return f"{view.__module__.partition('.')[0]}_api_{view.__name__}"


api = Api(
    title="Muster",
    version="1",
    description="Send `Authorization: Bearer mst_…`; make a key with `manage.py token create`. "
    "Every refusal is `{detail, field}` with a whole sentence.",
    urls_namespace="api",
    auth=TokenAuth(),
)
api.add_router("", incidents)
api.add_router("", escalation)
# What is wrong with an input, by pydantic's name for it; others say it in pydantic's own words.
SENTENCES = {
    "missing": "Give “{field}”.",
    "extra_forbidden": "There is no field “{field}”.",
    "string_type": "“{field}” is a text.",
    "not_kept": "“{field}” holds a character that cannot be kept.",
    "bool_parsing": "“{field}” is true or false.",
    "int_parsing": "“{field}” is a whole number.",
    "uuid_parsing": "“{field}” is a UUID, like 0b7e3f6c-6f0c-4a55-9a39-2d9a4c1d8a11.",
    "uuid_type": "“{field}” is a UUID, like 0b7e3f6c-6f0c-4a55-9a39-2d9a4c1d8a11.",
    "datetime_from_date_parsing": "“{field}” is a moment, like 2026-04-18T14:23:00+02:00.",
    "datetime_parsing": "“{field}” is a moment, like 2026-04-18T14:23:00+02:00.",
    "datetime_type": "“{field}” is a moment, like 2026-04-18T14:23:00+02:00.",
    "timezone_aware": "“{field}” needs its zone, like 2026-04-18T14:23:00+02:00.",
    "model_attributes_type": "The body is one JSON object.",
}


def open_doors() -> list[URLPattern]:
    """The addresses of the API, open to keys; its documentation stays behind the sign-in of people."""
    # ninja's own root answers 404, and its name is needed: it leads to the documentation
    root = path("", RedirectView.as_view(pattern_name="api:openapi-view"), name="api-root")
    patterns = [each for each in api.urls[0] if isinstance(each, URLPattern) and each.name != "api-root"]
    for pattern in patterns:
        if not (pattern.name or "").startswith("openapi-"):
            public_door("A key in the header signs in here, not a session.")(pattern.callback)
    return [root, *patterns]


def refuse(request: HttpRequest, status: int, detail: str, field: str = "") -> HttpResponse:
    """`{detail, field}`."""
    return api.create_response(request, {"detail": detail, "field": field}, status=status)


@api.exception_handler(Refused)
def refused(request: HttpRequest, refusal: Refused) -> HttpResponse:
    """403 for may not, 422 for an input that makes no sense, 409 for everything that the state of things forbids."""
    if isinstance(refusal, InvalidInput):
        return refuse(request, 422, str(refusal), refusal.field)
    return refuse(request, 403 if isinstance(refusal, NotAllowed) else 409, str(refusal))


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """422 with the first thing that is wrong."""
    first: dict[str, Any] = error.errors[0]
    # loc: where (body, query), the parameter, and for a body the field in it
    where = [str(part) for part in first["loc"]]
    field = where[-1] if len(where) > 2 or where[0] != "body" else ""
    known = SENTENCES.get(first["type"])
    detail = known.format(field=field) if known else f"“{field}”: {first['msg']}." if field else f"{first['msg']}."
    return refuse(request, 422, detail if field or known != SENTENCES["missing"] else "Send a JSON body.", field)


@api.exception_handler(AuthenticationError)
def unknown(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    """401, and what to do about it."""
    given = "Authorization" in request.headers
    answer = refuse(
        request,
        401,
        "This key is not known or was revoked." if given else "Send a key: Authorization: Bearer mst_…",
    )
    answer["WWW-Authenticate"] = "Bearer"
    return answer


@api.exception_handler(Http404)
def missing(request: HttpRequest, error: Http404) -> HttpResponse:
    """404, also for what the owner of the key may not know of."""
    return refuse(request, 404, str(error) or "There is nothing here.")


@api.exception_handler(HttpError)
def unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
    """What ninja itself refuses: a body that is no JSON."""
    return refuse(request, error.status_code, "The body is not JSON." if error.status_code == 400 else str(error))
