"""The environment of each function, as one typed value. (What the shop decides is in `domain/settings.py`.)"""

import os
from dataclasses import dataclass, fields
from typing import Self


@dataclass(frozen=True)
class Environment:
    """Each field is the variable of the same name in upper case."""

    @classmethod
    def read(cls) -> Self:
        """Raises KeyError with the variable's name where one is missing."""
        return cls(**{field.name: os.environ[field.name.upper()] for field in fields(cls)})


@dataclass(frozen=True)
class OrderApiEnvironment(Environment):
    orders_table: str
    settings_table: str
    imports_table: str
    stock_table: str
    files_bucket: str
    stock_queue_url: str
    export_queue_url: str


@dataclass(frozen=True)
class ShipmentImportEnvironment(Environment):
    orders_table: str
    settings_table: str
    imports_table: str
    files_bucket: str
    import_queue_url: str
    import_max_receives: str
    """How often the queue delivers a message, as text: the last time is not for work but for giving up."""


@dataclass(frozen=True)
class OutboxRelayEnvironment(Environment):
    mail_queue_url: str
    document_queue_url: str
    stock_queue_url: str


@dataclass(frozen=True)
class NumberWatcherEnvironment(Environment):
    orders_table: str


@dataclass(frozen=True)
class MailSenderEnvironment(Environment):
    orders_table: str
    settings_table: str
    imports_table: str
    files_bucket: str
    ses_configuration_set: str
    api_url: str


@dataclass(frozen=True)
class DocumentMakerEnvironment(Environment):
    orders_table: str
    settings_table: str
    files_bucket: str


@dataclass(frozen=True)
class StockKeeperEnvironment(Environment):
    orders_table: str
    stock_table: str


@dataclass(frozen=True)
class ShipOnDateEnvironment(Environment):
    orders_table: str
    settings_table: str


@dataclass(frozen=True)
class ExporterEnvironment(Environment):
    orders_table: str
    settings_table: str
    imports_table: str
    files_bucket: str
    export_queue_url: str
