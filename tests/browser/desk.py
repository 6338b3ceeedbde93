"""What a person does on the pages, in the words of the pages."""

from collections.abc import Callable
from dataclasses import dataclass, field

from playwright.sync_api import Cookie, Page, expect


@dataclass(frozen=True)
class Desk:
    """One browser tab, used by one person after another; each signs in once and comes back as themselves."""

    page: Page
    password: str
    _entered: dict[str, list[Cookie]] = field(default_factory=dict)

    def sign_in(self, login: str) -> None:
        """Sit down in place of whoever sat here."""
        context = self.page.context
        self.page.goto("about:blank")  # the page left behind sends nothing more
        context.clear_cookies()
        if login in self._entered:
            context.add_cookies(
                [
                    {"name": one["name"], "value": one["value"], "domain": one["domain"], "path": one["path"]}
                    for one in self._entered[login]
                ]
            )
            self.page.goto("/")
        else:
            self._enter(login)
            self._entered[login] = context.cookies()

    def _enter(self, login: str) -> None:
        self.page.goto("/sign-in")
        self.page.get_by_label("登录名").fill(login)
        self.page.get_by_label("密码").fill(self.password)
        self.page.locator("form").get_by_role("button", name="登录", exact=True).click()
        expect(self.page.get_by_role("button", name="退出")).to_be_visible()

    def open(self, step: str) -> None:
        """Open a step from the inbox, on its full page."""
        self.page.goto("/inbox?scope=all")
        self.page.locator("a[data-row]").filter(has=self.page.get_by_text(step, exact=True)).first.click()
        self.page.get_by_role("link", name="打开完整页面").click()
        expect(self.page.locator(".task h2").first).to_contain_text(step)

    def open_round(self, direction: str) -> None:
        """Open the review round of a direction."""
        self.page.goto("/rounds")
        self.page.get_by_role("row", name=direction).get_by_role("button", name="开启评审").click()
        expect(self.page.locator(".task h2")).to_contain_text("分组")

    def draw_lots(self, work: Callable[[], object]) -> None:
        """The draw is prepared, solved by the worker, and lots are drawn with a witness's number."""
        self.page.goto("/rounds/1")
        self.page.get_by_role("button", name="进入抽取").click()
        self.page.get_by_role("button", name="准备抽取").click()
        work()
        self.page.get_by_role("link", name="刷新").or_(
            self.page.locator("#state:not([hx-get])")
        ).first.wait_for()
        self.page.goto("/rounds/1/draw")
        self.page.get_by_label("见证人 *").fill("示例纪检监督员")
        self.page.get_by_label("见证人给出的数字").fill("4217")
        self.page.get_by_role("button", name="抽签", exact=True).click()

    def publish_draw(self) -> None:
        """The drawn panel is published and invited."""
        self.page.get_by_role("button", name="发布结果并发出邀请").click()
        expect(self.page.locator("#members")).to_contain_text("待答复邀请")

    def accept_invitation(self) -> None:
        """An expert signs the commitment and accepts."""
        self.page.get_by_role("button", name="答复").click()
        self.page.get_by_label("本人签署以上承诺").check()
        self.page.get_by_role("radio", name="应邀").check()
        self.page.get_by_role("button", name="提交答复").click()
        expect(self.page.locator(".message[role=status]")).to_be_visible()

    def choose_all(self, column: str, option: str) -> None:
        """Choose the same in every list of a column that is still empty."""
        for choice in self.page.locator(f".task td[data-label='{column}'] select").all():
            if not choice.input_value():
                choice.select_option(label=option)

    def decide(self, way: str = "") -> None:
        """Choose the way, where there is more than one, and send the form."""
        task = self.page.locator(".task").first
        if way:
            task.get_by_role("radio", name=way, exact=True).check()
        task.locator("form").first.locator(".actions button:not(.plain)").click()
        expect(self.page.locator(".message[role=status]")).to_be_visible()

    def does(self, login: str, step: str, way: str = "", fill: dict[str, str] | None = None) -> None:
        """One person's whole part in one step."""
        self.sign_in(login)
        self.open(step)
        for label, value in (fill or {}).items():
            self.page.locator(".task").first.get_by_label(label).fill(value)
        self.decide(way)
