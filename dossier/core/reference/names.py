"""Short forms of the names of administrative divisions (ORG-2, CUS-8 region)."""

from __future__ import annotations

from typing import Final

_PEOPLE_NAMES: Final = (
    "蒙古族 蒙古 回族 藏族 维吾尔 苗族 彝族 壮族 布依族 朝鲜族 满族 侗族 瑶族 白族 土家族 哈尼族 哈萨克族 "
    "哈萨克 傣族 黎族 傈僳族 佤族 畲族 拉祜族 水族 东乡族 纳西族 景颇族 柯尔克孜族 柯尔克孜 土族 达斡尔族 "
    "仫佬族 羌族 布朗族 撒拉族 毛南族 仡佬族 锡伯族 锡伯 普米族 塔吉克族 塔吉克 怒族 鄂温克族 德昂族 保安族 "
    "裕固族 独龙族 鄂伦春族 各族"
)
_PEOPLES: Final = sorted(
    _PEOPLE_NAMES.split(),
    key=len,
    reverse=True,
)
_PROVINCES: Final = {
    "内蒙古自治区": "内蒙古",
    "广西壮族自治区": "广西",
    "西藏自治区": "西藏",
    "宁夏回族自治区": "宁夏",
    "新疆维吾尔自治区": "新疆",
    "香港特别行政区": "香港",
    "澳门特别行政区": "澳门",
}
_ENDINGS: Final = (
    "自治州",
    "自治县",
    "自治旗",
    "地区",
    "林区",
    "特区",
    "新区",
    "矿区",
    "市",
    "区",
    "县",
    "旗",
    "盟",
)
_NICKNAMES: Final = {
    "内蒙古自治区": ("内蒙",),
    "锡林郭勒盟": ("锡盟",),
    "呼伦贝尔市": ("呼盟", "呼伦贝尔盟"),
    "巴音郭楞蒙古自治州": ("巴州", "巴音郭楞州"),
    "博尔塔拉蒙古自治州": ("博州", "博尔塔拉州"),
    "克孜勒苏柯尔克孜自治州": ("克州", "克孜勒苏州"),
    "西双版纳傣族自治州": ("版纳",),
    "襄阳市": ("襄樊市",),
    "普洱市": ("思茅市", "思茅地区"),
    "淮安市": ("淮阴市",),
    "恩施土家族苗族自治州": ("恩施州",),
    "浦东新区": ("浦东",),
    "滨海新区": ("塘沽区", "塘沽", "汉沽区", "大港区"),
    "两江新区": ("两江",),
    "黄浦区": ("卢湾区",),
    "台北市": ("臺北市", "臺北"),
}
RENAMED: Final = {
    "崇文区": "110101",
    "宣武区": "110102",
    "闸北区": "310106",
    "南汇区": "310115",
    "下关区": "320106",
    "白下区": "320104",
    "沧浪区": "320508",
    "平江区": "320508",
    "金阊区": "320508",
    "崇安区": "320213",
    "南长区": "320213",
    "北塘区": "320213",
    "江干区": "330102",
    "下城区": "330105",
    "萝岗区": "440112",
    "东山区": "440104",
    "芳村区": "440103",
    "莱芜市": "370116",
    "梅县": "441403",
}
"""Districts that no longer exist, with the code of the district most of them went to."""


def short_name(name: str, level: int) -> str:
    """The name people use in place of the full one: 甘孜藏族自治州 → 甘孜, 北京市 → 北京.

    `level` is 1 province, 2 city or prefecture, 3 district or county. Names that would shrink to
    one character (唐县) stay as they are.
    """
    if level == 1:
        return _PROVINCES.get(name) or name.rstrip("省市")
    for ending in _ENDINGS:
        if name.endswith(ending) and len(name) - len(ending) >= 2:
            base = name[: -len(ending)]
            return without_people(base) if ending.startswith("自治") else base
    return name


def without_people(base: str) -> str:
    """The place in front of the names of peoples: 黔西南布依族苗族 → 黔西南."""
    found = True
    while found:
        found = False
        for people in _PEOPLES:
            if base.endswith(people) and len(base) - len(people) >= 2:
                base = base[: -len(people)]
                found = True
                break
    return base


def other_names(name: str, level: int) -> tuple[str, ...]:
    """Further names of a division besides its full and its short one (甘孜州, 内蒙, 襄樊市)."""
    more = _NICKNAMES.get(name, ())
    short = short_name(name, level)
    if name.endswith("自治州"):
        more = (*more, short + "州")
    elif name.endswith(("自治县", "自治旗")):
        more = (*more, short + name[-1])
    elif level == 2 and name.endswith("市"):
        more = (*more, short + "地区")
    return more
