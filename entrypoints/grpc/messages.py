"""The messages of inference.proto. Their types are in messages.pyi, which `make proto` writes."""
from entrypoints.grpc import descriptors

globals().update(descriptors.classes())
