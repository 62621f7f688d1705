"""書き出しを頼む: the request is checked at once and processed in the background."""

from typing import Protocol

from shukka.domain.errors import Rule, RuleError
from shukka.domain.exports.columns import columns_of
from shukka.domain.exports.job import ExportFilters, ExportJob, ExportKind, LabelRequest, RequestExport, export_id
from shukka.domain.labels.parcel import Notes, sender_of
from shukka.domain.lists.listing import order_filter
from shukka.domain.order.history import Context
from shukka.domain.settings import Settings
from shukka.domain.text.csv_text import Encoding


class ExportJobs(Protocol):
    def add(self, job: ExportJob) -> None:
        """Stores a new job. The same request a second time leaves it as it is."""


class ExportQueue(Protocol):
    def send(self, job_id: str) -> None:
        """Queues the job."""


def request_export(
    request: RequestExport, context: Context, jobs: ExportJobs, queue: ExportQueue, settings: Settings
) -> ExportJob:
    """Raises RuleError for a request that cannot be fulfilled."""
    _check(request, settings)
    job = ExportJob(
        id=export_id(context.request_id, context.at),
        request=request,
        requested_by=context.actor,
        requested_at=context.at,
    )
    jobs.add(job)
    queue.send(job.id)
    return job


def _check(request: RequestExport, settings: Settings) -> None:
    try:
        order_filter(request.filters, settings)
    except RuleError as error:
        raise RuleError(str(error), f"filters.{error.field}", error.rule) from None
    if request.kind is not ExportKind.CARRIER_LABELS:
        if request.labels:
            raise RuleError("labels は kind が carrier_labels のときだけ指定できます", "labels", Rule.LABEL_OPTIONS)
        columns_of(request.kind, request.columns)
        return
    if request.labels is None:
        raise RuleError("送り状ソフトの形式（labels.format）を指定してください", "labels", Rule.LABEL_OPTIONS)
    if request.encoding is Encoding.UTF_8:
        raise RuleError("送り状ソフトのファイルの文字コードは cp932 だけです", "encoding", Rule.LABEL_OPTIONS)
    if request.columns or request.for_excel:
        raise RuleError(
            "送り状ソフトのファイルの列は変えられません",
            "columns" if request.columns else "for_excel",
            Rule.LABEL_OPTIONS,
        )
    if request.labels.shipments and request.filters != ExportFilters():
        raise RuleError("発送IDを指定したときは、ほかの条件は指定できません", "filters", Rule.CONFLICTING_FILTERS)
    _check_sender(request.labels, settings)


def _check_sender(request: LabelRequest, settings: Settings) -> None:
    """Every label needs a sender: the carrier's software refuses a file without one."""
    sender, notes = sender_of(settings.shop), Notes()
    request.format.layout.send(sender, notes)
    missing = [
        label
        for label, fact in (("電話番号", sender.phone), ("郵便番号", sender.postal_code), ("住所", sender.town))
        if not fact
    ]
    if missing:
        reason = f"店舗情報の{'、'.join(missing)}が正しく設定されていません。送り状のご依頼主になります"
        raise RuleError(reason, "labels.format", Rule.INCOMPLETE_SENDER)
    if notes.refuses:
        raise RuleError(f"店舗情報の{notes.all[0].reason}", "labels.format", Rule.INCOMPLETE_SENDER)
