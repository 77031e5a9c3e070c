"""Behind reverse proxies the client's address is known, and nobody can invent one (AUD-2)."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from dossier.config.proxies import client_of, parse_proxies
from dossier.people.models import SignInEvent, SignInSession
from tests.factories import PASSWORD, make_account

ADDRESSES = parse_proxies("10.0.0.5, 172.16.0.0/12, 2001:db8::/64")


@pytest.mark.parametrize(
    ("peer", "forwarded", "proxies", "client"),
    [
        ("203.0.113.9", "", 0, "203.0.113.9"),
        ("127.0.0.1", "203.0.113.9", 0, "127.0.0.1"),
        # one proxy: the last address is the one it was called from, all before may be invented
        ("127.0.0.1", "203.0.113.9", 1, "203.0.113.9"),
        ("127.0.0.1", "1.1.1.1, 8.8.8.8,203.0.113.9", 1, "203.0.113.9"),
        ("127.0.0.1", "", 1, "127.0.0.1"),
        # two proxies, and a caller that went past the outer one
        ("10.0.0.5", "1.1.1.1, 203.0.113.9, 10.0.0.4", 2, "203.0.113.9"),
        ("10.0.0.5", "203.0.113.9", 2, "203.0.113.9"),
        # a caller from the internet is no proxy, whatever it says
        ("203.0.113.66", "192.168.0.1", 1, "203.0.113.66"),
        # stated addresses: as far as they reach, from the right
        ("10.0.0.5", "1.1.1.1, 203.0.113.9, 172.20.0.3", ADDRESSES, "203.0.113.9"),
        ("10.0.0.6", "1.1.1.1", ADDRESSES, "10.0.0.6"),
        ("2001:db8::1", "[2001:db9::7]:4711", ADDRESSES, "2001:db9::7"),
        ("::ffff:10.0.0.5", "203.0.113.9:5123", ADDRESSES, "203.0.113.9"),
        # what is no address ends the search
        ("127.0.0.1", "203.0.113.9, unknown", 1, "127.0.0.1"),
        ("10.0.0.5", "' OR 1=1 --, 172.16.0.1", ADDRESSES, "172.16.0.1"),
        ("10.0.0.5", ", ,", ADDRESSES, "10.0.0.5"),
        ("", "203.0.113.9", 1, ""),
    ],
)
def test_the_client_is_found_from_the_right(peer, forwarded, proxies, client):
    assert client_of(peer, forwarded, proxies) == client


def test_settings_that_cannot_be_meant_are_refused():
    assert parse_proxies("") == 0
    assert parse_proxies(" 2 ") == 2
    for wrong in ("yes", "-1", "11", "10.0.0.0/33", "10.0.0.5/8", "proxy.example"):
        with pytest.raises(ImproperlyConfigured, match="DOSSIER_PROXIES"):
            parse_proxies(wrong)


@pytest.fixture
def caller():
    """Signs in, telling any address."""

    def sign_in(password=PASSWORD, *, said, peer="127.0.0.1"):
        client = Client(headers={"accept-language": "en", "x-forwarded-for": said})
        data = {"login": "wang", "password": password}
        return client.post("/sign-in/", data, REMOTE_ADDR=peer)

    return sign_in


@pytest.mark.django_db
def test_sessions_and_events_name_the_client(settings, caller):
    settings.PROXIES = 1
    make_account(login="wang")
    assert caller(said="6.6.6.6, 203.0.113.9").status_code == 302
    assert SignInSession.objects.get().ip == "203.0.113.9"
    assert SignInEvent.objects.get().ip == "203.0.113.9"


@pytest.mark.django_db
def test_a_lock_out_meets_the_guesser_and_nobody_else_behind_the_proxy(settings, caller):
    settings.PROXIES = 1
    make_account(login="wang")
    for invented in range(4):
        assert caller("wrong", said=f"6.6.6.{invented}, 203.0.113.9").status_code == 422
    assert caller("wrong", said="203.0.113.9").status_code == 429, "inventing addresses is no help"
    assert caller(said="7.7.7.7, 203.0.113.9").status_code == 429
    assert caller(said="198.51.100.4").status_code == 302


@pytest.mark.django_db
def test_without_a_proxy_the_header_says_nothing(caller):
    make_account(login="wang")
    for invented in range(4):
        caller("wrong", said=f"6.6.6.{invented}", peer="203.0.113.9")
    assert caller("wrong", said="8.8.8.8", peer="203.0.113.9").status_code == 429
    assert set(SignInEvent.objects.values_list("ip", flat=True)) == {"203.0.113.9"}


@pytest.mark.django_db
def test_only_our_proxy_may_say_https(settings, rf):
    from dossier.config.proxies import ClientAddressMiddleware

    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.PROXIES = parse_proxies("10.0.0.5")
    secure = []
    look = ClientAddressMiddleware(lambda request: secure.append(request.is_secure()))
    for peer in ("10.0.0.5", "10.0.0.6"):
        look(rf.get("/", headers={"x-forwarded-proto": "https"}, REMOTE_ADDR=peer))
    assert secure == [True, False]
