from __future__ import annotations

from application.decorators.demo_data import DemoDataByName
from application.ports.demo_data import DemoData


def demo_data() -> DemoData:
    from adapters.nuclei_generator.demo_data import NucleiGeneratorDemoData
    from adapters.nycflights13.demo_data import NycflightsDemoData
    return DemoDataByName({"nycflights13": NycflightsDemoData(), "nuclei_generator": NucleiGeneratorDemoData()})
