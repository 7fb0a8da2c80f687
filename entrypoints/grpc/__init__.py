"""The Open Inference Protocol over gRPC: a second entrypoint over the same use cases as `/v2` over HTTP.

It runs in each process that answers, on the event loop of its HTTP server, so keys, slots, models, log and counts are
the same ones. Nothing imports gRPC but this package, and nothing imports this package's parts but where
PROGON_GRPC_PORT is set.
"""
