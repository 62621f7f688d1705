"""MIME: what people wrote cannot become a header, an address or a line of protocol."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shukka.domain.mail.addressing import Envelope
from shukka.domain.mail.template import Rendered
from shukka.mail.message import address, mime

AT = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)
HEADERS = [
    "Content-Type", "MIME-Version", "Date", "From", "Reply-To", "To", "Subject", "Auto-Submitted",
]  # fmt: skip
NAMES = [
    "髙島商店",
    '株式会社髙島商店, "Ltd" (東京) <evil@example.com>; b@example.com',
    "=?utf-8?q?x=0D=0ABcc:_evil@example.com?=",
    "漢字と =?utf-8?b?DQpCY2M6IGV2aWxAZXhhbXBsZS5jb20=?= です",
    "Shop Ltd.",
    "x" * 255,
    "𠮷" * 255,
    "👨‍👩‍👧" * 40,
    "مرحبا שלום",
]


def written(subject="件名", shop_name="出荷酒店", text="本文\n", html="<p>本文</p>\n", to="buyer@example.jp"):
    return mime(Rendered(subject, text, html), shop_name, Envelope("shop@example.jp", address(to)), AT)


def shown(header):
    return str(make_header(decode_header(header)))


def bodies(raw):
    return {
        part.get_content_type(): part.get_payload(decode=True).decode()
        for part in message_from_bytes(raw).walk()
        if not part.is_multipart()
    }


@pytest.mark.parametrize("text", NAMES)
def test_names_and_subjects_arrive_as_they_are(text):
    message = message_from_bytes(written(subject=text, shop_name=text))

    assert message.keys() == HEADERS
    assert shown(message["Subject"]) == text
    assert shown(message["From"]) == f"{text} <shop@example.jp>"


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=255))
def test_any_text_makes_exactly_these_headers(text):
    raw = written(subject=text, shop_name=text)
    message = message_from_bytes(raw)

    assert message.keys() == HEADERS
    assert shown(message["Subject"]) == text
    assert max(len(line) for line in raw.split(b"\r\n")) <= 78


@pytest.mark.parametrize("character", ["\r", "\n", "\r\n", "\x00", "\x1b", "\x85", "\u2028", "\u2029"])
def test_control_characters_in_a_header_are_refused(character):
    with pytest.raises(ValueError, match="control character"):
        written(subject=f"件名{character}Bcc: evil@example.com")
    with pytest.raises(ValueError, match="control character"):
        written(shop_name=f"店{character}Bcc: evil@example.com")


@pytest.mark.parametrize(
    "text",
    [
        "a@example.jp,b@example.jp", "a@example.jp b@example.jp", "a@example.jp;b@example.jp", "a@b@example.jp",
        "a@example.jp\r\nBcc: b@c.jp", "a@example.jp\x00", "<a@example.jp>", "名 <a@example.jp>", '"a"@example.jp',
        "@example.jp", "a@", "a", "", "あ@example.jp", "a@例え.jp",
    ],
)  # fmt: skip
def test_anything_but_one_address_is_refused(text):
    with pytest.raises(ValueError, match="not one mail address"):
        address(text)


@pytest.mark.parametrize(
    ("text", "on_the_wire"),
    [
        ("buyer@example.jp", "buyer@example.jp"),
        ("a.b+c_d@mail.example.co.jp", "a.b+c_d@mail.example.co.jp"),
        ("a..b@docomo.ne.jp", '"a..b"@docomo.ne.jp'),
        ("a.b.@ezweb.ne.jp", '"a.b."@ezweb.ne.jp'),
        (".a@ezweb.ne.jp", '".a"@ezweb.ne.jp'),
    ],
)
def test_addresses_that_only_mobile_carriers_gave_out_are_quoted(text, on_the_wire):
    assert address(text) == on_the_wire
    assert message_from_bytes(written(to=text))["To"] == on_the_wire


def test_text_comes_before_html_and_both_arrive_as_written():
    text, html = "能ソ表十 ①㈱髙﨑𠮷～−\n.\n\nFrom here\n", "<p>能ソ𠮷</p>\n<p>2</p>\n"

    parts = bodies(written(text=text, html=html))

    assert list(parts) == ["text/plain", "text/html"]
    assert parts == {"text/plain": text.replace("\n", "\r\n"), "text/html": html.replace("\n", "\r\n")}


def test_a_mail_may_do_without_html():
    assert bodies(written(html=None)) == {"text/plain": "本文\r\n"}


def test_a_body_cannot_end_its_part():
    boundary = message_from_bytes(written()).get_boundary()

    parts = bodies(written(text=f"--{boundary}--\n--{boundary}\nContent-Type: text/html\n\nevil"))

    assert list(parts) == ["text/plain", "text/html"]


def test_it_is_seven_bit_clean_with_crlf_throughout():
    raw = written(text="長い行" * 10_000)

    assert raw.isascii()
    assert raw.count(b"\n") == raw.count(b"\r") == raw.count(b"\r\n")
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998


def test_autoresponders_are_suppressed_and_replies_go_to_the_shop():
    message = message_from_bytes(written())

    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Reply-To"] == "shop@example.jp"
    assert message["Date"] == "Thu, 26 Nov 2026 03:00:00 +0000"
    assert "Message-ID" not in message


def test_the_same_mail_is_the_same_bytes():
    assert written() == written()
