"""What the exports of other makers learn from: labelled rows with blanks, and pictures of three shapes. It is read by
Pythons that have the makers' libraries and nothing of Progon."""
from __future__ import annotations

import numpy as np

NUMBERS, TEXTS, NOTE, TARGET = ["age", "pay", "hours"], ["job", "town"], "note", "left"
LEARNED, ASKED = 2_000, 1_000
SHAPES = ["bar", "disc", "ring"]
# Of each shape, for learning; and of all, for asking.
PICTURES, ASKED_PICTURES = 60, 40
# What goes in where a row has no number, for makers that take no blanks.
FILLED = {"age": 45.0, "pay": 3_000.0, "hours": 40.0}
_PRAISE = ["Great team", "good pay", "friendly boss", "FLEXIBLE hours", "learns a lot", "добрый шеф"]
_BLAME = ["Long hours", "bad pay", "rude boss", "NO training", "far from home", "злой шеф"]


def rows_of(count, seed):
    """Returns: a data frame of the columns above with blanks, and the labels."""
    import pandas as pd
    random = np.random.default_rng(seed)
    rows = pd.DataFrame({
        "age": random.integers(18, 80, count).astype(np.float32),
        "pay": random.lognormal(8, 0.5, count).astype(np.float32),
        "hours": random.normal(40, 8, count).astype(np.float32),
        "job": random.choice(["smith", "cook", "Пекарь", "clerk"], count),
        "town": random.choice(["Oslo", "Bergen", "Bodø"], count)})
    score = (rows.age - 45) / 12 + (rows.pay < 2_500) - (rows.job == "cook") * 1.5 + random.normal(0, 1, count)
    rows[NOTE] = [_note(random, value) for value in score]
    for name in rows:
        rows.loc[random.random(count) < 0.08, name] = np.nan if name in NUMBERS else ""
    return rows, np.where(score > 0, "yes", "no")


def _note(random, score):
    """Three to six remarks, more of blame where the score is high, with a word that comes once in a while."""
    share = 1 / (1 + 2.7 ** -score)
    words = [str(random.choice(_BLAME if random.random() < share else _PRAISE)) for _ in range(random.integers(3, 7))]
    return ", ".join([*words, f"Nr {random.integers(0, 400)}"])


def pictures_of(count, seed):
    """Returns: list of uint8[height, width, 3], of sizes from 40 to 96, and the number of the shape of each."""
    random = np.random.default_rng(seed)
    return [_picture(random, row % 3, *random.integers(40, 97, 2)) for row in range(count)], [
        row % 3 for row in range(count)]


def _picture(random, shape, height, width):
    rows, columns = np.mgrid[:height, :width]
    radius = min(height, width) * random.uniform(0.25, 0.4)
    row, column = height * random.uniform(0.4, 0.6), width * random.uniform(0.4, 0.6)
    away = np.hypot(rows - row, columns - column)
    inside = [(abs(rows - row) < radius / 4) & (abs(columns - column) < radius), away < radius,
              (away < radius) & (away > radius * 0.6)][shape]
    ground, colour = random.integers(0, 100, 3), random.integers(150, 256, 3)
    pixels = np.where(inside[:, :, None], colour, ground) + random.normal(0, 6, (height, width, 3))
    return pixels.clip(0, 255).astype(np.uint8)


def leave_answers(path, rows, second):
    """rows: as asked, blanks and all. second: the maker's probability of yes."""
    rows.assign(probability_no=1 - second, probability_yes=second).to_csv(path, index=False)


def leave_pictures(path, pictures, shares=None, shapes=None):
    """A zip of PNG: in folders of their shapes, or beside check.csv with the maker's probabilities."""
    import io
    import zipfile

    from PIL import Image
    with zipfile.ZipFile(path, "w") as archive:
        lines = [",".join(["name", *(f"probability_{shape}" for shape in SHAPES)])]
        for number, pixels in enumerate(pictures):
            name = f"{number:04}.png" if shapes is None else f"{SHAPES[shapes[number]]}/{number:04}.png"
            content = io.BytesIO()
            Image.fromarray(pixels).save(content, "PNG")
            archive.writestr(name, content.getvalue())
            if shares is not None:
                lines.append(",".join([name, *map(repr, map(float, shares[number]))]))
        if shares is not None:
            archive.writestr("check.csv", "\n".join(lines) + "\n")
