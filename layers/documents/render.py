"""A document as PDF."""

import logging
from datetime import date

from documents.layout import lay_out
from documents.pdf import Font, Info, write
from documents.typeface import bold, regular
from shukka.domain.documents.document import DocumentContent

_logger = logging.getLogger("documents")


def render(content: DocumentContent, revision: int, issued_on: date) -> bytes:
    """The PDF of `content`; the same arguments give the same bytes.

    The code point of a character that the font lacks is logged as `characters_not_in_font`; `SUBSTITUTE` is printed.
    """
    fonts = Font(regular(), 1), Font(bold(), 2)
    pages = lay_out(content, revision, issued_on, *fonts)
    pdf = write(pages, fonts, Info(f"{content.title} {content.number}-{revision}", content.issuer.name, issued_on))
    missing = sorted({f"U+{ord(character):04X}" for font in fonts for character in font.missing})
    if missing:
        _logger.warning("characters_not_in_font", extra={"code_points": missing, "order_number": content.order_number})
    return pdf
