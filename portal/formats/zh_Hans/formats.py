"""Chinese pages group figures by thousands, as tables and statements in China do."""

THOUSAND_SEPARATOR = ","
NUMBER_GROUPING = 3
