"""The default rules of the domain, as far as the reference reads them."""

import tomllib

RULES = tomllib.loads("""
version = "reference"
effective_from = "2000-01"
[stages]
novice_months = 2
service_floor = 140
credit_floor = 80
[bonus]
cap = 100
[credit]
opening = 120
cap = 150
[appeals]
hold_fall = false
[[indicators]]
key = "settled_amount"
knots = [[0, 0], [100000, 40], [1000000, 100], [5000000, 150], [20000000, 190], [100000000, 220]]
[[indicators]]
key = "settled_orders"
knots = [[0, 0], [1000, 20], [10000, 50], [100000, 85], [1000000, 110]]
[[indicators]]
key = "l5_creators"
knots = [[0, 0], [1, 20], [5, 50], [20, 80], [50, 100]]
[[indicators]]
key = "live_minutes_per_creator_day"
knots = [[0, 0], [30, 30], [60, 50], [120, 70]]
[[indicators]]
key = "showcase_share"
knots = [["0", "0"], ["0.05", "40"], ["0.15", "90"], ["0.30", "120"]]
[[indicators]]
key = "showcase_creators"
knots = [[0, 0], [5, 30], [20, 60], [100, 100]]
[[indicators]]
key = "good_goods_share"
knots = [[0, 0], [0.1, 25], [0.3, 60], [0.5, 80]]
[[indicators]]
key = "reputation"
knots = [[3, 0], [4, 110], [4.4, 150], [4.6, 175], [4.8, 200]]
[[indicators]]
key = "worry_free_orders"
knots = [[0, 0], [1000, 30], [10000, 60], [100000, 100]]
[[levels]]
key = "V1"
min_total = 0
[[levels]]
key = "V2"
min_total = 400
[[levels]]
key = "V3"
min_total = 550
[[levels]]
key = "V4"
min_total = 700
[[levels]]
key = "V5"
min_total = 850
""")
