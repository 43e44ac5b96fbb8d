"""Lemmas of Welsh words that the lemmatisation library does not know or gets wrong."""

from __future__ import annotations

from api.domain.mutation import mutate

# Each line has a lemma, as in a dictionary, and its forms. Mutated forms are added below. A lemma that needs an entry
# itself is also listed as one of its forms. The forms of a verb-noun include other spellings, which the library treats
# as separate words.
LEMMA_TABLE = """
bod         does rydych rwy
cael        cafodd cawn cefais ceid ces cest ceal cafio ceio
cynnal      cynal
cynnig      cynigio
dod         daw daethpwyd des doir
dweud       dywedyd dwedyd
dylu        dyl
gweld       gwelwch
gwneud      gwnes gwnest gwnewch
gwybod      gwn gwyddom gŵyr
herio       herian
mynd        es
rhoi        rhoddi

blwyddyn    blynedd
bys         bys
cleient     cleient
cwrs        cyrsiau
cydweithiwr cydweithwyr
dant        dant
darlithydd  darlithwyr
deddf       deddf
defnyddiwr  defnyddwyr
dyn         dynion
grŵp        grwpiau
gŵr         gŵr gwŷr
llesiant    llesiant
merch       merched
mwg         mygiau
rhaglen     rhaglenni
rheol       rheol
rhiant      rhieni
rôl         rôl rhôl
troed       troed traed
tŷ          tai
ymchwilydd  ymchwilwyr

bach        llai lleiaf
da          gorau gwell
dau         dwy
pedwar      pedair
tri         tair

braidd      braidd
ei          ei
fe          fe
gan         ganddo ganddi ganddyn ganddynt
nant        nant
naw         naw
nes         nes
nwy         nwy
weithiau    weithiau
ŵyr         ŵyr
"""


def _parse_table() -> dict[str, str]:
    rows = [line.split() for line in LEMMA_TABLE.splitlines() if line]
    lemmas = {form: lemma for lemma, *forms in rows for form in forms}
    for lemma, *forms in rows:
        for form in forms:
            for mutated in mutate(form).values():
                # A word in the table is not taken as a mutated form of another word: “naw” is the word for nine, not a
                # form of “daw”.
                lemmas.setdefault(mutated, lemma)
    return lemmas


LEMMAS = _parse_table()
