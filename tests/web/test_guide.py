"""The guide's pages: upload, look, correct, propose; nobody but an admin."""

import io
import re
from collections.abc import Callable

from flask.testing import FlaskClient

from seed.catalogue import read_catalogue
from tests.engine.change.guide.printed import printed


def upload(client: FlaskClient, text: str, year: str = "2031") -> object:
    """Send a guide's file."""
    sent = {"file": (io.BytesIO(text.encode()), "指南.txt"), "year": year}
    return client.post("/admin/guides", data=sent, content_type="multipart/form-data")


def test_an_uploaded_guide_is_shown_field_by_field(signed_in: Callable[[str], FlaskClient]) -> None:
    """The overview lists 67 directions; a direction shows its figures beside the guide's lines."""
    client = signed_in("admin")

    answer = upload(client, printed(read_catalogue()))
    draft, leaf = client.get(answer.location), client.get(f"{answer.location}/T3-D1-S1")

    assert (answer.status_code, draft.status_code, leaf.status_code) == (302, 200, 200)
    assert "67 个方向" in draft.text
    assert "10%" in leaf.text
    assert "按核定的自筹经费的10%给予补助" in leaf.text


def test_a_corrected_field_shows_as_a_difference(signed_in: Callable[[str], FlaskClient]) -> None:
    """25% instead of 10%."""
    client = signed_in("admin")
    place = upload(client, printed(read_catalogue())).location

    client.post(f"{place}/T3-D1-S1", data={"field": "rule.rate", "value": "0.25"})

    assert "25%" in client.get(place).text


def test_only_what_changed_is_named_as_a_difference(signed_in: Callable[[str], FlaskClient]) -> None:
    """Two figures; indicators in other words than the catalogue's are a list of their own, to be looked at."""
    client = signed_in("admin")
    text = printed(read_catalogue()).replace(
        "单个项目补助最高不超过50万元", "单个项目补助最高不超过60万元", 1
    )

    page = client.get(upload(client, text).location).text

    assert "与现行目录有 2 处差异" in page  # the printed guide does not say how many indicators suffice
    assert "处考核指标或申报条件与现行目录写法不同" in page


def test_what_is_no_guide_is_refused_on_the_page(signed_in: Callable[[str], FlaskClient]) -> None:
    """The form comes back with the sentence."""
    answer = upload(signed_in("admin"), "各县区科技局：\n现将有关事项通知如下。")

    assert (answer.status_code, "没有找到申报方向" in answer.text) == (400, True)


def test_the_second_admin_is_led_to_the_draft(signed_in: Callable[[str], FlaskClient]) -> None:
    """The proposal says how much differs and links to the draft beside the guide's own lines."""
    client = signed_in("admin")
    place = upload(client, printed(read_catalogue()), "2035").location

    client.post(f"{place}/propose", data={"clause": "2035 年度指南", "note": "新年度"})
    listed = client.get("/change/proposals").text
    number = re.findall(r"/change/proposals/(\d+)", listed)[0]

    assert f'href="{place}"' in client.get(f"/change/proposals/{number}").text


def test_only_an_admin_imports_guides(signed_in: Callable[[str], FlaskClient]) -> None:
    """A programme officer is refused in words."""
    assert signed_in("programme").get("/admin/guides").status_code == 403
