"""Nets of torch, exported by both of its exporters: `PYTHON -m benchmarks.makers_torch FOLDER`.

Each leaves NAME.onnx, NAME.json, the mapping, and the rows or pictures that were asked with torch's own answers:
NAME.csv or NAME.zip.
"""
from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

from benchmarks.makers_data import (
    ASKED,
    ASKED_PICTURES,
    FILLED,
    LEARNED,
    NUMBERS,
    PICTURES,
    SHAPES,
    leave_answers,
    leave_pictures,
    pictures_of,
    rows_of,
)

SIDE, MEAN, STD = 48, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


def mlp(values):
    """Of numbers as they come; they are made alike inside."""
    import torch
    from torch import nn

    class Mlp(nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("mean", torch.tensor(values.mean(axis=0)))
            self.register_buffer("deviation", torch.tensor(values.std(axis=0)))
            self.layers = nn.Sequential(nn.Linear(3, 32), nn.GELU(), nn.BatchNorm1d(32), nn.Dropout(0.1),
                                        nn.Linear(32, 2))

        def forward(self, x):
            return self.layers((x - self.mean) / self.deviation)
    return Mlp()


def cnn():
    from torch import nn
    return nn.Sequential(
        nn.Conv2d(3, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 32, 3, padding=1),
        nn.SiLU(), nn.MaxPool2d(2), nn.Conv2d(32, 32, 3, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        nn.Dropout(0.1), nn.Linear(32, len(SHAPES)))


def fitted(net, inputs, targets, steps, rate):
    import torch
    optimizer = torch.optim.Adam(net.parameters(), rate)
    net.train()
    for _ in range(steps):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(net(inputs), targets).backward()
        optimizer.step()
    return net.eval()


def exported(net, example, path, dynamo, free):
    """free: the number of rows is any; else it is that of the example."""
    import torch
    how = {}
    if free and dynamo:
        how["dynamic_shapes"] = ({0: torch.export.Dim("batch")},)
    elif free:
        how["dynamic_axes"] = {"x": {0: "batch"}, "logits": {0: "batch"}}
    program = torch.onnx.export(net, (example,), None if dynamo else path, input_names=["x"], output_names=["logits"],
                                dynamo=dynamo, **how)
    if dynamo:
        program.save(path)


def mapping(path, **said):
    path.write_text(json.dumps({"outputs": {"logits": "logits"}, **said}))


def shares_of(net, inputs):
    import torch
    with torch.no_grad():
        return torch.softmax(net(inputs), dim=1).numpy()


def export_tables(folder):
    import torch
    torch.manual_seed(0)
    learned, labels = rows_of(LEARNED, 0)
    asked, _ = rows_of(ASKED, 1)
    values, wanted = (torch.tensor(rows[NUMBERS].fillna(FILLED).to_numpy(np.float32)) for rows in (learned, asked))
    net = fitted(mlp(values.numpy()), values, torch.tensor((labels == "yes").astype(np.int64)), 200, 0.01)
    for name, dynamo in (("torch_mlp_dynamo", True), ("torch_mlp_script", False)):
        exported(net, values[:2], folder / f"{name}.onnx", dynamo, free=True)
        mapping(folder / f"{name}.json", inputs={"x": {"columns": NUMBERS}}, missing=FILLED)
        leave_answers(folder / f"{name}.csv", asked, shares_of(net, wanted)[:, 1].astype(np.float64))


def export_pictures(folder):
    import torch
    torch.manual_seed(0)
    pictures, shapes = pictures_of(PICTURES * len(SHAPES), 0)
    asked, _ = pictures_of(ASKED_PICTURES, 1)
    net = fitted(cnn(), torch.cat([seen(pixels) for pixels in pictures]), torch.tensor(shapes), 60, 0.01)
    shares = [shares_of(net, seen(pixels))[0] for pixels in asked]
    for name, dynamo, free in (("torch_cnn_dynamo", True, True), ("torch_cnn_script", False, True),
                               ("torch_cnn_one", False, False)):
        exported(net, seen(asked[0]).repeat(2 if free else 1, 1, 1, 1), folder / f"{name}.onnx", dynamo, free)
        mapping(folder / f"{name}.json", picture={"scale": "1/255", "mean": MEAN, "std": STD})
        leave_pictures(folder / f"{name}.zip", asked, shares)


def seen(pixels):
    """As torchvision's Resize and Normalize make it, of a tensor."""
    import torch
    planes = torch.tensor(pixels).permute(2, 0, 1)[None].float() / 255
    small = torch.nn.functional.interpolate(planes, (SIDE, SIDE), mode="bilinear", antialias=True, align_corners=False)
    return (small - torch.tensor(MEAN)[:, None, None]) / torch.tensor(STD)[:, None, None]


if __name__ == "__main__":
    export_tables(Path(sys.argv[1]))
    export_pictures(Path(sys.argv[1]))
