"""What somebody typed into a form whose post was turned away: it is shown back to them, so that nothing is lost."""

from urllib.parse import urlsplit

from django.http import HttpRequest

NOT_TYPED = {"csrfmiddlewaretoken", "submission_key", "next", "seen", "also", "expected"}
SECRET = ("password", "token", "code")
COUNTS = ("-TOTAL_FORMS", "-INITIAL_FORMS", "-MIN_NUM_FORMS", "-MAX_NUM_FORMS")


def typed_words(request: HttpRequest) -> list[tuple[str, str]]:
    """(name of the field in words, what was typed), in the order of the form; no secret, and nothing of the page.

    Empty unless the post came from a page of ours: what another site had sent is nothing that somebody typed here.
    """
    if request.method != "POST" or not _is_ours(request.headers.get("Origin", ""), request):
        return []
    return [
        (name.replace("_", " ").capitalize(), word)
        for name, words in request.POST.lists()
        for word in words
        if word.strip() and name not in NOT_TYPED and not name.endswith(COUNTS) and not any(s in name for s in SECRET)
    ]


def page_before(request: HttpRequest) -> str:
    """The address of the page of ours on which the form stood, as its path and query; "" when it is not known."""
    came_from = request.headers.get("Referer", "")
    if not _is_ours(came_from, request):
        return ""
    parts = urlsplit(came_from)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _is_ours(address: str, request: HttpRequest) -> bool:
    return urlsplit(address).netloc == request.get_host()
