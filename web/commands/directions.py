"""`keguan directions`: the catalogue as JSON or as a table."""

import json

import click
from rich.console import Console
from rich.table import Table

from engine import db
from engine.catalogue.directions import list_directions, load_catalogue
from engine.catalogue.spec import DirectionSpec, FundingRule, as_json
from engine.vocabulary import FundingMode, PaymentTrigger
from seed.catalogue import read_catalogue


@click.command()
@click.option("--json", "as_json_list", is_flag=True, help="Print a JSON list instead of a table.")
def directions(as_json_list: bool) -> None:
    """List the guide's directions; a fresh database is filled from the catalogue first."""
    specs = stored_directions()
    if as_json_list:
        click.echo(json.dumps([as_json(spec) for spec in specs], ensure_ascii=False, indent=2))
    else:
        Console().print(directions_table(specs))


def stored_directions() -> list[DirectionSpec]:
    """The directions in the database of this process, loaded on first use."""
    engine = db.ready_engine(db.database_url())
    with db.reading(engine) as session:
        specs = list_directions(session)
    if specs:
        return specs
    with db.writing(engine) as session:
        load_catalogue(session, read_catalogue())
        return list_directions(session)


def directions_table(specs: list[DirectionSpec]) -> Table:
    """One line a direction: code, title, how it pays and how much."""
    table = Table("代码", "方向", "补助方式", "拨付条件", "补助规则", "期限", "限额", box=None)
    for spec in specs:
        table.add_row(
            spec.code,
            spec.title,
            MODE_IN_WORDS[spec.funding_mode],
            TRIGGER_IN_WORDS[spec.payment_trigger],
            rule_in_words(spec.rule),
            f"{spec.duration_exact_years}年"
            if spec.duration_exact_years
            else f"≤{spec.duration_max_years}年",
            str(spec.quota or ""),
        )
    return table


MODE_IN_WORDS = {str(mode): mode.zh for mode in FundingMode}
TRIGGER_IN_WORDS = {str(trigger): trigger.zh for trigger in PaymentTrigger}
BASIS_IN_WORDS = {
    "ai_compute_paid": "实付算力费",
    "verified_self_raised": "核定自筹",
    "total_investment": "总投入",
    "application_ratio": "按立项额",
    "minimum_only": "下限",
    "none": "无",
}


def rule_in_words(rule: FundingRule) -> str:
    """The rule on one line: basis, rate, bounds."""
    parts = [BASIS_IN_WORDS[rule.basis]]
    if rule.rate is not None:
        parts.append(f"{rule.rate:.0%}")
    if rule.floor_yuan is not None:
        parts.append(f"≥{rule.floor_yuan / 10_000:g}万")
    if rule.cap_yuan is not None:
        parts.append(f"≤{rule.cap_yuan / 10_000:g}万")
    if rule.cap_share_of_total_investment is not None:
        parts.append(f"≤总投入{rule.cap_share_of_total_investment:.0%}")
    return " ".join(parts)
