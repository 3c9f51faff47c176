"""Arabic and English: which one a person reads, and the texts of the pages in both."""

from __future__ import annotations

import re
from collections.abc import Mapping

LANGUAGES = ("en", "ar")
DIRECTIONS = {"en": "ltr", "ar": "rtl"}
NAMES = {"en": "English", "ar": "العربية"}

#: What pages say, by key and language.
TEXTS: dict[str, dict[str, str]] = {
    "title": {"en": "Alaqat", "ar": "علاقات"},
    "tagline": {
        "en": "Foreign relations as a knowledge graph, "
        "each fact with the words that state it.",
        "ar": "العلاقات الخارجية في شبكة معرفية، ومع كل واقعة الكلماتُ التي تقولها.",
    },
    "skip": {"en": "Skip to the query", "ar": "انتقل إلى الاستعلام"},
    "language": {"en": "Language", "ar": "اللغة"},
    "facts": {"en": "facts", "ar": "الوقائع"},
    "claims": {"en": "claims with their words", "ar": "الأقوال وألفاظها"},
    "parties": {"en": "parties", "ar": "الأطراف"},
    "triples": {"en": "triples", "ar": "الثلاثيات"},
    "figures": {"en": "The dataset in figures", "ar": "البيانات في أرقام"},
    "query": {"en": "Query", "ar": "استعلام"},
    "query_label": {"en": "A query in SPARQL", "ar": "استعلام بلغة SPARQL"},
    "run": {"en": "Run", "ar": "نفّذ"},
    "run_hint": {"en": "or Ctrl+Enter", "ar": "أو Ctrl+Enter"},
    "questions": {"en": "Questions to begin with", "ar": "أسئلة للبداية"},
    "no_questions": {"en": "None is saved yet.", "ar": "لم يُحفظ منها شيء بعد."},
    "result": {"en": "Result", "ar": "النتيجة"},
    "rows": {"en": "Rows: {}", "ar": "عدد الصفوف: {}"},
    "cut": {
        "en": "The first {} rows are shown; all of them are in the files.",
        "ar": "هذه أول {} من الصفوف، وكلها في الملفات.",
    },
    "no_rows": {"en": "No row fits the query.", "ar": "لا صفّ يوافق الاستعلام."},
    "yes": {"en": "Yes", "ar": "نعم"},
    "no": {"en": "No", "ar": "لا"},
    "subject": {"en": "subject", "ar": "الموضوع"},
    "predicate": {"en": "predicate", "ar": "المحمول"},
    "object": {"en": "object", "ar": "المفعول"},
    "as_file": {"en": "As a file", "ar": "في ملف"},
    "endpoint": {"en": "For programs", "ar": "للبرامج"},
    "endpoint_text": {
        "en": "This address answers SPARQL 1.1 queries by GET and POST:",
        "ar": "يجيب هذا العنوان عن استعلامات SPARQL\N{NO-BREAK SPACE}1.1 "
        "بطريقتي GET وPOST:",
    },
    "formats_text": {"en": "It writes", "ar": "ويكتب بالصيغ"},
    "description": {"en": "Service description", "ar": "وصف الخدمة"},
    "back": {"en": "To the query page", "ar": "إلى صفحة الاستعلام"},
    "invalid": {"en": "The query cannot be run", "ar": "لا يمكن تنفيذ الاستعلام"},
    "error_400": {"en": "This cannot be understood", "ar": "لا يمكن فهم الطلب"},
    "error_404": {"en": "There is no such page", "ar": "لا توجد هذه الصفحة"},
    "error_500": {"en": "Something broke here", "ar": "حدث خلل في الخادم"},
    "error_other": {"en": "This is not possible", "ar": "هذا غير ممكن"},
}


def choose(asked: str | None, accepted: str | None) -> str:
    """The language of a page: the one asked for, else one accepted, else English."""
    return next((code for code in (asked, accepted) if code in LANGUAGES), LANGUAGES[0])


def texts(language: str) -> Mapping[str, str]:
    """Every text in one language."""
    return {key: row[language] for key, row in TEXTS.items()}


# A right-to-left value in a row of values is isolated, or it would carry its
# neighbours along (Unicode UAX #9, FSI and PDI).
FSI, PDI = "\u2068", "\u2069"
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")


def isolated(text: str) -> str:
    """Text that leaves its neighbours in place when it runs right to left."""
    return f"{FSI}{text}{PDI}" if _RIGHT_TO_LEFT.search(text) else text
