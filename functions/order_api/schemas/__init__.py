"""What the API answers."""

from pydantic import BaseModel, ConfigDict


class View(BaseModel):
    """An answer. Built when first used: a cold start serves one route, not all of them."""

    model_config = ConfigDict(defer_build=True, json_schema_serialization_defaults_required=True)
