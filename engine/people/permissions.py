"""Who may do what: predicates that answer `Allowed`, or `Denied` with a disabled button's sentence.

Pure: they look at an account and at plain values of the case, never at the database. A denial's `require()`
raises `Forbidden` with the same sentence, so the button and the refusal cannot differ.
"""

from collections.abc import Collection
from dataclasses import dataclass

from engine.errors import Forbidden
from engine.people.models import Account
from engine.people.roles import INTERNAL, OF_A_UNIT, role_for_lane, role_label
from engine.vocabulary import Role


@dataclass(frozen=True)
class Allowed:
    """Go ahead."""

    def __bool__(self) -> bool:
        return True

    def require(self) -> None:
        """Nothing to refuse."""


@dataclass(frozen=True)
class Denied:
    """Not this person, not now; `reason` is a sentence for them."""

    reason: str

    def __bool__(self) -> bool:
        return False

    def require(self) -> None:
        """Raise Forbidden with the reason."""
        raise Forbidden(self.reason)


Decision = Allowed | Denied
ALLOWED = Allowed()


def has_role(account: Account, role: str) -> bool:
    """Does the account hold this role, and is it in use?"""
    return account.active and role in account.roles


def is_read_only(account: Account) -> bool:
    """Supervision (纪检) sees everything and changes nothing, whatever other roles the account was given."""
    return Role.SUPERVISION in account.roles


def may_change(account: Account) -> Decision:
    """May this account change anything at all? Every other predicate about changing asks this first."""
    if not account.active:
        return Denied(f"账号“{account.login}”已停用；请联系管理员。")
    if is_read_only(account):
        return Denied("纪检账号只能查看，不能办理。")
    return ALLOWED


def may_file(account: Account, unit_id: int) -> Decision:
    """May this account file an application for the unit? Its own applicants, and intake for paper (代录)."""
    if not (able := may_change(account)):
        return able
    if has_role(account, Role.INTAKE):
        return ALLOWED
    if not has_role(account, Role.APPLICANT):
        return Denied("只有申报单位的账号(或代录纸质材料的受理员)可以填报申请。")
    if account.organization_id != unit_id:
        return Denied("只能为本单位填报申请。")
    return ALLOWED


def may_see_case(
    account: Account,
    unit_id: int | None,
    recommender_id: int | None = None,
    assigned_to: Collection[int] = (),
) -> Decision:
    """May this account open the case? `assigned_to` are the accounts of the experts assigned to it.

    Everybody inside the bureau may, in lanes it added too; a unit its own cases; a recommending unit those it
    recommends; an expert those assigned.
    """
    if not account.active:
        return Denied(f"账号“{account.login}”已停用；请联系管理员。")
    if account.id is not None and account.id in assigned_to:
        return ALLOWED
    outside = OF_A_UNIT | {Role.EXPERT.value}
    if any(role in INTERNAL or role not in outside for role in account.roles):
        return ALLOWED
    mine = account.organization_id
    if mine is not None and has_role(account, Role.APPLICANT) and mine == unit_id:
        return ALLOWED
    if mine is not None and has_role(account, Role.RECOMMENDER) and mine == recommender_id:
        return ALLOWED
    return Denied("只能查看本单位申报、推荐或分派给本人的项目。")


def may_claim(account: Account, lane: str, holder_id: int | None, unit_id: int | None) -> Decision:
    """May this account take the step into its own hands (签收)?"""
    if holder_id is not None and holder_id != account.id:
        return Denied("该待办已由他人签收；请等待其办理或由其退回。")
    return may_complete(account, lane, holder_id, unit_id)


def may_complete(account: Account, lane: str, holder_id: int | None, unit_id: int | None) -> Decision:
    """May this account complete the step (办理)?

    `lane` is a lane's name or a role; `holder_id` the account that holds the step, or None for the whole
    group; `unit_id` the unit the step belongs to: the applicant's, or for a recommendation the recommending
    unit. A unit's step is the unit's: a colleague may complete what another holds. Intake may enter a
    unit's step that came on paper (代录).
    """
    if not (able := may_change(account)):
        return able
    return _may_act_as(account, role_for_lane(lane), holder_id, unit_id)


def acts_for_a_unit(account: Account, role: str, unit_id: int | None) -> bool:
    """Would this account complete a unit's step that is not its own unit's (代录)?"""
    return role in OF_A_UNIT and not (role in account.roles and account.organization_id == unit_id)


def may_enter(
    account: Account, role: str, holder_id: int | None, unit_id: int | None, on_behalf_of: str | None
) -> Decision:
    """May this account complete the step, saying for whom? Another unit's step only in that unit's name."""
    if not (able := may_complete(account, role, holder_id, unit_id)):
        return able
    if on_behalf_of is None and acts_for_a_unit(account, role, unit_id):
        return Denied("这一步属于单位；代录须附纸质材料的扫描件并写明事由，请在项目页面办理。")
    return ALLOWED


def _may_act_as(account: Account, role: str, holder_id: int | None, unit_id: int | None) -> Decision:
    if role in OF_A_UNIT and has_role(account, Role.INTAKE):
        return ALLOWED
    if not has_role(account, role):
        return Denied(f"该步骤由“{role_label(role)}”办理，您的账号没有这个岗位。")
    if role in OF_A_UNIT:
        return ALLOWED if _same_unit(account, unit_id) else Denied("该步骤属于其他单位，只能由该单位办理。")
    if role == Role.EXPERT and holder_id is None:
        return Denied("该评审任务尚未分派给专家。")
    if holder_id is not None and holder_id != account.id:
        return Denied("该待办已由他人签收，只能由其本人办理。")
    return ALLOWED


def _same_unit(account: Account, unit_id: int | None) -> bool:
    return unit_id is not None and account.organization_id == unit_id


def may_ask_termination(account: Account, unit_id: int) -> Decision:
    """May this account propose to terminate the project (终止)? Its own unit, and the programme officer."""
    if not (able := may_change(account)):
        return able
    own = has_role(account, Role.APPLICANT) and account.organization_id == unit_id
    if own or has_role(account, Role.PROGRAMME):
        return ALLOWED
    return Denied("只有承担单位或业务科室可以提出终止。")


def may_ask_change(account: Account, unit_id: int) -> Decision:
    """May this account ask for a change, an extension or the withdrawal? Its own unit, and intake for paper."""
    if not (able := may_change(account)):
        return able
    own = has_role(account, Role.APPLICANT) and account.organization_id == unit_id
    if own or has_role(account, Role.INTAKE):
        return ALLOWED
    return Denied("只有承担单位（或代录纸质材料的受理员）可以申请变更、延期和撤回。")


def may_enter_objection(account: Account) -> Decision:
    """May this account enter a written objection (异议)? Planning and intake; who raised it stays with them."""
    if not (able := may_change(account)):
        return able
    if has_role(account, Role.PLANNING) or has_role(account, Role.INTAKE):
        return ALLOWED
    return Denied("书面异议由规配科或受理员登记。")


def may_see_scores(
    account: Account, *, own: bool = False, submitted_own: bool = False, closed: bool = False
) -> Decision:
    """May this account see a score? `own`: it gave it; `submitted_own`: it scored the same file already;
    `closed`: the round has closed its scoring.

    Applicants and recommending units never do; an expert sees others' scores only after submitting; the
    bureau once the round closed, so that nobody can urge a reviewer on; supervision always.
    """
    if not account.active:
        return Denied(f"账号“{account.login}”已停用；请联系管理员。")
    if own or is_read_only(account):
        return ALLOWED
    if has_role(account, Role.EXPERT):
        return ALLOWED if submitted_own else Denied("提交本人评分后才能查看其他专家的评分。")
    if any(has_role(account, role) for role in (Role.PROGRAMME, Role.PLANNING, Role.APPROVER, Role.DRAWING)):
        return ALLOWED if closed else Denied("评分结束后才能查看评分。")
    return Denied("申报单位、推荐单位和其他岗位不能查看专家评分。")


def may_see_reviewers(account: Account, *, closed: bool = False) -> Decision:
    """May this account see who reviews a file? Who draws and who supervises; others once it closed."""
    if has_role(account, Role.SUPERVISION) or has_role(account, Role.DRAWING):
        return ALLOWED
    if any(has_role(account, role) for role in (Role.PROGRAMME, Role.PLANNING, Role.APPROVER)):
        return ALLOWED if closed else Denied("抽取结果在评审结束前保密。")
    return Denied("专家名单保密：只告知“已启动回避”。")


def may_draw(account: Account, programme_logins: Collection[str] = ()) -> Decision:
    """May this account draw experts (抽取)? Managing, using and drawing are separated (管理、使用、抽取分离):
    never who is a programme officer, nor who handled the round as one (`programme_logins`)."""
    if not (able := may_change(account)):
        return able
    if not has_role(account, Role.DRAWING):
        return Denied("只有抽取岗可以抽取专家。")
    if has_role(account, Role.PROGRAMME) or account.login in programme_logins:
        return Denied("抽取岗与业务科室必须分离：经办本批次业务的人员不能抽取专家。")
    return ALLOWED


def may_see_draw(account: Account) -> Decision:
    """May this account look at a draw before its panel has scored? Who draws, who approves, who supervises."""
    if any(has_role(account, role) for role in (Role.DRAWING, Role.APPROVER, Role.SUPERVISION)):
        return ALLOWED
    return Denied("抽取过程对业务科室和申报方保密；抽取岗、分管领导和纪检可以查看。")


def may_relax(account: Account) -> Decision:
    """May this account relax a soft rule or a panel condition? The approving leader, and it is logged."""
    if not (able := may_change(account)):
        return able
    return ALLOWED if has_role(account, Role.APPROVER) else Denied("放宽条件须由分管领导批准。")


def may_attach(account: Account, unit_id: int, recommender_id: int | None) -> Decision:
    """May this account add files and remarks to the case (附件、留言)? The bureau, the unit, its recommender.

    An expert never does: what an expert has to say stands on the score sheet.
    """
    if not (able := may_change(account)):
        return able
    if has_role(account, Role.EXPERT):
        return Denied("评审专家的意见请填在评分表中，不能另附文件或留言。")
    return may_see_case(account, unit_id, recommender_id)


def may_enter_paper(account: Account) -> Decision:
    """May this account enter what a unit handed in on paper (代录)?"""
    if not (able := may_change(account)):
        return able
    return ALLOWED if has_role(account, Role.INTAKE) else Denied("纸质材料由受理员代录。")


def may_step_back(account: Account, role: str) -> Decision:
    """May this account take a case back to a step of this role (退回办理)?

    Whoever takes the step's decisions, and the approving leader; a unit's step the programme officer and
    intake. An expert's judgement is not reopened this way.
    """
    if not (able := may_change(account)):
        return able
    if role == Role.EXPERT:
        return Denied("专家的评分不能退回重评；需要复议的，由分管领导按评审规定启动。")
    if has_role(account, Role.APPROVER):
        return ALLOWED
    if role in OF_A_UNIT:
        fit = has_role(account, Role.PROGRAMME) or has_role(account, Role.INTAKE)
        return ALLOWED if fit else Denied("退回到单位的步骤由业务科室、受理员或分管领导办理。")
    if has_role(account, role):
        return ALLOWED
    return Denied(f"退回到该步骤由“{role_label(role)}”或分管领导办理。")


def may_correct(account: Account, role: str) -> Decision:
    """May this account correct a clerical error (笔误更正) in what was entered at a step of this role?"""
    if not (able := may_change(account)):
        return able
    if role == Role.EXPERT:
        return Denied("专家的评分和意见不能由他人更正。")
    if role in OF_A_UNIT:
        fit = has_role(account, Role.PROGRAMME) or has_role(account, Role.INTAKE)
        return ALLOWED if fit else Denied("单位所填内容的笔误，由业务科室或受理员凭单位说明更正。")
    return ALLOWED if has_role(account, role) else Denied(f"笔误由“{role_label(role)}”更正。")


def may_appropriate(account: Account) -> Decision:
    """May this account enter a year's appropriation (年度预算)? Planning."""
    if not (able := may_change(account)):
        return able
    return ALLOWED if has_role(account, Role.PLANNING) else Denied("年度预算由规配科登记。")


def may_administer(account: Account) -> Decision:
    """May this account change procedures, policy, rubrics, the calendar and users? Never a case."""
    if not (able := may_change(account)):
        return able
    return ALLOWED if has_role(account, Role.ADMIN) else Denied("只有管理员可以修改流程、参数和用户。")


def may_inspect(account: Account) -> Decision:
    """May this account read the logs and run the audit? Supervision and administrators."""
    if has_role(account, Role.SUPERVISION) or has_role(account, Role.ADMIN):
        return ALLOWED
    return Denied("只有纪检和管理员可以查看系统日志。")


def may_bring_in_cases(account: Account) -> Decision:
    """May this account bring in applications from a workbook? Administrators at the start, and intake (代录)."""
    if not (able := may_change(account)):
        return able
    if has_role(account, Role.ADMIN) or has_role(account, Role.INTAKE):
        return ALLOWED
    return Denied("只有管理员或受理员可以导入申报项目。")
