"""The technologies behind the ports, a folder each."""
import os

# The official builds of onnxruntime tell their maker of every process and model, and keep an id of the machine in HOME,
# unless this is set before they are loaded. Nobody asked for that here; whoever sets it otherwise has his way.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
