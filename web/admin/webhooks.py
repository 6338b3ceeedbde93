"""Events to other systems (事件推送): the addresses, what each is told, and how every delivery fared."""

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import col, select

from engine.errors import Conflict, KeguanError, NotFound, Unusable
from engine.jobs import webhooks
from engine.jobs.models import Webhook, WebhookDelivery
from web.access import admins, allow
from web.auth import me
from web.clock import now
from web.database import session
from web.errors import status_of
from web.language import translate as _

blueprint = Blueprint("webhooks", __name__, url_prefix="/admin/webhooks")
SHOWN = 100


@blueprint.get("")
@allow(admins)
def index() -> ResponseReturnValue:
    """The addresses, and a form for one more."""
    return _page()


@blueprint.post("")
@allow(admins)
def create() -> ResponseReturnValue:
    """A new address; its secret is shown once."""
    url, verbs = request.form.get("url", "").strip(), request.form.getlist("verbs")
    trusted = current_app.config["WEBHOOK_HOSTS"]
    try:
        row = webhooks.make_webhook(session(), url, verbs, trusted, actor=me(), now=now())
    except (Unusable, Conflict) as refusal:
        session().rollback()
        return _page(refusal), status_of(refusal)
    return render_template("admin/webhook_secret.html", hook=row)


@blueprint.get("/<int:webhook_id>")
@allow(admins)
def detail(webhook_id: int) -> ResponseReturnValue:
    """One address and its newest deliveries."""
    hook = session().get(Webhook, webhook_id)
    if hook is None:
        raise NotFound(f"没有编号为 {webhook_id} 的推送地址。")
    statement = (
        select(WebhookDelivery)
        .where(WebhookDelivery.webhook_id == webhook_id)
        .order_by(col(WebhookDelivery.id).desc())
        .limit(SHOWN)
    )
    deliveries = session().exec(statement).all()
    return render_template("admin/webhook.html", hook=hook, deliveries=deliveries, known=_known())


@blueprint.post("/<int:webhook_id>")
@allow(admins)
def switch(webhook_id: int) -> ResponseReturnValue:
    """Switch an address on or off."""
    on = request.form.get("on") == "yes"
    webhooks.switch(session(), webhook_id, on=on, actor=me(), now=now())
    flash(_("推送已启用。") if on else _("推送已停用。"))
    return redirect(url_for("webhooks.detail", webhook_id=webhook_id))


def _known() -> dict[str, str]:
    return {
        "start": _("立卷"),
        "import": _("导入存量项目"),
        "complete": _("办理"),
        "message": _("收到轮次结果"),
        "timer": _("期限届满"),
        "notice": _("发出通知"),
        "compute": _("核定应拨金额"),
        "commit": _("立项承诺"),
        "pay": _("拨付"),
        "clawback": _("退款"),
    }


def _page(refusal: KeguanError | None = None) -> str:
    hooks = session().exec(select(Webhook).order_by(col(Webhook.id))).all()
    return render_template(
        "admin/webhooks.html",
        hooks=hooks,
        known=_known(),
        problems=refusal.reasons if refusal else None,
        url=request.form.get("url", ""),
        chosen=request.form.getlist("verbs"),
    )
