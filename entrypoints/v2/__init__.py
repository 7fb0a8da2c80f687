"""The Open Inference Protocol, version 2, over whatever transport: a model is a task, a version of it an experiment."""
