"""The pages of staff for agencies, members, creators, bindings, violations, credit, deliveries."""

from agencies.admin import agency, conduct, creator, imported_file, invitation

__all__ = ["agency", "conduct", "creator", "imported_file", "invitation"]
