"""Who a program is to a server."""

from jupyter_rtc.client.login import Login


def test_a_token_goes_into_each_request():
    assert Login("abc").headers() == {"Authorization": "token abc"}
    assert Login().headers() == {}


def test_a_cookie_goes_with_what_protects_it():
    headers = Login(cookie="_xsrf=x; username-1=ana").headers()
    assert headers == {"Cookie": "_xsrf=x; username-1=ana", "X-XSRFToken": "x"}


def test_the_name_that_the_server_gives_is_kept():
    login = Login("abc")
    login.take(["username-1=ana; Path=/; HttpOnly", "_xsrf=1=2; Path=/"])
    assert login.headers()["Cookie"] == "username-1=ana; _xsrf=1=2"
    login.take(['username-1=""; expires=then'])
    assert login.headers()["Cookie"] == "_xsrf=1=2"


def test_a_token_is_found_in_the_environment_if_none_is_given():
    around = {"JUPYTERHUB_API_TOKEN": "hub", "JUPYTER_TOKEN": "own"}
    assert Login.found(None, None, around).headers() == {"Authorization": "token hub"}
    assert Login.found(None, None, {"JUPYTER_TOKEN": "own"}).headers() == {"Authorization": "token own"}
    assert Login.found("given", None, around).headers() == {"Authorization": "token given"}
    assert Login.found(None, "a=b", around).headers() == {"Cookie": "a=b"}
