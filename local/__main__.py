"""The stack in the background, from the command line.

python -m local up      deploy the template and leave it running; says how to use it
python -m local url     print the URL of the API
python -m local token   print a token: `staff` (default) or `storefront`
python -m local down    end it
"""

import argparse
import sys

from local import sample
from local.server import REGION, StackError
from local.stack import Stack, find_in_background, start_in_background, stop_in_background


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m local", description="The stack in the background.")
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="deploy the template and leave it running")
    up.add_argument("--origin", action="append", default=[], help="an origin whose pages may call the API")
    commands.add_parser("down", help="end it")
    commands.add_parser("url", help="print the URL of the API")
    token = commands.add_parser("token", help="print a bearer token, valid for an hour")
    token.add_argument("role", nargs="?", choices=["staff", "storefront"], default="staff")
    arguments = parser.parse_args()
    try:
        if arguments.command == "up":
            print(_usage(_up(arguments.origin)))
        elif arguments.command == "url":
            print(_running().api_url)
        elif arguments.command == "token":
            print(_token(arguments.role))
        else:
            print("The stack is stopped." if stop_in_background() else "No stack is running.")
    except StackError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _up(origins: list[str]) -> Stack:
    stack = find_in_background()
    if stack is None:
        stack = start_in_background(origins)
        sample.open_shop(stack)
    elif origins:
        raise StackError("A stack is running already: end it with `make down`, then start it with the origin.")
    return stack


def _running() -> Stack:
    stack = find_in_background()
    if stack is None:
        raise StackError("No stack is running: `make up` starts one.")
    return stack


def _token(role: str) -> str:
    stack = _running()
    return stack.staff_token() if role == "staff" else stack.storefront_token()


def _usage(stack: Stack) -> str:
    return f"""\
The stack is running.

  API      {stack.api_url}
  Bucket   {stack.bucket}
  AWS      {stack.endpoint_url} (access key and secret: test, region: {REGION})
  Log      {stack.log}

A token, for staff or a storefront:
  API=$(make -s url) TOKEN=$(make -s token)      TOKEN=$(make -s token ROLE=storefront)
  curl -H "Authorization: Bearer $TOKEN" "$API/orders"

Shipment files go under imports/ of the bucket, reports appear under results/.
Mails are not sent anywhere: each lies as .eml under mails/ of the bucket. With the AWS CLI:
  export AWS_ENDPOINT_URL={stack.endpoint_url} AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_REGION={REGION}
  aws s3 cp shipments.csv s3://{stack.bucket}/imports/
  aws s3 sync s3://{stack.bucket}/mails/ mails/

`make down` ends it and forgets everything in it."""


if __name__ == "__main__":
    sys.exit(main())
