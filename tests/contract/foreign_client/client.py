"""A client that knows nothing but proto/: no module of firstframe but those generated from the contract.

Run by an isolated interpreter: client.py GENERATED SITE_PACKAGES ADDRESS REQUEST_JSON
"""

import importlib.util
import json
import sys

generated, site_packages, address, request_json = sys.argv[1:]
sys.path[:0] = [generated, site_packages]

import grpc  # noqa: E402
from google.protobuf import json_format  # noqa: E402

from firstframe.api.upscaling.v1 import upscaling_pb2, upscaling_pb2_grpc  # noqa: E402

if importlib.util.find_spec("firstframe.core") is not None or not upscaling_pb2.__file__.startswith(generated):
    sys.exit("this client sees more of firstframe than the contract")

request = json_format.Parse(request_json, upscaling_pb2.UpscaleClipRequest())
with grpc.insecure_channel(address) as channel:
    stub = upscaling_pb2_grpc.UpscalingServiceStub(channel)
    events = list(stub.UpscaleClip(request, timeout=60))
kinds = [event.WhichOneof("event") for event in events]
answer = {"kinds": kinds, "result": json_format.MessageToDict(events[-1].result)}
sys.stdout.write(json.dumps(answer))
