"""The one way in which a file as a whole is refused, and the one door for text that people read about a file."""

from shukka.domain.errors import ShukkaError
from shukka.domain.text.values import SURROGATES


def encodable(text: str) -> str:
    """`text` with U+FFFD for each byte that could not be decoded: UTF-8 cannot encode what the reader keeps of it."""
    return SURROGATES.sub("\ufffd", text)


class FileProblemError(ShukkaError):
    """Nothing of the file can be taken. The message says, in Japanese, what was seen and what would settle it.

    It may quote the file: what cannot be encoded is replaced here.
    """

    def __init__(self, message: str) -> None:
        super().__init__(encodable(message))
