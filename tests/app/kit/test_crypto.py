import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.crypto import DecryptionFailed, Keyring, new_server_secret, new_token, same_secret, token_hint

OLD, NEW = "o" * 40, "n" * 40


def test_tokens_are_one_word_with_256_random_bits():
    made = {new_token("safqa_live") for _ in range(200)}
    assert len(made) == 200
    assert all(re.fullmatch(r"safqa_live_[0-9A-Za-z]{43}", token) for token in made)


def test_the_hint_shows_four_characters_of_the_token():
    token = new_token("safqa")
    assert token_hint(token) == token[: len("safqa_") + 4]


def test_a_token_hash_depends_on_the_server_secret():
    token = new_token("safqa")
    assert Keyring([NEW]).token_hash(token) != Keyring([OLD]).token_hash(token)
    assert len(Keyring([NEW]).token_hash(token)) == 32


def test_after_a_rotation_old_tokens_are_still_recognised():
    token = new_token("safqa")
    stored = Keyring([OLD]).token_hash(token)
    rotated = Keyring([NEW, OLD])
    assert rotated.token_hashes(token)[0] == rotated.token_hash(token) != stored
    assert any(same_secret(stored, candidate) for candidate in rotated.token_hashes(token))
    assert not any(same_secret(stored, candidate) for candidate in Keyring([NEW]).token_hashes(token))


def test_a_presented_token_may_be_any_text():
    assert Keyring([NEW]).token_hashes("\ud800 é")


@given(st.binary(max_size=200), st.text(max_size=20).filter(lambda text: text.isascii()))
def test_what_is_encrypted_comes_back_in_its_own_context_only(plain, context):
    ring = Keyring([NEW])
    sealed = ring.encrypt(plain, context=context)
    assert ring.decrypt(sealed, context=context) == plain
    with pytest.raises(DecryptionFailed):
        ring.decrypt(sealed, context=context + "x")


@given(st.binary(max_size=80))
def test_foreign_bytes_are_refused(noise):
    with pytest.raises(DecryptionFailed):
        Keyring([NEW]).decrypt(noise, context="c")


@given(st.binary(max_size=40), st.integers(min_value=0), st.integers(1, 255))
def test_a_changed_ciphertext_is_refused(plain, at, flip):
    ring = Keyring([NEW])
    sealed = bytearray(ring.encrypt(plain, context="c"))
    sealed[at % len(sealed)] ^= flip
    with pytest.raises(DecryptionFailed):
        ring.decrypt(bytes(sealed), context="c")


def test_after_a_rotation_old_ciphertexts_are_read():
    sealed = Keyring([OLD]).encrypt(b"secret", context="c")
    rotated = Keyring([NEW, OLD])
    assert rotated.decrypt(sealed, context="c") == b"secret"
    with pytest.raises(DecryptionFailed):
        Keyring([NEW]).decrypt(sealed, context="c")


def test_encrypting_twice_never_gives_the_same_bytes():
    ring = Keyring([NEW])
    assert ring.encrypt(b"x", context="c") != ring.encrypt(b"x", context="c")


def test_each_purpose_has_its_own_signing_key():
    ring = Keyring([NEW])
    assert ring.signing_key("cursor") != ring.signing_key("other")
    assert ring.signing_key("cursor") == Keyring([NEW, OLD]).signing_key("cursor")


@pytest.mark.parametrize("secrets", [[], ["short"], [NEW, "short"]])
def test_weak_configurations_are_refused(secrets):
    with pytest.raises(ValueError, match="secret"):
        Keyring(secrets)


def test_a_keyring_does_not_print_its_secrets():
    assert NEW not in repr(Keyring([NEW])) + str(vars(Keyring([NEW]))["_hash_keys"])
    assert len(new_server_secret()) >= 32
