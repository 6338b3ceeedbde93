"""Every module that keeps tables, imported so that the metadata is complete for a migration."""

from engine import clock, history, policy, stamps
from engine.cases import corrections, search
from engine.cases import models as cases
from engine.catalogue import models as catalogue
from engine.change import models as change
from engine.change.guide import models as guide
from engine.jobs import models as jobs
from engine.money import models as money
from engine.people import models as people
from engine.procedures import models as procedures
from engine.records import answers, bulk, evidence, views
from engine.records import models as records
from engine.records.notices import models as notices
from engine.reviewing import models as reviewing

ROOMS = (
    clock,
    history,
    policy,
    stamps,
    cases,
    search,
    catalogue,
    change,
    guide,
    jobs,
    money,
    people,
    procedures,
    reviewing,
    answers,
    bulk,
    corrections,
    evidence,
    views,
    records,
    notices,
)
