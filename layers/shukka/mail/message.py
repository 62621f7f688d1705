"""A rendered mail as MIME (RFC 5322, 2045, 2047). The same input gives the same bytes."""

import re
from datetime import datetime
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import format_datetime

from shukka.domain.mail.addressing import Envelope
from shukka.domain.mail.template import Rendered
from shukka.domain.text.values import LINE_BREAKING

# The modern header classes decode whatever looks like an encoded word, so that a company named
# `=?utf-8?q?x=0D=0ABcc:...?=` writes a header of its own. Header objects of compat32 encode what they are given.
_POLICY = compat32.clone(linesep="\r\n")
# Cannot occur in base64, which both parts are.
_BOUNDARY = "=_alternative_="
_ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_DOT_ATOM = re.compile(rf"{_ATEXT}(?:\.{_ATEXT})*")
_ADDRESS = re.compile(r"([A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+)@([A-Za-z0-9.-]+)")


def address(text: str) -> str:
    """One address as it goes on the wire. Raises ValueError where `text` is anything but one.

    Mobile carriers handed out addresses such as `a..b.@example.jp`; RFC 5321 knows them in quotes only.
    """
    match = _ADDRESS.fullmatch(text)
    if not match:
        raise ValueError("not one mail address")
    local, domain = match.groups()
    return text if _DOT_ATOM.fullmatch(local) else f'"{local}"@{domain}'


def mime(rendered: Rendered, shop_name: str, envelope: Envelope, at: datetime) -> bytes:
    """The whole mail with CRLF line ends, 7-bit clean. `Message-ID` is left to SES, which sets its own.

    The addresses come from `address`. Raises ValueError where a header would hold a control character.
    """
    parts = [MIMEText(rendered.text.replace("\n", "\r\n"), "plain", "utf-8", policy=_POLICY)]
    if rendered.html is not None:
        parts.append(MIMEText(rendered.html.replace("\n", "\r\n"), "html", "utf-8", policy=_POLICY))
    message = MIMEMultipart("alternative", _BOUNDARY, parts, policy=_POLICY)
    message["Date"] = format_datetime(at)
    message["From"] = f"{_encoded(shop_name)} <{envelope.sender}>"
    message["Reply-To"] = envelope.sender
    message["To"] = envelope.to
    message["Subject"] = _encoded(rendered.subject, header_name="Subject")
    # RFC 3834: holiday notices and other robots do not answer it.
    message["Auto-Submitted"] = "auto-generated"
    return message.as_bytes()


def _encoded(text: str, header_name: str = "From") -> str:
    """Always encoded words, plain ASCII as well: nothing in them can be taken for syntax."""
    if LINE_BREAKING.search(text):
        raise ValueError("a control character in a header")
    return Header(text, "utf-8", header_name=header_name).encode(linesep="\r\n")
