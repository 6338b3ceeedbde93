"""The administrator's page of event addresses."""

from collections.abc import Callable

from flask.testing import FlaskClient

Enter = Callable[[str], FlaskClient]


def test_an_address_is_entered_switched_off_and_on(signed_in: Enter) -> None:
    """Its secret is shown once, and never on its own page."""
    admin = signed_in("admin")
    shown = admin.post("/admin/webhooks", data={"url": "https://example.cn/hook", "verbs": "pay"}).text
    secret = shown.split("<code>")[1].split("</code>")[0]

    page = admin.get("/admin/webhooks").text
    number = page.split('href="/admin/webhooks/')[1].split('"')[0]
    assert "拨付" in page
    assert secret not in admin.get(f"/admin/webhooks/{number}").text
    admin.post(f"/admin/webhooks/{number}", data={"on": "no"})
    assert "重新启用" in admin.get(f"/admin/webhooks/{number}").text
    admin.post(f"/admin/webhooks/{number}", data={"on": "yes"})
    assert "重新启用" not in admin.get(f"/admin/webhooks/{number}").text


def test_an_inside_address_comes_back_with_the_reason(signed_in: Enter) -> None:
    """And with what was entered."""
    answer = signed_in("admin").post("/admin/webhooks", data={"url": "http://10.0.0.1/"})

    assert answer.status_code == 400
    assert "KEGUAN_WEBHOOK_HOSTS" in answer.text
    assert 'value="http://10.0.0.1/"' in answer.text


def test_only_the_administrator_enters_addresses(signed_in: Enter) -> None:
    """Events leave the bureau."""
    assert signed_in("finance").get("/admin/webhooks").status_code == 403
