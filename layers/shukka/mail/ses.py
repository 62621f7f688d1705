"""Amazon SES v2. It has no idempotency token, so every failure is sorted by what it says about the mail."""

from typing import TYPE_CHECKING

from botocore import exceptions

from shukka.usecases.ports import Letter, MailNotSentError, MailOutcomeUnknownError, MailRejectedError

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client

# Why SES will never take this mail (API reference of SendEmail). Staff read the reason beside the mail.
_REJECTIONS = {
    "MessageRejected": "メールサービス（Amazon SES）が、内容またはアドレスを理由に受け付けませんでした",
    "MailFromDomainNotVerifiedException": "差出人のドメインがメールサービス（Amazon SES）で確認されていません",
    "BadRequestException": "メールサービス（Amazon SES）が、メールの形式を理由に受け付けませんでした",
}
# Raised before the request is written to the connection.
_NEVER_LEFT = (
    exceptions.ParamValidationError,
    exceptions.NoCredentialsError,
    exceptions.PartialCredentialsError,
    exceptions.CredentialRetrievalError,
    exceptions.NoRegionError,
    exceptions.EndpointConnectionError,
    exceptions.ConnectTimeoutError,
    exceptions.ProxyConnectionError,
)
# A gateway that gave up waiting says nothing about whether SES behind it took the mail.
_GATEWAY_TIMEOUTS = (502, 504)


class SesMailSender:
    """`client` must not retry by itself."""

    def __init__(self, client: "SESV2Client", configuration_set: str) -> None:
        self._client = client
        self._configuration_set = configuration_set

    def send(self, letter: Letter) -> str:
        """SES's message id. Raises MailNotSentError, MailRejectedError or MailOutcomeUnknownError."""
        # A kept connection may have died while the function was frozen. A request that dies with it looks the same as
        # one whose answer was lost. A new connection costs some ten milliseconds.
        self._client.close()
        kind, name = letter.about
        try:
            answer = self._client.send_email(
                FromEmailAddress=letter.envelope.sender,
                Destination={"ToAddresses": [letter.envelope.to]},
                Content={"Raw": {"Data": letter.mime}},
                ConfigurationSetName=self._configuration_set,
                EmailTags=[{"Name": kind, "Value": name}],
            )
            return answer["MessageId"]
        except exceptions.ClientError as failure:
            raise _meaning_of(failure) from None
        except _NEVER_LEFT as failure:
            raise MailNotSentError(type(failure).__name__) from None
        except (exceptions.BotoCoreError, OSError, KeyError) as failure:
            # KeyError: an answer that was cut off.
            raise MailOutcomeUnknownError(type(failure).__name__) from None


def _meaning_of(failure: exceptions.ClientError) -> Exception:
    """Only SES's code and our own words: its message repeats addresses."""
    code = failure.response["Error"]["Code"]
    status = failure.response["ResponseMetadata"]["HTTPStatusCode"]
    if code in _REJECTIONS:
        return MailRejectedError(_REJECTIONS[code])
    if status in _GATEWAY_TIMEOUTS:
        return MailOutcomeUnknownError(f"{status} {code}")
    return MailNotSentError(code)
