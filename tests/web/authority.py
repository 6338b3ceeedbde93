"""Who may do what on the web: the one table. Read it as the bureau's rules; the test holds every route to it.

`DOORS` says who may open an address at all. `OBJECTS` says, for addresses about one case, step, sheet or round,
who gets through with an object of one's own (for the bureau: any object) and who with somebody else's.
"""

BUREAU = frozenset(
    ["intake", "programme", "planning", "drawing", "approver", "finance", "supervision", "admin"]
)
UNITS = frozenset(["applicant", "recommender", "expert"])
SIGNED_IN = BUREAU | UNITS
ANYBODY = SIGNED_IN | {"stranger"}


def roles(names: str) -> frozenset[str]:
    """Roles by their names."""
    return frozenset(names.split())


DOORS: tuple[tuple[frozenset[str], str], ...] = (
    (
        ANYBODY,
        "auth.sign_in auth.leave catalogue.index catalogue.detail procedures.index "
        "procedures.current procedures.detail "
        "procedures.source preferences.choose api.openapi",
    ),
    (
        SIGNED_IN,
        "account.index account.email account.make account.revoke home.desk "
        "officer.inbox officer.reassign bulk.choose bulk.run bulk.result case_list.index "
        "views.save views.open_view views.delete notices.index notices.open_notice notices.read_all "
        "cases.detail cases.task cases.claim cases.release cases.complete cases.save_draft "
        "letters.letter files.add files.download remarks.add sides.object_to sides.terminate rounds.detail "
        "api.get_me api.get_inbox api.list_cases api.list_directions api.list_notifications api.read_notification "
        "api.get_case api.get_history api.get_notices api.get_payments api.get_work_item api.claim_work_item "
        "api.release_work_item api.complete_work_item api.reassign_work_item api.file_application "
        "api.enter_objection api.propose_termination api.open_round api.add_attachment "
        "api.ask_change api.ask_extension "
        "api.ask_withdrawal api.get_attachments api.get_remarks api.go_back api.write_remark "
        "api.decide_together api.get_draft api.keep_draft api.draw_lots api.undo_draw "
        "api.excuse_expert api.register_conflict",
    ),
    (
        BUREAU,
        "rounds.index dashboards.index exports.index exports.established exports.formal_checks exports.notice "
        "exports.payments exports.ranking change.heat_map change.log_xes change.log_ocel mending.correct "
        "mending.step_back api.list_rounds api.get_round notices.seat letters.formal_checks",
    ),
    (
        roles("applicant"),
        "applicant.index applicant.detail applicant.start applicant.step applicant.complete applicant.check "
        "applicant.checked applicant.ask applicant.show_evidence unit.directions unit.profile unit.keep",
    ),
    (roles("recommender"), "recommending.index"),
    (
        roles("expert"),
        "expert.index expert.invitation expert.answer expert.sheet expert.reading expert.open_file expert.keep "
        "expert.submit expert.conflict expert.conflict_before",
    ),
    (roles("programme"), "rounds.start"),
    (roles("intake"), "paper.index paper.start"),
    (roles("intake admin"), "imports.index imports.template imports.upload"),
    (roles("programme planning approver finance supervision"), "budget.index"),
    (roles("planning"), "budget.appropriate"),
    (
        roles("drawing approver supervision"),
        "draws.detail draws.certificate draws.approve draws.cancel draws.leave",
    ),
    (
        roles("drawing approver supervision"),
        "draws.lots draws.publish api.get_draw api.get_draw_certificate api.cancel_draw api.approve_draw "
        "api.publish_draw",
    ),
    (roles("drawing"), "draws.prepare draws.undo api.prepare_draw"),
    (
        roles("admin supervision"),
        "change.batch change.calendar change.compare change.direction change.migrations change.proposal "
        "change.proposal_list change.proposed change.releases change.rule change.rule_list "
        "guide.index guide.show guide.leaf",
    ),
    (
        roles("admin"),
        "change.index change.draft change.drafted change.live change.source change.review change.replayed "
        "change.forecasted change.test_list change.plan_page change.add_table change.approve change.begin "
        "change.bring change.check change.delete_test change.discard change.expression change.go_back "
        "change.open_draft change.propose change.propose_day change.propose_direction change.propose_rule "
        "change.prove change.refuse change.save change.save_test change.start change.strip change.undo "
        "change.withdraw guide.import_file guide.correct guide.discard guide.propose "
        "users.index users.new users.detail users.create users.change users.reset users.revoke "
        "webhooks.index webhooks.detail webhooks.create webhooks.switch",
    ),
)
BY_PASSWORD = roles("auth.enter account.password")
"""A wrong password is refused with the same status as a wrong role; `tests/web/test_auth.py` has these."""

READS_CASES = BUREAU | roles("applicant recommender")
WATCHERS = roles("drawing approver supervision")
MATERIAL = {"outcome": "submit"}

Row = tuple[str, dict[str, str], dict[str, str], frozenset[str], frozenset[str]]
OBJECTS: tuple[Row, ...] = (
    # address, its arguments by kind of object, what is sent, who gets through with one's own, with another's
    ("cases.detail", {"case_id": "case"}, {}, READS_CASES, BUREAU),
    ("files.download", {"attachment_id": "paper"}, {}, frozenset(), frozenset()),
    ("letters.letter", {"notice_id": "letter"}, {}, READS_CASES, BUREAU),
    ("remarks.add", {"case_id": "case"}, {"text": "收到"}, READS_CASES - {"supervision"}, BUREAU - {"supervision"}),
    ("cases.claim", {"item_id": "item"}, {}, roles("applicant"), frozenset()),
    ("cases.release", {"item_id": "item"}, {}, roles("applicant"), frozenset()),
    ("cases.complete", {"item_id": "item"}, MATERIAL, roles("applicant intake"), roles("intake")),
    ("cases.save_draft", {"item_id": "item"}, {}, roles("applicant intake"), roles("intake")),
    ("applicant.detail", {"case_id": "case"}, {}, roles("applicant"), frozenset()),
    ("applicant.step", {"item_id": "item"}, {}, roles("applicant"), frozenset()),
    ("applicant.check", {"item_id": "item"}, {}, roles("applicant"), frozenset()),
    ("applicant.complete", {"item_id": "item"}, MATERIAL, roles("applicant"), frozenset()),
    ("applicant.show_evidence", {"item_id": "item"}, {}, roles("applicant"), frozenset()),
    ("applicant.ask", {"case_id": "case"}, {}, roles("applicant"), frozenset()),
    ("sides.terminate", {"case_id": "case"}, {"reason": "停产"}, roles("applicant programme"), roles("programme")),
    ("sides.object_to", {"case_id": "case"}, {}, roles("intake planning"), roles("intake planning")),
    ("expert.sheet", {"item_id": "sheet"}, {}, roles("expert"), frozenset()),
    ("expert.open_file", {"item_id": "sheet", "case_id": "read"}, {}, roles("expert"), frozenset()),
    ("expert.submit", {"item_id": "sheet"}, {}, roles("expert"), frozenset()),
    ("expert.conflict", {"item_id": "sheet"}, {}, roles("expert"), frozenset()),
    ("rounds.detail", {"round_id": "round"}, {}, BUREAU, BUREAU),
    ("draws.prepare", {"round_id": "round"}, {}, roles("drawing"), roles("drawing")),
    ("draws.cancel", {"round_id": "round"}, {}, roles("drawing"), roles("drawing")),
    ("draws.lots", {"round_id": "round"}, {}, roles("drawing"), roles("drawing")),
    ("draws.publish", {"round_id": "round"}, {}, roles("drawing"), roles("drawing")),
    ("draws.undo", {"round_id": "round"}, {}, roles("drawing"), roles("drawing")),
    ("draws.approve", {"round_id": "round"}, {}, roles("approver"), roles("approver")),
    ("draws.certificate", {"round_id": "round"}, {}, WATCHERS, WATCHERS),
    ("api.get_case", {"case_id": "case"}, {}, READS_CASES, BUREAU),
    ("api.get_history", {"case_id": "case"}, {}, READS_CASES, BUREAU),
    ("api.get_notices", {"case_id": "case"}, {}, READS_CASES, BUREAU),
    ("api.get_payments", {"case_id": "case"}, {}, READS_CASES, BUREAU),
    ("api.get_work_item", {"item_id": "item"}, {}, READS_CASES, BUREAU),
    ("api.claim_work_item", {"item_id": "item"}, {}, roles("applicant"), frozenset()),
    ("api.release_work_item", {"item_id": "item"}, {}, roles("applicant"), frozenset()),
)  # fmt: skip
