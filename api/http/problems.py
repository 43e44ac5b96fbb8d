"""The problem types that the service returns: stable name, status, title and detail.

The ``type`` of a problem is the URL ``{PUBLIC_URL}/problems/{name}`` (RFC 9457). The page at that URL explains the
problem in both languages.
"""

from __future__ import annotations

from dataclasses import dataclass

from api.i18n import N_


@dataclass(frozen=True, slots=True)
class ProblemType:
    """A problem type. ``detail`` is a message with named fields, which are filled from the error's data."""

    name: str
    status: int
    title: str
    detail: str


_ALL = (
    ProblemType(
        "invalid-request",
        400,
        N_("Invalid request"),
        N_("The request is not valid. See ‘errors’ for each thing to correct."),
    ),
    ProblemType("bad-request", 400, N_("Invalid request"), N_("The request cannot be read.")),
    ProblemType("not-found", 404, N_("Not found"), N_("There is nothing at this address.")),
    ProblemType(
        "resource-not-found",
        404,
        N_("Not found"),
        N_("Nothing here has the slug ‘{slug}’ (kind: {kind}, release: {release})."),
    ),
    ProblemType("release-not-found", 404, N_("Not found"), N_("There is no release with the number ‘{number}’.")),
    ProblemType(
        "language-not-available",
        404,
        N_("Not available in this language"),
        N_("This text is not available in the language asked for ({language})."),
    ),
    ProblemType(
        "nothing-to-choose-from",
        404,
        N_("Not found"),
        N_("Nothing fits these filters in this language."),
    ),
    ProblemType(
        "method-not-allowed",
        405,
        N_("Method not allowed"),
        N_("The method ‘{method}’ is not allowed at this address. Allowed: {allowed}."),
    ),
    ProblemType(
        "not-acceptable",
        406,
        N_("No acceptable format"),
        N_("This address returns {offered} only, and the request’s Accept header allows neither that nor */*."),
    ),
    ProblemType(
        "withdrawn",
        410,
        N_("Withdrawn"),
        N_("This was withdrawn in release {since}."),
    ),
    ProblemType(
        "suppressed",
        410,
        N_("No longer available"),
        N_("This was taken out of every release and will not come back."),
    ),
    ProblemType(
        "page-expired",
        410,
        N_("The search must begin again"),
        N_(
            "This page belongs to a search of release {begun}. The content has changed since: release {current} is "
            "current. Begin again with the first page: see ‘links’."
        ),
    ),
    ProblemType(
        "precondition-failed",
        412,
        N_("Precondition not met"),
        N_("The content here has a different ETag from the one in ‘If-Match’."),
    ),
    ProblemType(
        "not-embeddable",
        404,
        N_("Not found"),
        N_("There is nothing at this address that can be embedded: {url}"),
    ),
    ProblemType(
        "format-not-available",
        501,
        N_("No such format"),
        N_("The format ‘{format}’ is not available. Choose ‘json’ or ‘xml’."),
    ),
    ProblemType(
        "pdf-not-available",
        501,
        N_("PDFs are not available here"),
        N_(
            "This service does not make PDFs. Open the handout and choose Print in your browser, which can save it as "
            "a PDF."
        ),
    ),
    ProblemType(
        "printing-busy",
        503,
        N_("Too many PDFs at once"),
        N_("Other people are already waiting for a PDF. Try again a little later."),
    ),
    ProblemType("content-too-large", 413, N_("Content too large"), N_("The request’s body is over the limit.")),
    ProblemType(
        "uri-too-long",
        414,
        N_("Address too long"),
        N_("The address is over the limit."),
    ),
    ProblemType(
        "too-many-requests",
        429,
        N_("Too many requests"),
        N_("This service does not accept so many requests in so short a time. ‘Retry-After’ says when to try again."),
    ),
    ProblemType(
        "unsupported-media-type",
        415,
        N_("Content type not accepted"),
        N_("This address does not take content of this type."),
    ),
    ProblemType("internal-error", 500, N_("Something went wrong"), N_("The fault is ours, and has been logged.")),
    ProblemType(
        "unavailable",
        503,
        N_("The service is not available at present"),
        N_("The database is busy or out of reach. Try again a little later."),
    ),
    ProblemType(
        "read-only",
        503,
        N_("Only reading is possible at present"),
        N_("This service accepts no changes at present. Nothing was saved; reading works as usual."),
    ),
    ProblemType(
        "unauthenticated",
        401,
        N_("A valid token is needed"),
        N_("This address takes a token in the Authorization header: ‘Bearer’ and the token."),
    ),
    ProblemType(
        "token-not-valid",
        401,
        N_("A valid token is needed"),
        N_("The token is unknown, expired or revoked."),
    ),
    ProblemType(
        "role-missing",
        403,
        N_("You do not have permission"),
        N_("The token lacks the role for this. Any of these would do: {roles}."),
    ),
    ProblemType(
        "language-not-allowed",
        403,
        N_("You do not have permission"),
        N_("The token is limited to another language. The language of this text: {language}."),
    ),
    ProblemType(
        "own-revision",
        403,
        N_("You do not have permission"),
        N_("You cannot review a revision that you wrote. Somebody else must read this one."),
    ),
    ProblemType("unknown-id", 404, N_("Not found"), N_("There is nothing with the id ‘{id}’.")),
    ProblemType(
        "act-refused",
        409,
        N_("Conflict with the current state"),
        N_("This is not possible in the current state. See ‘errors’ for the reason."),
    ),
    ProblemType(
        "release-blocked",
        409,
        N_("The release is blocked"),
        N_("Nothing was released. See ‘blockers’ for everything that is in the way."),
    ),
    ProblemType(
        "nothing-to-release", 409, N_("Nothing to release"), N_("The resources are the same as in the current release.")
    ),
    ProblemType(
        "text-changed",
        412,
        N_("The text has changed in the meantime"),
        N_("Somebody changed this after you read it. The current version is in ‘current’; nothing was overwritten."),
    ),
    ProblemType(
        "key-reused",
        422,
        N_("The content cannot be processed"),
        N_("This Idempotency-Key has already been used for another request."),
    ),
    ProblemType(
        "precondition-required",
        428,
        N_("A condition must be sent (If-Match)"),
        N_("Send the ETag that you read as If-Match, so that no one’s work is overwritten."),
    ),
)
PROBLEMS = {problem.name: problem for problem in _ALL}
BY_STATUS = {
    400: PROBLEMS["bad-request"],
    404: PROBLEMS["not-found"],
    405: PROBLEMS["method-not-allowed"],
    412: PROBLEMS["precondition-failed"],
    413: PROBLEMS["content-too-large"],
    414: PROBLEMS["uri-too-long"],
    415: PROBLEMS["unsupported-media-type"],
    429: PROBLEMS["too-many-requests"],
}

# One message per language, without a placeholder: after a Welsh preposition, the name of a language may change its
# first letter.
NOT_IN_WELSH = N_("There is no Welsh text available.")
NOT_IN_ENGLISH = N_("There is no English text available.")
NOT_IN_WELSH_READ_ENGLISH = N_("There is no Welsh text available. You can read the English text here: {url}")
NOT_IN_ENGLISH_READ_WELSH = N_("There is no English text available. You can read the Welsh text here: {url}")
WELSH_BELOW_STATE = N_("The Welsh text has not been reviewed to the degree asked for.")
ENGLISH_BELOW_STATE = N_("The English text has not been reviewed to the degree asked for.")
WELSH_BELOW_STATE_READ_ENGLISH = N_(
    "The Welsh text has not been reviewed to the degree asked for. You can read the English text here: {url}"
)
ENGLISH_BELOW_STATE_READ_WELSH = N_(
    "The English text has not been reviewed to the degree asked for. You can read the Welsh text here: {url}"
)
LANGUAGE_DETAILS = {
    ("cy", "missing", False): NOT_IN_WELSH,
    ("cy", "missing", True): NOT_IN_WELSH_READ_ENGLISH,
    ("en", "missing", False): NOT_IN_ENGLISH,
    ("en", "missing", True): NOT_IN_ENGLISH_READ_WELSH,
    ("cy", "below_min_state", False): WELSH_BELOW_STATE,
    ("cy", "below_min_state", True): WELSH_BELOW_STATE_READ_ENGLISH,
    ("en", "below_min_state", False): ENGLISH_BELOW_STATE,
    ("en", "below_min_state", True): ENGLISH_BELOW_STATE_READ_WELSH,
}
