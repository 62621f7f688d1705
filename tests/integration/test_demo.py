"""`make demo` on the suite's own stack: what the README promises first has to hold in every run of the tests."""

from datetime import UTC, datetime

from pypdf import PdfReader

from local.demo import AMENDED, Demo
from shukka.domain.text.values import business_date


def test_a_day_at_the_order_desk(own_stack, tmp_path):
    Demo(own_stack, business_date(datetime.now(UTC)), tmp_path).run()

    pages = PdfReader(tmp_path / "documents" / f"{AMENDED}-invoice.pdf").pages
    text = "".join(page.extract_text() for page in pages)
    assert "株式会社髙島商店" in text
    assert "T7010705000725" in text
