"""The pages of staff for agencies, creators, bindings, violations, credit and deliveries."""

from agencies.admin import agency, conduct, creator, imported_file

__all__ = ["agency", "conduct", "creator", "imported_file"]
