"""取り込みを申し込む: a browser or another system will upload a file straight into the bucket."""

from datetime import datetime
from typing import NamedTuple
from urllib.parse import quote

from shukka.domain.imports.job import MAX_BYTES, ImportJob, ImportState, UploadMode, requested_key
from shukka.domain.text.values import Flag, Name, Value
from shukka.usecases.ports import ImportJobs, UploadForm, UploadForms


class RequestUpload(Value):
    """`mode` says what happens to the rows; `notify` False sends no mails to members.

    `format` names the file's layout: the key of a built-in one, or the name of one in the settings. Files that several
    layouts fit need it; other files are recognised by their content.
    """

    filename: Name
    mode: UploadMode = UploadMode.APPLY
    notify: Flag = True
    format: Name | None = None


class RequestedUpload(NamedTuple):
    job: ImportJob
    form: UploadForm


def request_upload(
    request: RequestUpload, job_id: str, now: datetime, jobs: ImportJobs, forms: UploadForms
) -> RequestedUpload:
    """The job that waits for the file, and the form that takes it. The form's signature fixes mode and size."""
    job = ImportJob(
        id=job_id,
        source_key=requested_key(job_id, request.filename),
        received_at=now,
        state=ImportState.WAITING,
        mode=request.mode,
        notify=request.notify,
    )
    if not jobs.save(job, expected=None):
        raise RuntimeError("an import id was drawn twice")
    metadata = {"mode": request.mode.value, "notify": str(request.notify).lower()}
    if request.format:
        metadata["format"] = quote(request.format)
    return RequestedUpload(job, forms.presigned_post(job.source_key, metadata, MAX_BYTES))
