"""Which label files there are."""

from collections.abc import Mapping
from enum import StrEnum

from shukka.domain.labels.japan_post import PRINT_R
from shukka.domain.labels.layout import LabelLayout
from shukka.domain.labels.sagawa import EHIDEN3
from shukka.domain.labels.yamato import B2CLOUD


class LabelFormat(StrEnum):
    """The same names as the import formats of the same software."""

    YAMATO_B2CLOUD = "yamato_b2cloud"
    SAGAWA_EHIDEN3 = "sagawa_ehiden3"
    YUPACK_PRINT_R = "yupack_print_r"

    @property
    def layout(self) -> LabelLayout:
        return _LAYOUTS[self]


_LAYOUTS: Mapping[LabelFormat, LabelLayout] = {
    LabelFormat.YAMATO_B2CLOUD: B2CLOUD,
    LabelFormat.SAGAWA_EHIDEN3: EHIDEN3,
    LabelFormat.YUPACK_PRINT_R: PRINT_R,
}
