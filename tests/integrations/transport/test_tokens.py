"""One token for all workers: early, once, and never into a lock-out."""

import threading
import time

import pytest

from integrations.transport.errors import IntegrationError
from integrations.transport.tokens import CachedTokens, FixedToken, MemoryTokenStore, Token


class Clock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


class CountingSignIn:
    """A sign-in that counts; renewing keeps the value and moves the end, as Anaplan does."""

    life = 2100.0

    def __init__(self, clock) -> None:
        self.clock = clock
        self.signed_in = 0
        self.renewed = 0
        self.wrong = False
        self.can_renew = True
        self.trouble = False

    def authenticate(self) -> Token:
        time.sleep(0.02)
        self.signed_in += 1
        if self.wrong:
            raise self.refused()
        return self._token(f"token-{self.signed_in}")

    def renew(self, token: Token) -> Token | None:
        time.sleep(0.02)
        self.renewed += 1
        if self.trouble:
            raise IntegrationError("connection_lost")
        return self._token(token.value) if self.can_renew else None

    def refused(self) -> IntegrationError:
        return IntegrationError("anaplan_sign_in_refused")

    def busy(self) -> IntegrationError:
        return IntegrationError("anaplan_sign_in_busy")

    def _token(self, value: str) -> Token:
        return Token(value, self.clock() + self.life, issued_at=self.clock())


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def sign_in(clock):
    return CountingSignIn(clock)


@pytest.fixture
def tokens(clock, sign_in):
    return CachedTokens(MemoryTokenStore(), sign_in, clock)


def in_threads(count, work):
    found, threads = [], []
    for _ in range(count):
        threads.append(threading.Thread(target=lambda: found.append(work())))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_a_hundred_threads_sign_in_once(tokens, sign_in):
    assert set(in_threads(100, tokens.get)) == {"token-1"}
    assert sign_in.signed_in == 1


def test_a_hundred_threads_renew_once_near_the_end(tokens, sign_in, clock):
    tokens.get()
    clock.now += 34 * 60
    assert set(in_threads(100, tokens.get)) == {"token-1"}
    assert (sign_in.signed_in, sign_in.renewed) == (1, 1)
    clock.now += 60
    tokens.get()
    assert sign_in.renewed == 1


def test_a_hundred_threads_with_a_refused_token_sign_in_once_more(tokens, sign_in):
    bad = tokens.get()
    assert set(in_threads(100, lambda: tokens.refresh(bad))) == {"token-2"}
    assert sign_in.signed_in == 2


def test_an_ended_token_is_not_renewed_but_asked_for_anew(tokens, sign_in, clock):
    tokens.get()
    clock.now += 2200
    assert tokens.get() == "token-2"
    assert (sign_in.signed_in, sign_in.renewed) == (2, 0)


def test_a_refused_renewal_falls_back_to_a_sign_in(tokens, sign_in, clock):
    tokens.get()
    sign_in.can_renew = False
    clock.now += 2000
    assert tokens.get() == "token-2"


def test_trouble_at_renewal_leaves_the_living_token_in_use(tokens, sign_in, clock):
    tokens.get()
    sign_in.trouble = True
    clock.now += 2000
    assert tokens.get() == "token-1"
    clock.now += 95
    with pytest.raises(IntegrationError, match="connection_lost"):
        tokens.get()


def test_a_short_life_is_used_for_three_quarters(tokens, sign_in, clock):
    sign_in.life = 40.0
    tokens.get()
    clock.now += 29
    tokens.get()
    assert sign_in.renewed == 0
    clock.now += 2
    tokens.get()
    assert sign_in.renewed == 1


def test_a_refused_sign_in_is_tried_once_a_minute_by_all_together(tokens, sign_in, clock):
    sign_in.wrong = True

    def code():
        with pytest.raises(IntegrationError) as caught:
            tokens.get()
        return caught.value.code

    assert set(in_threads(20, code)) == {"anaplan_sign_in_refused"}
    assert sign_in.signed_in == 1
    clock.now += 61
    sign_in.wrong = False
    assert tokens.get() == "token-2"


def test_a_refused_forced_sign_in_is_remembered_too(tokens, sign_in):
    bad = tokens.get()
    sign_in.wrong = True
    for _ in range(5):
        with pytest.raises(IntegrationError):
            tokens.refresh(bad)
        with pytest.raises(IntegrationError):
            tokens.get()
    assert sign_in.signed_in == 2


class HeldStore(MemoryTokenStore):
    """A store whose lock another worker holds for too long."""

    def lock(self, seconds):
        return super().lock(0.01)


def test_another_workers_long_sign_in_is_waited_for_by_the_run(clock, sign_in):
    store = HeldStore()
    tokens = CachedTokens(store, sign_in, clock)
    with store._lock, pytest.raises(IntegrationError, match="anaplan_sign_in_busy"):
        tokens.get()
    store.write(Token("old", clock.now + 100, issued_at=clock.now - 2000))
    with store._lock:
        assert tokens.get() == "old"
    assert sign_in.signed_in == 0


def test_a_fixed_token_has_no_other(sign_in):
    tokens = FixedToken("pasted", sign_in.refused)
    assert tokens.get() == "pasted"
    with pytest.raises(IntegrationError, match="anaplan_sign_in_refused"):
        tokens.refresh("pasted")


def test_a_token_does_not_show_its_secret():
    assert "s3cret" not in repr(Token("s3cret", 1.0, renewal="s3cret"))
