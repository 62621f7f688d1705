"""What the READMEs let a reader send is accepted."""

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.readme import READMES, calls, first_order


@pytest.mark.parametrize("readme", READMES)
def test_each_request_of_the_readme_is_accepted(api, readme):
    sent = calls(readme)
    assert {call.method for call in sent} == {"GET", "POST"}

    for call in sent:
        url = urlsplit(call.path)
        answer = api.call(call.method, url.path, call.body, headers=call.headers, query=parse_qs(url.query))
        assert answer.status == (201 if call.method == "POST" else 200), answer.body


def test_both_readmes_place_the_same_order():
    english, japanese = map(first_order, READMES)

    assert english == japanese
