"""The command line."""

import re
from pathlib import Path

import pytest

from jupyter_rtc.commands.command import COMMANDS, main, parser

PAGE = (Path(__file__).parents[2] / "docs" / "commands.md").read_text()
NAMES = [module.__name__.rpartition(".")[2] for module in COMMANDS]


@pytest.mark.parametrize("name", NAMES)
def test_every_command_explains_itself_with_examples(name, capsys):
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    text = capsys.readouterr().out
    assert ended.value.code == 0 and "examples:" in text and f"jupyter rtc {name}" in text


@pytest.mark.parametrize("name", NAMES)
def test_every_option_is_on_the_page(name, capsys):
    with pytest.raises(SystemExit):
        main([name, "--help"])
    section = PAGE.split(f"## `jupyter rtc {name}`")[1].split("\n## ")[0]
    for option in re.findall(r"(?<![\w-])--[a-z-]+", capsys.readouterr().out.split("examples:")[0]):
        assert option == "--help" or f"`{option}`" in section, option


def test_what_cannot_be_understood_is_refused_with_how_it_is_used(capsys):
    for line in ([], ["nonsense"], ["run"], ["ls", "--nonsense"]):
        with pytest.raises(SystemExit) as ended:
            parser().parse_args(line)
        assert ended.value.code == 2 and "usage: jupyter rtc" in capsys.readouterr().err


def test_an_error_is_one_plain_sentence(capsys):
    assert main(["status", "--url", "http://127.0.0.1:1", "--token", "x"]) == 1
    told = capsys.readouterr()
    assert told.out == "" and told.err.startswith("jupyter rtc: No server answers at http://127.0.0.1:1")
    assert told.err.count("\n") == 1
