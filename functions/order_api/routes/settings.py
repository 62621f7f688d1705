"""各種設定: a pair of typed routes for each section of `Settings`."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body
from pydantic import RootModel, create_model

from order_api import wiring
from order_api.auth import STAFF
from order_api.openapi import documented
from order_api.responses import answer, versions_of
from order_api.routes.orders import IfMatch
from order_api.schemas.settings import ShopProfileView
from shukka.domain.settings import Settings, ShopProfile
from shukka.usecases.save_settings import save_settings

router = Router()


def _serve(section: str, kind: Any) -> None:  # noqa: ANN401 - the section's type, as pydantic knows it
    path = f"/settings/{section}"
    kind = ShopProfileView if kind is ShopProfile else kind
    title = "".join(word.capitalize() for word in section.split("_"))
    view = documented(kind if isinstance(kind, type) else create_model(title, __base__=RootModel[kind]), versioned=True)

    @router.get(
        path,
        operation_id=f"get{title}Settings",
        summary=f"The settings: {section}",
        middlewares=[STAFF],
        responses=view,
    )
    def get() -> Response[Any]:
        settings, versions = wiring.settings().get()
        return answer(200, _shown(getattr(settings, section)), version=versions.get(section, 0))

    @router.put(
        path,
        operation_id=f"save{title}Settings",
        summary=f"Change the settings: {section}",
        middlewares=[STAFF],
        responses=view,
    )
    def put(value: Annotated[kind, Body()], if_match: IfMatch = None) -> Response[Any]:
        stored = value.profile if isinstance(value, ShopProfileView) else value
        saved = save_settings(section, stored, versions_of(if_match), wiring.settings())
        return answer(200, _shown(saved.value), version=saved.version)


def _shown(value: object) -> object:
    return ShopProfileView.of(value) if isinstance(value, ShopProfile) else value


for name, field in Settings.model_fields.items():
    _serve(name, field.annotation)
