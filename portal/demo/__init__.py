"""The demo platform: a made-up platform as files of the outside contract, fixed by a seed."""

from portal.demo.platform import DemoPlatform, DemoSize, write_platform

__all__ = ["DemoPlatform", "DemoSize", "write_platform"]
