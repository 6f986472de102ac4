"""The place that others look into for jupyter-collaboration's extension."""

import asyncio
from types import SimpleNamespace

from jupyter_server.extension.manager import ExtensionManager

from jupyter_rtc.lab.api import DocumentApi
from jupyter_rtc.lab.stand_in import NAME, StandIn, stand_in


def an_api(**options):
    return DocumentApi(None, None, None, **options)


def test_a_real_extension_manager_finds_the_documents_under_the_name_of_the_other_extension():
    manager, api = ExtensionManager(), an_api(disable_rtc=True)
    stand_in(manager.extensions, api, "1.0")
    assert manager.extensions[NAME].enabled and manager.extensions[NAME].version == "1.0"
    assert manager.extension_apps[NAME] == {api} and api.disable_rtc
    assert manager.extension_points[NAME].app is api


def test_a_real_extension_manager_can_do_all_with_it_that_it_does_with_an_extension():
    async def story():
        manager = ExtensionManager()
        stand_in(manager.extensions, an_api(), "1.0")
        manager.link_all_extensions()
        manager.load_all_extensions()
        await manager.start_all_extensions()
        assert not manager.any_activity()
        await manager.stop_all_extensions()

    asyncio.run(story())


def test_the_place_of_an_extension_that_is_installed_and_off_is_taken_and_of_one_that_is_on_is_not():
    off, on = {NAME: SimpleNamespace(enabled=False)}, {NAME: SimpleNamespace(enabled=True)}
    for extensions in (off, on):
        stand_in(extensions, an_api(), "1.0")
    assert isinstance(off[NAME], StandIn) and not isinstance(on[NAME], StandIn)
