"""Rules of jupyter_rtc.lab.page."""

from jupyter_rtc.lab.page import set_page_config


def test_the_frontends_are_told_whether_documents_are_shared():
    settings = {}
    set_page_config(settings, disable_rtc=True, server_side_execution=False)
    assert settings["page_config_data"] == {"disableRTC": "true", "serverSideExecution": "false"}


def test_what_an_administrator_says_is_left_alone():
    settings = {"page_config_data": {"disableRTC": "true"}}
    set_page_config(settings, disable_rtc=False, server_side_execution=True)
    assert settings["page_config_data"]["disableRTC"] == "true"
