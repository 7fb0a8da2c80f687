"""The Open Inference Protocol, version 2 (KServe): tensors in, tensors out, over whatever transport they come."""
