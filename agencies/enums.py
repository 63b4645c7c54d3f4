"""The closed vocabularies of conduct: roles, stages, ledger entries, violations, imports."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a member may do for an agency."""

    OWNER = "owner", _("Owner")
    VIEWER = "viewer", _("Viewer")


class Stage(models.TextChoices):
    """The assessment stages (S, docs/rules.md §3)."""

    NOVICE = "novice", _("Novice stage")
    OBSERVATION = "observation", _("Observation stage")
    ASSESSED = "assessed", _("Assessed stage")


class ViolationKind(models.TextChoices):
    """Kinds of violation (S for the first two, D for the rest, docs/rules.md §8)."""

    DISPUTE = "dispute", _("Disputes with merchants or creators")
    IMPERSONATION = "impersonation", _("Impersonation of the platform")
    FALSE_INFORMATION = "false_information", _("False information")
    FAKE_TRAFFIC = "fake_traffic", _("Faked traffic or orders")
    PROHIBITED_CONTENT = "prohibited_content", _("Prohibited content")
    BREACH_OF_AGREEMENT = "breach_of_agreement", _("Breach of the platform agreement")
    OTHER = "other", _("Other violations")


class ViolationState(models.TextChoices):
    """The life of a violation; imported ones were decided elsewhere and start as issued (S, §8)."""

    DRAFT = "draft", _("Draft")
    ISSUED = "issued", _("Issued")
    APPEALED = "appealed", _("Appealed")
    UPHELD = "upheld", _("Upheld")
    REVOKED = "revoked", _("Revoked")


class Measure(models.TextChoices):
    """What a violation leads to besides the deduction (S, docs/rules.md §8)."""

    WARNING = "warning", _("Warning")
    SUSPEND_BINDING = "suspend_binding", _("Binding suspended")
    CANCEL_HONOURS = "cancel_honours", _("Honours cancelled")
    LINKED_AGENCIES = "linked_agencies", _("Linked agency: binding suspended")
    LINKED_ACCOUNTS = "linked_accounts", _("Linked account barred")
    REMOVAL = "removal", _("Removal from the platform")


class PenaltyState(models.TextChoices):
    """The life of a measure: planned with a draft, in force, over."""

    PLANNED = "planned", _("Planned")
    PROPOSED = "proposed", _("Awaits a second person")
    ACTIVE = "active", _("In force")
    EXPIRED = "expired", _("Expired")
    LIFTED = "lifted", _("Lifted")
    DECLINED = "declined", _("Not confirmed")


class Side(models.TextChoices):
    """The two sides of a binding."""

    AGENCY = "agency", _("Agency")
    CREATOR = "creator", _("Creator")


class BindingRequestState(models.TextChoices):
    """An agency asks for a creator, who confirms (docs/rules.md §9)."""

    ASKED = "asked", _("Awaits the creator")
    CONFIRMED = "confirmed", _("Confirmed")
    DECLINED = "declined", _("Declined by the creator")
    EXPIRED = "expired", _("Expired")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class UnbindingState(models.TextChoices):
    """One side asks to part; silence is consent, a refusal has a reason (P, docs/rules.md §9)."""

    ASKED = "asked", _("Awaits the other side")
    OBJECTED = "objected", _("Refused by the other side")
    CALLED_IN = "called_in", _("Before the platform")
    ENDED = "ended", _("Unbound")
    KEPT = "kept", _("Binding kept")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class LinkPurpose(models.TextChoices):
    """What a creator's link is for."""

    CONFIRM = "confirm", _("Confirm a binding")
    ANSWER = "answer", _("Answer a wish to part")
    LEAVE = "leave", _("Leave an agency")


class NoticeState(models.TextChoices):
    """A public notice is written, then published; published ones are corrected visibly only."""

    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")


class Subject(models.TextChoices):
    """What a line of the conduct log is about."""

    VIOLATION = "violation", _("Violation")
    PENALTY = "penalty", _("Measure")
    APPEAL = "appeal", _("Appeal")
    CREDIT = "credit", _("Credit")
    TITLE = "title", _("Honorary title")
    BINDING = "binding", _("Binding")
    BINDING_REQUEST = "binding_request", _("Binding request")
    UNBINDING = "unbinding", _("Unbinding")
    NOTICE = "notice", _("Public notice")


class News(models.TextChoices):
    """What an agency is told (docs/signals.md, `agency_news` and `evaluation_published`)."""

    VIOLATION_ISSUED = "violation_issued", _("A violation was decided")
    VIOLATION_REVOKED = "violation_revoked", _("A violation was revoked")
    APPEAL_FILED = "appeal_filed", _("An appeal was filed")
    APPEAL_DECIDED = "appeal_decided", _("An appeal was decided")
    PENALTY_STARTED = "penalty_started", _("A measure took effect")
    PENALTY_ENDED = "penalty_ended", _("A measure ended")
    PENALTY_LIFTED = "penalty_lifted", _("A measure was lifted")
    CREDIT_AWARDED = "credit_awarded", _("Credit was awarded")
    CREDIT_RESTORED = "credit_restored", _("Credit was given back")
    TITLE_GRANTED = "title_granted", _("A title was granted")
    TITLE_WITHDRAWN = "title_withdrawn", _("A title was withdrawn")
    CREATOR_BOUND = "creator_bound", _("A creator was bound")
    CREATOR_UNBOUND = "creator_unbound", _("A creator was unbound")
    REQUEST_DECLINED = "request_declined", _("A creator declined")
    REQUEST_EXPIRED = "request_expired", _("A request expired")
    UNBINDING_ASKED = "unbinding_asked", _("A creator wants to leave")
    UNBINDING_OBJECTED = "unbinding_objected", _("A creator refused to part")
    UNBINDING_WITHDRAWN = "unbinding_withdrawn", _("A creator withdrew the wish to leave")
    UNBINDING_CALLED_IN = "unbinding_called_in", _("A creator called the platform in")
    UNBINDING_DECIDED = "unbinding_decided", _("The platform decided on a wish to part")
    NOTICE_PUBLISHED = "notice_published", _("A public notice names a violation")
    LEVEL_CHANGED = "level_changed", _("The level or stage changed")
    RESULT_CORRECTED = "result_corrected", _("A published result was corrected")
    DISPUTE_ANSWERED = "dispute_answered", _("A dispute was answered")
    DISPUTE_CORRECTED = "dispute_corrected", _("Disputed data were corrected")
    CONSULTATION_OPENED = "consultation_opened", _("The platform asks about new rules")
    CONSULTATION_CLOSED = "consultation_closed", _("A consultation on rules was concluded")
    COMMENT_ANSWERED = "comment_answered", _("A comment on new rules was answered")
    RULES_SCHEDULED = "rules_scheduled", _("New rules were decided")
    RULES_WITHDRAWN = "rules_withdrawn", _("Decided rules were withdrawn")
    RESULT_PUBLISHED = "result_published", _("The result of the month is published")
    AT_RISK = "at_risk", _("Level or stage at risk")
    APPEAL_ENDING = "appeal_ending", _("The time to appeal runs out")
    QUESTION_ANSWERED = "question_answered", _("A question was answered")
    QUESTION_CLOSED = "question_closed", _("A question was closed")
    CONTACT_ASSIGNED = "contact_assigned", _("A person of the platform is there for you")
    CONTACT_ENDED = "contact_ended", _("The dedicated contact ended")
    STAR_SELECTED = "star_selected", _("A creator joined the Star Source plan")
    STAR_ANCHORED = "star_anchored", _("The first live day of a creator was moved")
    STAR_PHASE = "star_phase", _("A creator entered a new phase")
    STAR_INCENTIVE = "star_incentive", _("A creator was given traffic")
    STAR_LEFT = "star_left", _("A creator left the Star Source plan")
    EVENT_ANNOUNCED = "event_announced", _("A salon was announced")
    EVENT_CHANGED = "event_changed", _("A salon that you go to was changed")
    EVENT_CANCELLED = "event_cancelled", _("A salon was cancelled")
    EVENT_SEATED = "event_seated", _("A seat at a salon became free for you")
    EVENT_MATERIALS = "event_materials", _("Materials of a salon are there")


class EntryKind(models.TextChoices):
    """What a line of the credit ledger records (docs/rules.md §7)."""

    OPENING = "opening", _("Opening balance")
    DEDUCTION = "deduction", _("Deduction")
    REVERSAL = "reversal", _("Reversal")
    RESTORE = "restore", _("Way back")
    AWARD = "award", _("Award")
    ADJUSTMENT = "adjustment", _("Adjustment")


class FileKind(models.TextChoices):
    """The five files that a platform delivers (the contract's section "Files")."""

    AGENCIES = "agencies", _("Agencies")
    CREATORS = "creators", _("Creators")
    BINDINGS = "bindings", _("Bindings")
    FACTS = "facts", _("Promotion facts")
    VIOLATIONS = "violations", _("Violations")


class ImportOutcome(models.TextChoices):
    """How the import of one file ended."""

    APPLIED = "applied", _("Applied")
    REFUSED = "refused", _("Refused")


class StarPhase(models.TextChoices):
    """The phases of the Star Source plan (S, docs/rules.md §10)."""

    BEFORE = "before", _("Before the plan begins")
    PREPARATION = "preparation", _("Preparation")
    TRIAL = "trial", _("Trial run")
    DEVELOPMENT = "development", _("Development")
    MATURE = "mature", _("Mature")
