"""What everybody may see: that the API is there, and what it speaks."""

from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from pydantic import BaseModel

from order_api.answers import answer
from order_api.auth import OPEN

router = Router()


class Health(BaseModel):
    status: str = "ok"


@router.get("/health", middlewares=[OPEN])
def health() -> Response[Any]:
    return answer(200, Health())
