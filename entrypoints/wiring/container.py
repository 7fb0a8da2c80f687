"""All parts in one container, flat: what a part gives is overridden here by its name."""
from __future__ import annotations

from application.use_cases.add_demo_data import AddDemoData
from application.use_cases.prepare_demo import PrepareDemo
from entrypoints.processes.demo import DemoTasks
from entrypoints.settings import Settings
from entrypoints.wiring import demos
from entrypoints.wiring.core import Core
from entrypoints.wiring.files import Files
from entrypoints.wiring.injector import ThreadSafeSingleton, providers
from entrypoints.wiring.keeping import Keeping
from entrypoints.wiring.keys import Keys
from entrypoints.wiring.monitoring import Monitoring
from entrypoints.wiring.people import People
from entrypoints.wiring.removing import Removing
from entrypoints.wiring.serving import Serving
from entrypoints.wiring.training import Training


class Container(Removing, Files, Monitoring, Keys, People, Keeping):
    demo_data = ThreadSafeSingleton(demos.demo_data)
    prepare_demo = ThreadSafeSingleton(
        PrepareDemo, ThreadSafeSingleton(AddDemoData, Core.task_catalog, Core.feature_store, demo_data),
        Core.experiment_log, Training.retrain_here, Serving.deploy, Core.deployment_log)
    demo_tasks = providers.Factory(
        DemoTasks, Core.settings, Core.deployment_log, Core.feature_store, demo_data, prepare_demo, Files.formats)


def make_container(settings: Settings) -> Container:
    return Container(settings=settings)
