"""The first steps of an organization, and the way in: there until they are behind."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_safe

from accounts.requests import OrganizationRequest
from accounts.templatetags.pages import moment
from integrations.selectors.onboarding import (
    OnboardingStep,
    StepState,
    has_proved_a_run,
    list_steps,
)

TITLES = {
    "QAD": "Connect QAD",
    "Anaplan": "Connect Anaplan",
    "sync": "Choose workspace, model and actions",
    "mapping": "Map QAD codes to Anaplan members",
    "run": "Prove it by a test run",
    "schedule": "Set a schedule",
}
LOOKS = {
    StepState.DONE: ("good", "Done"),
    StepState.STALE: ("warn", "To prove"),
    StepState.NEXT: ("wait", "To do"),
    StepState.BLOCKED: ("none", "Waits"),
    StepState.ABSENT: ("none", "Not yet"),
}


@require_safe
def organization_home(request: OrganizationRequest) -> HttpResponse:
    """Lead to the first steps until a run was proved, then to the runs."""
    is_begun = has_proved_a_run(request.organization)
    return redirect("run_list" if is_begun else "onboarding", request.organization.slug)


@require_safe
def onboarding(request: OrganizationRequest) -> HttpResponse:
    """Show the six first steps as they stand now."""
    steps = list_steps(request.organization)
    done = sum(step.state == StepState.DONE for step in steps)
    context = {
        "tasks": [_task(request, step) for step in steps],
        "done": done,
        "last": len(steps),
        "words": f"{done} of {len(steps)}",
        "is_proved": has_proved_a_run(request.organization),
    }
    return render(request, "integrations/onboarding.html", context)


def _task(request: OrganizationRequest, step: OnboardingStep) -> dict[str, object]:
    tone, word = LOOKS[step.state]
    places = [request.organization.slug, *([step.run_id] if step.run_id else [])]
    return {
        "tone": tone,
        "title": TITLES[step.name],
        "state": word,
        "note": format_html("{} {}", step.note, moment(step.at, relative=True))
        if step.at
        else step.note,
        "url": reverse(step.route, args=places) if step.route else "",
    }
