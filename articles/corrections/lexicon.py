"""Words by which the detector tells what was changed, in English and German."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


NUMBERS = {
    "zero": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7",
    "eight": "8", "nine": "9", "ten": "10", "eleven": "11", "twelve": "12", "zwei": "2", "drei": "3", "vier": "4",
    "fünf": "5", "sechs": "6", "sieben": "7", "acht": "8", "neun": "9", "zehn": "10", "elf": "11", "zwölf": "12",
}  # fmt: skip
# Numbers that are not worth turning into digits.
QUANTITIES = _words(
    "thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty "
    "ninety dozen hundred hundreds thousand thousands million millions billion billions trillion half third quarter "
    "double doubled twice treble trebled triple tripled halved "
    "hundert tausend millionen milliarde milliarden hälfte drittel viertel"
)
DATES = _words(
    "january february march april june july august september october november december jan feb mar apr jun jul aug "
    "sept oct nov dec monday tuesday wednesday thursday friday saturday sunday yesterday today tomorrow "
    "januar februar märz mai juni juli oktober dezember montag dienstag mittwoch donnerstag freitag samstag sonntag "
    "gestern heute morgen"
)
NEGATIONS = _words(
    "not no never none nobody nothing neither nor cannot without "
    "nicht kein keine keinen keiner keines nie niemals niemand nichts weder ohne"
)
OPPOSITES = (
    ("rose", "fell"), ("rise", "fall"), ("rises", "falls"), ("rising", "falling"), ("risen", "fallen"),
    ("increase", "decrease"), ("increased", "decreased"), ("grew", "shrank"), ("more", "less"), ("more", "fewer"),
    ("most", "least"), ("higher", "lower"), ("highest", "lowest"), ("up", "down"), ("above", "below"),
    ("over", "under"), ("before", "after"), ("first", "last"), ("first", "second"), ("all", "some"),
    ("always", "often"),
    ("won", "lost"), ("north", "south"), ("east", "west"), ("northern", "southern"), ("eastern", "western"),
    ("for", "against"), ("accepted", "rejected"), ("accepted", "refused"), ("approved", "rejected"),
    ("allowed", "banned"), ("allow", "ban"), ("allows", "bans"),
    ("confirmed", "denied"), ("guilty", "innocent"), ("convicted", "acquitted"),
    ("convicted", "charged"), ("charged", "acquitted"), ("charged", "arrested"), ("his", "her"), ("he", "she"),
    ("mother", "sister"), ("father", "brother"), ("will", "may"), ("must", "may"), ("is", "was"), ("are", "were"),
    ("legal", "illegal"), ("public", "private"), ("import", "export"), ("imports", "exports"), ("buys", "sells"),
    ("gestiegen", "gesunken"), ("mehr", "weniger"), ("vor", "nach"), ("alle", "einige"), ("gewann", "verlor"),
)  # fmt: skip
# Words that carry little meaning of their own: changing only these is an edit of style.
SMALL_WORDS = _words(
    "a an the this that these those which who whom whose it its they them their there here of to in on at by for from "
    "with into onto as and or but so than then also just very quite rather really still yet too be been being is are "
    "was were am has have had do does did will would can could may might shall should about around some any each both "
    "however moreover therefore thus while when where if because per cent percent "
    "der die das den dem des ein eine einen einem einer und oder aber auch noch sehr von zu im in am an auf für mit "
    "bei aus als wie dass ist sind war waren hat haben hatte wird werden"
)

# --- For names in German, where every noun is capitalised ----------------------------------------------------
DETERMINERS = _words(
    "der die das den dem des ein eine einen einem einer eines kein keine keinen keinem keiner keines mein meine sein "
    "seine seinen seinem seiner ihr ihre ihren ihrem ihrer unser unsere dieser diese dieses diesen diesem jeder jede "
    "jedes jeden jedem alle allen aller viele vielen vieler einige einigen mehrere mehreren beide beiden zum zur im am "
    "vom beim ins ans manche solche welche welcher welches"
)
GERMAN = DETERMINERS | _words(
    "und oder aber denn doch wenn weil dass ob als wie so auch noch nur schon nun dann da dort hier nicht sehr in an "
    "auf unter über nach bei mit von zu aus für gegen ohne um durch seit bis während wegen trotz laut neben zwischen "
    "hinter vor er sie es wir ich man was wer wo wann warum ist sind war waren hat haben hatte wird werden wurde "
    "wurden worden kann können soll sollen will wollen sich"
)
BEFORE_PLACES = _words("in aus nach bei von gegen bis über")
SAYING = _words(
    "sagte sagten sagt erklärte erklärten erklärt meinte meint betonte betont berichtete berichtet forderte fordert "
    "kritisierte kritisiert schrieb schreibt warnte warnt versicherte versprach behauptete behauptet so antwortete"
)
NOUN_ENDINGS = (
    "ung", "ungen", "heit", "heiten", "keit", "keiten", "schaft", "schaften", "tion", "tionen", "tät", "nis", "tum",
    "ment", "ismus",
)  # fmt: skip
# What is capitalised and is no name: beginnings of sentences, dates, and nouns that often have no article.
_MOSTLY_WITHOUT_ARTICLE = _words(
    "abend nachmittag vormittag mittag mitternacht nacht jahr jahre jahren monat monate monaten woche wochen tag tage "
    "tagen stunde stunden minute minuten sekunden uhr euro cent prozent meter metern kilometer kilometern liter "
    "tonnen million millionen milliarde milliarden tausend hundert mal angaben angabe kraft beginn anfang ende sicht "
    "ansicht teilen folge zukunft zeiten zeit hause haus ruhe frage fragen betrieb ordnung haft brand menschen leute "
    "leuten kinder kindern frauen männer männern opfer opfern bürger bürgern gericht recht rat strom wasser energie "
    "geld anfrage auskunft informationen medien berichten kreisen experten polizei feuerwehr"
)
NO_NAMES = GERMAN | DATES | _MOSTLY_WITHOUT_ARTICLE
