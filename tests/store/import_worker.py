"""A worker that imports one file and is killed at a request of its own, as a function is when its machine goes.

    python -m tests.store.import_worker '{"endpoint": …, "tables": …, "folder": …, "key": …, …, "die_at": 7}'

`die_at` counts requests to DynamoDB; the process kills itself with SIGKILL after the answer to an odd one, and before
an even one leaves. Without it, the worker goes on to the end.
"""

import json
import os
import signal
import sys
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

from local.tables import Tables
from shipment_import.job import UploadedFile
from tests.store.conftest import dynamodb_client
from tests.uploads import FolderFiles, World


def main(task: dict[str, Any]) -> None:
    client = dynamodb_client(task["endpoint"])
    if die_at := task.get("die_at"):
        requests = count(1)

        def die(**_: object) -> None:
            if next(requests) == die_at:
                os.kill(os.getpid(), signal.SIGKILL)

        client.meta.events.register("response-received.dynamodb" if die_at % 2 else "before-send.dynamodb", die)
    world = World(client, Tables(**task["tables"]), FolderFiles(Path(task["folder"])))
    world.clock.now = datetime.fromisoformat(task["now"])
    world.run(UploadedFile(task["key"], "", task["size"], datetime.fromisoformat(task["at"])))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
