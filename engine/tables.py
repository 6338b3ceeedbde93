"""Every module that keeps tables, imported so that the metadata is complete for a migration."""

from engine import clock, history, policy
from engine.cases import models as cases
from engine.catalogue import models as catalogue
from engine.money import ledger
from engine.people import models as people
from engine.procedures import models as procedures
from engine.reviewing import models as reviewing

ROOMS = (clock, history, policy, cases, catalogue, ledger, people, procedures, reviewing)
