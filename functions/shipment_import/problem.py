"""The one way in which a file as a whole is refused."""

from shukka.domain.errors import ShukkaError


class FileProblemError(ShukkaError):
    """Nothing of the file can be taken. The message says, in Japanese, what was seen and what would settle it."""
