"""What people fill in about the level: the simulator's values, the staff's rulebooks."""

from scoring.forms.simulator import ExactField, SimulatorForm

__all__ = ["ExactField", "SimulatorForm"]
