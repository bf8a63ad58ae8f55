"""Days inside a statement: the plant's zone, and a date as it is printed (`models.kernel.time.moments` says what they mean).

A day of an instant is asked with `at time zone` and this zone; `tests/house/code/test_days.py` refuses whatever
cuts it where the server happens to stand.
"""

DEFAULT_ZONE = "Asia/Shanghai"
ZONE = f"coalesce((select s.zone from site s order by s.id limit 1), '{DEFAULT_ZONE}')"  # noqa: S608 - our own words
EXPIRES = "case l.expiry_precision when 'month' then to_char(l.expires_on, 'YYYY-MM') else l.expires_on::text end"
"""The expiry of the lot `l` as it is printed."""
MADE = "case l.made_precision when 'month' then to_char(l.manufactured_on, 'YYYY-MM') else l.manufactured_on::text end"
"""When the lot `l` was made, as it is printed."""
RETEST = "case l.retest_precision when 'month' then to_char(l.retest_on, 'YYYY-MM') else l.retest_on::text end"
"""When the lot `l` is tested again, as it is printed."""
