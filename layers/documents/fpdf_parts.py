"""The parts of fpdf2 that documents are made with, imported without those they never use.

fpdf2 begins by importing what colour, variable and stock fonts take of fontTools: a third of its memory and of its
time, in a function that somebody waits for. Here that is put off until it is used, so fpdf2 can still do all it does.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import cast

_NOT_FOR_DOCUMENTS = (
    "fontTools.pens.ttGlyphPen",
    "fontTools.subset",
    "fontTools.ttLib",
    "fontTools.varLib",
    "fpdf.font_type_3",
)


class _Later(ModuleType):
    """Stands for a module; its names import it when they are used."""

    def __getattr__(self, name: str) -> "_Name":
        if name.startswith("__"):
            raise AttributeError(name)
        return _Name(self.__name__, name)


class _Name:
    def __init__(self, module: str, name: str) -> None:
        self._module = module
        self._name = name

    def _imported(self) -> object:
        module = import_module(self._module)
        return getattr(module, self._name, None) or import_module(f"{self._module}.{self._name}")

    def __call__(self, *args: object, **options: object) -> object:
        return cast(Callable[..., object], self._imported())(*args, **options)

    def __getattr__(self, name: str) -> object:
        return getattr(self._imported(), name)


@contextmanager
def _put_off(*names: str) -> Iterator[None]:
    """Within it, imports of these modules give stand-ins, unless they were imported before."""
    stand_ins = {name: _Later(name) for name in names if name not in sys.modules}
    sys.modules.update(stand_ins)
    try:
        yield
    finally:
        for name in stand_ins:
            del sys.modules[name]


with _put_off(*_NOT_FOR_DOCUMENTS):
    from fpdf import FPDF
    from fpdf.enums import FontDescriptorFlags
    from fpdf.fonts import PDFFontDescriptor
    from fpdf.output import CIDSystemInfo, OutputProducer, PDFFont, PDFFontStream, PDFType3Font
    from fpdf.prefs import ViewerPreferences
    from fpdf.syntax import Name, PDFArray, PDFContentStream

__all__ = [
    "FPDF",
    "CIDSystemInfo",
    "FontDescriptorFlags",
    "Name",
    "OutputProducer",
    "PDFArray",
    "PDFContentStream",
    "PDFFont",
    "PDFFontDescriptor",
    "PDFFontStream",
    "PDFType3Font",
    "ViewerPreferences",
]
