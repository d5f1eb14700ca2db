"""A person's own page."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.actions.user import change_profile
from accounts.forms.user import ProfileForm
from accounts.models import User
from core.errors import InvalidInput
from core.htmx import go


@require_http_methods(["GET", "POST"])
def user_edit(request: HttpRequest) -> HttpResponse:
    """Show and change what I say of myself."""
    me = User.objects.get(handle=request.user.get_username())
    form = ProfileForm(request.POST or None, instance=me)
    if request.method == "POST" and form.is_valid():
        try:
            change_profile(me, by=request.actor, now=timezone.now(), **form.cleaned_data)  # type: ignore[attr-defined]
        except InvalidInput as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            messages.success(request, "Saved.")
            return go(request, "accounts:user-edit")
    status = 422 if form.errors else 200
    return render(request, "accounts/user/form.html", {"form": form}, status=status)
