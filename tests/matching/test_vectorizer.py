"""TF-IDF values against scikit-learn, with our analyser handed to it."""

from __future__ import annotations

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from matching.text import analyse
from matching.vectorizer import CHANNEL_COUNT, Bag, Basis, Idf, Rows, Vocabulary, smooth_idf, sublinear

TEXTS = [
    "Développement d'applications web et mobiles",
    "web web web, hébergement et web",
    "تطوير تطبيقات الويب والهواتف",
    "Maintenance of the network and web hosting",
    "",
]


def stems(text: str) -> list[str]:
    return [token.key for token in analyse(text)]


def bag(text: str, channel: str = "w:") -> Bag:
    counts: dict[str, float] = {}
    for key in stems(text):
        counts[channel + key] = counts.get(channel + key, 0) + 1
    return Bag(counts)


def fitted() -> tuple[Vocabulary, Rows, Idf]:
    vocabulary = Vocabulary()
    rows = Rows.of([vocabulary.grow(bag(text)) for text in TEXTS])
    frequency = np.bincount(rows.ids, minlength=len(vocabulary)).astype(np.int64)
    return vocabulary, rows, Idf(smooth_idf(frequency, len(TEXTS)), vocabulary.channels(), np.zeros(CHANNEL_COUNT))


def dense(rows: Rows, n: int, vocabulary: Vocabulary) -> dict[str, float]:
    ids, values = rows.row(n)
    return {vocabulary.term(int(i))[2:]: float(v) for i, v in zip(ids, values, strict=True)}


def test_values_are_scikit_learns() -> None:
    oracle = TfidfVectorizer(analyzer=stems, sublinear_tf=True, smooth_idf=True, norm="l2")
    matrix = oracle.fit_transform(TEXTS).toarray()
    vocabulary, rows, idf = fitted()
    weighted = rows.weighted(idf)
    names = oracle.get_feature_names_out()
    for n in range(len(TEXTS)):
        expected = {name: value for name, value in zip(names, matrix[n], strict=True) if value}
        found = dense(weighted, n, vocabulary)
        assert found.keys() == expected.keys()
        assert all(abs(found[name] - expected[name]) < 1e-5 for name in found)


def test_terms_unknown_to_the_basis_are_dropped_before_the_norm_as_scikit_learn_does() -> None:
    oracle = TfidfVectorizer(analyzer=stems, sublinear_tf=True).fit(TEXTS)
    query = "refonte du portail web et hébergement"
    expected = oracle.transform([query]).toarray()[0]
    vocabulary, _, idf = fitted()
    found = dense(Rows.of([vocabulary.row(bag(query))]).weighted(idf), 0, vocabulary)
    named = {name: expected[oracle.vocabulary_[name]] for name in found}
    assert set(found) == {"web", "heberg"} == {name for name, n in oracle.vocabulary_.items() if expected[n]}
    assert all(abs(found[name] - named[name]) < 1e-5 for name in found)


def test_features_numbered_later_are_unknown_to_an_older_idf() -> None:
    vocabulary, _, idf = fitted()
    grown = Rows.of([vocabulary.grow(bag("web drones"))])
    assert dense(grown.known(idf).weighted(idf), 0, vocabulary) == {"web": 1.0}


def test_each_channel_has_a_norm_of_its_own() -> None:
    vocabulary = Vocabulary()
    both = Bag({**bag("web mobile").features, **bag("web mobile réseau", "c:").features})
    rows = Rows.of([vocabulary.grow(both)])
    weighted = rows.weighted(Idf(np.ones(len(vocabulary)), vocabulary.channels(), np.zeros(CHANNEL_COUNT)))
    lengths = np.bincount(vocabulary.channels()[weighted.ids], weighted.values.astype(float) ** 2)
    assert np.allclose(lengths[:2], 1.0)


def test_light_fields_count_below_one_without_a_jump() -> None:
    assert np.allclose(sublinear(np.array([0.5, 1.0, np.e])), [0.5, 1.0, 2.0])


def test_rows_can_be_taken_and_joined() -> None:
    _, rows, idf = fitted()
    rows = rows.weighted(idf)
    turned = rows.take(np.array([3, 4, 0])).joined(rows.take(np.array([1])))
    for n, source in enumerate([3, 4, 0, 1]):
        for one, other in zip(turned.row(n), rows.row(source), strict=True):
            assert np.array_equal(one, other)


def test_equal_bases_have_equal_versions() -> None:
    one, other = Basis(("w:a", "w:b"), (1, 2), 3), Basis(("w:a", "w:b"), (1, 2), 3)
    assert one.version == other.version != Basis(("w:a", "w:b"), (1, 2), 4).version
