"""The commands, in the order in which the help lists them."""

from types import ModuleType

from . import convert, diff, doctor, inspect, plot, repair, run, upgrade, verify

COMMANDS: tuple[ModuleType, ...] = (inspect, diff, verify, run, convert, plot, repair, upgrade, doctor)
