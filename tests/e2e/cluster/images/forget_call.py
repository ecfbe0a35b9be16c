"""forget_call.py CALL VERSION: takes a call out of the installed image stage, and gives the program another version."""

import re
import sys
from importlib.metadata import distribution
from pathlib import Path

from firstframe.api.imagegen.v1 import imagegen_pb2_grpc

call, version = sys.argv[1:]
served = Path(imagegen_pb2_grpc.__file__)
text, times = re.subn(rf" +'{call}': grpc\.\w+\(\n(?:.+\n)+? +\),\n", "", served.read_text())
assert times == 1, f"{call} is registered {times} times"
served.write_text(text)

named = Path(str(distribution("firstframe").locate_file(""))).glob("firstframe-*.dist-info/METADATA")
for path in named:
    path.write_text(re.sub(r"(?m)^Version: .*$", f"Version: {version}", path.read_text(), count=1))
