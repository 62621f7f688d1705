"""The error of a file that is refused as a whole, and the encoding of texts about a file."""

from shukka.domain.errors import ShukkaError
from shukka.domain.text.values import SURROGATES


def encodable(text: str) -> str:
    """`text` with U+FFFD for each byte that could not be decoded: UTF-8 cannot encode the reader's surrogates."""
    return SURROGATES.sub("\ufffd", text)


class FileProblemError(ShukkaError):
    """No row of the file can be applied. The message says, in Japanese, what is wrong and how to correct it.

    It may quote the file: characters that cannot be encoded are replaced here.
    """

    def __init__(self, message: str) -> None:
        super().__init__(encodable(message))
