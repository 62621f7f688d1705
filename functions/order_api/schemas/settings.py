"""Settings as staff see them, where that is more than what is stored."""

from typing import Annotated

from pydantic import Field

from shukka.domain.settings import ShopProfile


class ShopProfileView(ShopProfile):
    """The shop's profile. `warnings` say what to look at although it was saved; in a request they mean nothing."""

    warnings: Annotated[tuple[str, ...], Field(json_schema_extra={"readOnly": True})] = ()

    @classmethod
    def of(cls, shop: ShopProfile) -> "ShopProfileView":
        return cls.model_construct(**{**dict(shop), "warnings": shop.concerns})

    @property
    def profile(self) -> ShopProfile:
        """What is stored of it."""
        return ShopProfile.model_construct(**{name: getattr(self, name) for name in ShopProfile.model_fields})
