"""Invented names, codes and contacts of the demo platform; none belongs to a real company."""

from random import Random

from portal.demo.chance import happens

CITIES = (
    ("杭州", "330100"),
    ("成都", "510100"),
    ("广州", "440100"),
    ("上海", "310000"),
    ("北京", "110000"),
    ("深圳", "440300"),
    ("武汉", "420100"),
    ("长沙", "430100"),
    ("厦门", "350200"),
    ("西安", "610100"),
    ("南京", "320100"),
    ("苏州", "320500"),
    ("重庆", "500000"),
    ("青岛", "370200"),
    ("郑州", "410100"),
    ("宁波", "330200"),
)
# How often a city is drawn: the trade gathers in a few of them.
CITY_WEIGHTS = (20, 10, 13, 10, 9, 9, 5, 5, 4, 3, 3, 2, 3, 2, 1, 1)

CATEGORIES = ("美妆", "服饰", "食品", "母婴", "家居", "数码", "图书", "运动", "珠宝", "生鲜")
CATEGORY_WEIGHTS = (17, 20, 17, 9, 12, 6, 4, 6, 3, 6)

_BRAND_FIRST = (
    "沐砚栖芷溪澄屿汀岚棠榆檀霁隽绮昱珩瑾筱翊赫穗麓漪朗皓晏棹霖槿桉梧柚苇璞霓芃鹭"
    "泠汐砺苒昕旻陌弥榕桐栀萤葵蓝橘枫霜岑峤珞琅玖芸茗"
)
_BRAND_SECOND = (
    "舟野川禾庭岸原知石林歌白洲言序语木礼远光山行今方年合声然安里鸣归"
    "桥帆渔谷影町夏冬初七屋笺墨信堂荟汇格墅源途塔"
)
_TRADES = (
    "文化传媒",
    "文化传媒",
    "文化传媒",
    "网络科技",
    "文化创意",
    "电子商务",
    "信息科技",
    "品牌管理",
    "数字科技",
    "文化发展",
)

_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)

_PERSONS = (
    "小鹿",
    "阿宁",
    "晚晚",
    "小满",
    "阿橙",
    "团子",
    "大勇",
    "老周",
    "小七",
    "阿布",
    "豆豆",
    "可可",
    "果果",
    "圆圆",
    "木木",
    "乐乐",
    "珊珊",
    "琳子",
    "阿夏",
    "小棠",
    "芒果",
    "桃子",
    "栗子",
    "柚子",
    "阿杰",
    "大刘",
    "老陈",
    "老马",
    "小雅",
    "阿芬",
    "婷婷",
    "阿岚",
    "石头",
    "毛毛",
    "年糕",
    "汤圆",
    "麦子",
    "小北",
    "阿南",
    "西西",
    "糯米",
    "米粒",
    "朵朵",
    "青青",
    "阿禾",
    "小溪",
    "秋秋",
    "冬冬",
    "六六",
    "九九",
    "一一",
    "大山",
    "阿海",
    "阿蓝",
    "小枫",
    "阿木",
    "小舟",
    "安安",
    "阿文",
    "小暖",
)
_PREFIXES = (
    "",
    "",
    "",
    "",
    "是",
    "我是",
    "爱笑的",
    "慢半拍的",
    "早起的",
    "隔壁",
    "江南",
    "川西",
    "胶东",
)
_TOPICS = {
    "美妆": ("爱护肤", "的化妆台", "美妆笔记", "素颜日记", "试色间", "护肤成分课", "的口红抽屉"),
    "服饰": ("穿搭", "的衣橱", "微胖穿搭", "通勤穿搭", "搭配日记", "女装小店", "男装研究所"),
    "食品": ("吃货日记", "爱下厨", "零食铺", "的小厨房", "带你吃", "家乡味道", "烘焙时间"),
    "母婴": ("带娃记", "育儿笔记", "妈妈优选", "的辅食本", "和双胞胎", "奶爸日常"),
    "家居": ("的小家", "收纳课", "好物分享", "装修日记", "生活研究室", "家居优选"),
    "数码": ("玩数码", "数码评测", "的桌面", "开箱", "手机研究所", "拍照课堂"),
    "图书": ("读书", "绘本馆", "的书架", "陪你读", "书单", "亲子共读"),
    "运动": ("跑步记", "健身笔记", "户外", "骑行日记", "瑜伽时间", "练起来"),
    "珠宝": ("珠宝", "玉石鉴赏", "珍珠课堂", "银饰手作", "的首饰盒"),
    "生鲜": ("赶海", "果园直发", "海鲜铺", "山货", "菜园日记", "水果优选"),
}
_ENDINGS = ("", "", "", "", "", "呀", "er", "Vlog", "日常", "严选")


def agency_names(rnd: Random, cities: list[str]) -> list[str]:
    """Give one company name per city of the list; no brand occurs twice.

    Raises ValueError when there are more cities than brands.
    """
    brands = [a + b for a in _BRAND_FIRST for b in _BRAND_SECOND]
    if len(cities) > len(brands):
        raise ValueError(f"There are names for {len(brands)} demo agencies, not {len(cities)}.")
    chosen = rnd.sample(brands, len(cities))
    return [
        f"{city}{brand}{rnd.choice(_TRADES)}有限公司"
        for city, brand in zip(cities, chosen, strict=True)
    ]


def nickname(rnd: Random, category: str) -> str:
    """Give a creator's nickname that fits what the creator sells."""
    person = rnd.choice(_PERSONS)
    name = rnd.choice(_PREFIXES) + person + rnd.choice(_TOPICS[category]) + rnd.choice(_ENDINGS)
    return f"{name}{rnd.randint(1, 999)}" if happens(rnd, 12) else name


def uscc(rnd: Random, region: str) -> str:
    """Give a social credit code of the usual form, 18 characters with a right check character."""
    body = f"91{region}MA" + "".join(rnd.choice(_USCC_ALPHABET) for _ in range(7))
    total = sum(
        _USCC_ALPHABET.index(char) * weight
        for char, weight in zip(body, _USCC_WEIGHTS, strict=True)
    )
    return body + _USCC_ALPHABET[-total % 31]


def phone(rnd: Random) -> str:
    """Give a service number out of a range that is not in use."""
    return f"400-000-{rnd.randint(0, 9999):04d}"
