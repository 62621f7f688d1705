"""From an import that is over to the mail that tells the shop of it.

What its template sees:

    shop    name
    upload  id filename key link format received_at finished_at
            failed stopped dry_run strict notify problem repeats
            counts (rows applied unchanged rejected held passed_over warned not_shipped)
            problems warnings (the first reasons of each) more_problems more_warnings

`link` leads to the import over HTTP, where staff get the result file: a link to the file itself would have expired
by the time that somebody reads the mail.

Counts are ints, moments are text such as 2026-11-26 12:00. What is absent is "". Every text but a reason is one line.
"""

from datetime import datetime

from shukka.domain.imports.job import ImportJob, ImportState, UploadMode
from shukka.domain.mail.addressing import Envelope
from shukka.domain.order.outbox import Mail
from shukka.domain.settings import Settings
from shukka.domain.text.values import TOKYO
from shukka.mail.message import address, mime
from shukka.mail.rendering import default_template, render
from shukka.mail.view import View, one_line, several_lines
from shukka.usecases.ports import Letter

_REASONS = 10


def compose_summary(
    mail: Mail, job: ImportJob, settings: Settings, envelope: Envelope, at: datetime, *, api_url: str
) -> Letter:
    """`api_url` is where the API answers, without a slash at its end. Raises ValueError where an address is not one."""
    rendered = render(default_template(mail.template), summary_view(job, settings, api_url))
    wire = Envelope(address(envelope.sender), address(envelope.to))
    return Letter(("import", job.id), wire, rendered.subject, mime(rendered, settings.shop.name, wire, at))


def summary_view(job: ImportJob, settings: Settings, api_url: str) -> View:
    counts = job.counts
    return {
        "shop": {"name": one_line(settings.shop.name)},
        "upload": {
            "id": job.id,
            "filename": one_line(job.filename),
            "key": one_line(job.source_key),
            "link": one_line(f"{api_url}/imports/{job.id}"),
            "format": one_line(job.format),
            "received_at": _moment(job.received_at),
            "finished_at": _moment(job.finished_at),
            "failed": job.state is ImportState.FAILED,
            "stopped": job.may_have_applied_rows,
            "dry_run": job.mode is UploadMode.DRY_RUN,
            "strict": job.mode is UploadMode.STRICT,
            "notify": job.notify,
            "problem": several_lines(job.problem),
            "repeats": one_line(job.repeats),
            "counts": {"rows": counts.rows, **counts.model_dump()},
            "problems": [several_lines(reason) for reason in job.first_problems[:_REASONS]],
            "more_problems": max(counts.rejected - _REASONS, 0),
            "warnings": [several_lines(reason) for reason in job.first_warnings[:_REASONS]],
            "more_warnings": max(counts.warned - _REASONS, 0),
        },
    }


def _moment(at: datetime | None) -> str:
    return f"{at.astimezone(TOKYO):%Y-%m-%d %H:%M}" if at else ""
