"""The service that people write by hand for a model of CatBoost: FastAPI, pydantic, pandas, predict_proba.

    MODEL=model.cbm uvicorn benchmarks.handmade:app --loop uvloop --http httptools --no-access-log

The peer of `benchmarks.forward`, written as a good engineer would, and to be quick: the model is loaded once, one
thread answers, pydantic writes the answers, nothing is logged, kept or counted. It imports nothing of the project.
"""
from __future__ import annotations

import os
from functools import cache

import pandas as pd
from catboost import CatBoostClassifier
from fastapi import FastAPI, Response, UploadFile
from pydantic import BaseModel

CATEGORIES = ("carrier", "origin", "dest", "tailnum", "plane_model", "plane_manufacturer", "plane_engine")


class Flight(BaseModel):
    carrier: str
    origin: str
    dest: str
    tailnum: str
    plane_model: str
    plane_manufacturer: str
    plane_engine: str
    plane_year: float | None
    plane_seats: float | None
    month: int
    weekday: int
    sched_dep_minute: int
    sched_arr_minute: int
    distance: float
    temp: float | None
    dewp: float | None
    humid: float | None
    wind_dir: float | None
    wind_speed: float | None
    wind_gust: float | None
    precip: float | None
    pressure: float | None
    visib: float | None


class Answer(BaseModel):
    prediction: int
    probabilities: dict[str, float]


@cache
def model() -> CatBoostClassifier:
    return CatBoostClassifier().load_model(os.environ["MODEL"])


def answer(rows) -> Answer:
    of_0, of_1 = model().predict_proba(rows, thread_count=1)[0].tolist()
    return Answer(prediction=int(of_1 > of_0), probabilities={"0": of_0, "1": of_1})


app = FastAPI()


@app.get("/readyz")
async def ready() -> list[str]:
    return model().feature_names_


# A row takes less time than the way to a thread and back, so it is answered where it arrives.
@app.post("/forward")
async def forward(flight: Flight) -> Answer:
    return answer(pd.DataFrame([flight.model_dump()]))


@app.post("/forward_without_pandas")
async def forward_without_pandas(flight: Flight) -> Answer:
    return answer([list(flight.model_dump().values())])


# A file takes long: in a thread, so that rows are answered meanwhile.
@app.post("/forward_batch")
def forward_batch(file: UploadFile) -> Response:
    rows = pd.read_csv(file.file, dtype=dict.fromkeys(CATEGORIES, str), keep_default_na=False,
                       na_values={name: [""] for name in Flight.model_fields if name not in CATEGORIES})
    probabilities = model().predict_proba(rows, thread_count=1)
    rows["prediction"] = probabilities.argmax(axis=1)
    rows["probability_0"], rows["probability_1"] = probabilities.T
    return Response(rows.to_csv(index=False), media_type="text/csv")
