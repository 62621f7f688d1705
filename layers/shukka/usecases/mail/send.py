"""メールを送る: one mail of the outbox, about an order or an import, at most once."""

import re
from datetime import datetime, timedelta
from typing import Any, TypeVar

from shukka.domain.errors import NotFoundError
from shukka.domain.mail.addressing import MailRefusal
from shukka.domain.order.outbox import Mail, MailState
from shukka.usecases.ports import (
    Addresser,
    Clock,
    Composer,
    Files,
    MailNotSentError,
    MailOutcomeUnknownError,
    MailRecords,
    MailRejectedError,
    MailSender,
    SettingsSource,
)

LEASE = timedelta(minutes=2)
"""How long a claim is valid: longer than a function that holds one can run."""

_UNKNOWN = "送信の結果を確認できませんでした。届いていないことを確かめてから再送してください"
_UNSAFE_IN_FILE_NAMES = re.compile("[^0-9A-Za-z_-]")


Subject = TypeVar("Subject")


class MailNotFoundError(NotFoundError):
    def __init__(self, owner: str, key: str) -> None:
        super().__init__(f"{owner} のメール {key} は見つかりません")


class MailBusyError(Exception):
    """Another worker is sending this mail right now. Look again later, in case it dies."""


def send_mail(
    owner: str,
    key: str,
    *,
    records: MailRecords[Subject],
    settings: SettingsSource,
    address: Addresser[Subject],
    compose: Composer[Subject],
    files: Files,
    sender: MailSender,
    clock: Clock,
) -> Mail | None:
    """Sends the mail `key` of `owner`, the number or id of an order or import.

    Returns the record with the outcome, or None if the mail was settled before.

    The mail is either settled, or an error makes the queue retry it: MailNotFoundError, MailBusyError,
    MailNotSentError, or an error of the stores. A worker that dies leaves its claim behind. Once the claim has expired,
    it is unknown whether the mail left, so it becomes UNKNOWN instead of going out twice.
    """
    mail = records.find_mail(owner, key)
    if mail is None:
        raise MailNotFoundError(owner, key)
    if mail.state is MailState.SENDING:
        return _give_up(owner, mail, records, clock())
    if mail.state is not MailState.PENDING:
        return None

    subject, shop_settings, now = records.get(owner), settings.current(), clock()
    envelope = address(mail, subject, shop_settings)
    if isinstance(envelope, MailRefusal):
        return _take(owner, mail, _failed(mail, envelope.reason, now), records)
    try:
        letter = compose(mail, subject, shop_settings, envelope, now)
    except MailRejectedError as rejection:
        return _take(owner, mail, _failed(mail, str(rejection), now), records)
    mime_key = f"mails/{owner}/{_UNSAFE_IN_FILE_NAMES.sub('.', key)}.eml"
    claim = {"state": MailState.SENDING, "lease_until": now + LEASE}
    content = {
        "to": envelope.to,
        "subject": letter.subject,
        "mime_key": mime_key,
        "template_version": letter.template_version,
    }
    claimed = _take(owner, mail, mail.model_copy(update=claim | content), records)

    try:
        files.put(mime_key, letter.mime, "message/rfc822")
    except Exception:
        _settle(owner, claimed, mail, records)
        raise
    try:
        message_id = sender.send(letter)
    except MailNotSentError:
        _settle(owner, claimed, mail, records)
        raise
    except MailRejectedError as rejection:
        outcome = _failed(claimed, str(rejection), clock())
    except MailOutcomeUnknownError:
        outcome = _unknown(claimed, clock())
    else:
        sent = {"state": MailState.SENT, "message_id": message_id, "finished_at": clock(), "lease_until": None}
        outcome = claimed.model_copy(update=sent)
    _settle(owner, claimed, outcome, records)
    return outcome


def _take(owner: str, mail: Mail, taken: Mail, records: MailRecords[Any]) -> Mail:
    if not records.save_mail(owner, taken, expected=mail):
        raise MailBusyError
    return taken


def _settle(owner: str, claimed: Mail, outcome: Mail, records: MailRecords[Any]) -> None:
    if records.save_mail(owner, outcome, expected=claimed):
        return
    # The claim expired and another worker wrote UNKNOWN. This worker knows the outcome.
    current = records.find_mail(owner, claimed.key)
    if current and current.state is MailState.UNKNOWN and current.lease_until == claimed.lease_until:
        records.save_mail(owner, outcome, expected=current)


def _give_up(owner: str, claimed: Mail, records: MailRecords[Any], now: datetime) -> Mail | None:
    """UNKNOWN if the claim has expired. Raises MailBusyError if its holder may still be at work."""
    if claimed.lease_until is None or now < claimed.lease_until:
        raise MailBusyError
    unknown = _unknown(claimed, now)
    return unknown if records.save_mail(owner, unknown, expected=claimed) else None


def _failed(mail: Mail, reason: str, at: datetime) -> Mail:
    outcome = {"state": MailState.FAILED, "reason": reason, "finished_at": at, "lease_until": None}
    return mail.model_copy(update=outcome)


def _unknown(claimed: Mail, at: datetime) -> Mail:
    """Keeps the lease, which shows whose outcome is missing."""
    return claimed.model_copy(update={"state": MailState.UNKNOWN, "reason": _UNKNOWN, "finished_at": at})
