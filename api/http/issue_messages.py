"""The message of each issue: what is wrong, and how to correct it."""

from __future__ import annotations

from api.domain.issue_code import IssueCode
from api.i18n import N_

# The named fields are filled from the issue's data.
ISSUE_MESSAGES: dict[IssueCode, str] = {
    IssueCode.UNKNOWN_LANGUAGE: N_("‘{value}’ is not a language of this service. Choose ‘cy’ or ‘en’."),
    IssueCode.UNKNOWN_CHOICE: N_("‘{value}’ is not one of the values that this parameter takes: {choices}."),
    IssueCode.UNKNOWN_FIELD: N_("‘{value}’ is not a field of this response. Its fields: {choices}."),
    IssueCode.UNKNOWN_VALUE: N_("Nothing public is called ‘{value}’."),
    IssueCode.UNKNOWN_KEY: N_("Nothing here has the key ‘{value}’ (kind: {kind})."),
    IssueCode.UNKNOWN_NEIGHBOUR: N_("This must be the id of another resource of the same kind. Kind: {kind}."),
    IssueCode.UNKNOWN_PARAMETER: N_("There is no parameter ‘{parameter}’ at this address."),
    IssueCode.REQUIRED_PARAMETER: N_("The parameter ‘{parameter}’ is required here."),
    IssueCode.REPEATED_PARAMETER: N_("The parameter ‘{parameter}’ may be given only once."),
    IssueCode.NOT_A_NUMBER: N_("This must be a whole number from {least} to {most}."),
    IssueCode.OUT_OF_RANGE: N_("This must be a whole number from {least} to {most}."),
    IssueCode.TOO_MANY: N_("The maximum number here is {most}."),
    IssueCode.NOT_AN_ADDRESS: N_(
        "This must be a full web address that begins with ‘https’ or ‘http’ and contains no ‘#’."
    ),
    IssueCode.TOO_LONG: N_("This is over the limit of {limit} characters."),
    IssueCode.TOO_LONG_FOR_QR_CODE: N_(
        "The address of this session has {length} characters, and a QR code holds {limit}. Choose fewer moments, or "
        "hand out the address itself."
    ),
    IssueCode.INVALID_CHARACTER: N_(
        "This contains a character that is not text: a control character or half a character."
    ),
    IssueCode.EMPTY: N_("This is empty."),
    IssueCode.UNREADABLE_AFTER: N_("This does not mark the end of any page. Follow ‘links.next’ on the previous page."),
    IssueCode.AFTER_OF_ANOTHER_LIST: N_(
        "This marks the end of a page in another list: the filters or the language differ."
    ),
    IssueCode.NO_WORDS: N_("There is no word here to search for. A word is made of letters or digits."),
    IssueCode.TOO_MANY_WORDS: N_("A search takes at most {limit} words."),
    IssueCode.RELEASE_NOT_MADE: N_(
        "There is no release {value} here: the newest is {newest}. Start again with ‘since=0’ and an empty copy."
    ),
    IssueCode.CURRENT_RELEASE_ONLY: N_("A search reads the current release only. Leave ‘release’ out."),
    IssueCode.RANKED_ALREADY: N_("Search results have their own order. Leave ‘sort’ out."),
    IssueCode.BODY_NOT_ALLOWED: N_("Requests with this method may not have a body here."),
    IssueCode.UNKNOWN_MEMBER: N_("There is no member with this name here."),
    IssueCode.NOT_AN_OBJECT: N_("This must be a JSON object."),
    IssueCode.UNREADABLE_JSON: N_("The body is not JSON."),
    IssueCode.WRONG_TYPE: N_("This must be a JSON value of another type: {wanted}."),
    IssueCode.REQUIRED: N_("This is required here."),
    IssueCode.NOT_NULL: N_("This may not be null."),
    IssueCode.EITHER_OR: N_("Only one of the two may be given."),
    IssueCode.NOT_ONE_LINE: N_("This text must be one line."),
    IssueCode.SURROGATE: N_("This contains half a character: {character}."),
    IssueCode.INVISIBLE_CHARACTER: N_("This contains a character that nobody can see: {character}."),
    IssueCode.CONTROL_CHARACTER: N_("This contains a control character: {character}."),
    IssueCode.RESERVED_NAME: N_("The name ‘{value}’ is reserved for the service itself. A person needs another."),
    IssueCode.UNBALANCED_EMPHASIS: N_(
        "Emphasis is one star (*) before and one star after words of a paragraph. For a star itself, write \\*."
    ),
    IssueCode.MISSING_TEXT: N_("At least one text is needed."),
    IssueCode.TEXT_EXISTS: N_("This text already exists. Change it at the address of its unit."),
    IssueCode.OF_ANOTHER_COLLECTION: N_("The category ‘{value}’ belongs to another collection."),
    IssueCode.MISSING_SOURCE: N_("The text in the source language is needed."),
    IssueCode.UNKNOWN_TEXT: N_("Resources of this kind have no text with this name. Kind: {kind}."),
    IssueCode.NOT_OF_THIS_KIND: N_("Resources of this kind do not have this. Kind: {kind}."),
    IssueCode.MALFORMED_SLUG: N_(
        "‘{value}’ cannot be a slug. A slug has lower-case ASCII letters and digits, separated by hyphens."
    ),
    IssueCode.RESERVED_SLUG: N_(
        "‘{value}’ can be neither a slug nor a key: the service uses this word in an address of its own."
    ),
    IssueCode.NO_SLUG: N_("No slug can be made from these texts. Give a slug in the source language, or a key."),
    IssueCode.SLUG_TAKEN: N_("The slug ‘{value}’ leads to another resource: {holder}."),
    IssueCode.KEY_TAKEN: N_("There is a resource with the key ‘{value}’ already."),
    IssueCode.KEY_USED_BEFORE: N_(
        "The key ‘{value}’ belonged to a resource that has been deleted. Keys are never reused."
    ),
    IssueCode.MALFORMED_KEY: N_("An Idempotency-Key is 1 to {limit} visible ASCII characters."),
    IssueCode.UNREADABLE_LIFETIME: N_("A lifetime is a number with d, h or m: 90d, 12h, 30m."),
    IssueCode.EXPIRES_IN_THE_PAST: N_("This would end before it begins."),
    IssueCode.GAP_NOT_WAIVABLE: N_("This gap cannot be waived."),
    IssueCode.REASON_TOO_SHORT: N_("A reason needs at least 20 characters in each language."),
    IssueCode.DRAFT: N_("The translation is a draft."),
    IssueCode.RETURNED: N_("The translation was sent back. It needs a new revision first."),
    IssueCode.OUTDATED: N_(
        "The source has changed since. The translation must first be delivered again, or confirmed."
    ),
    IssueCode.REVIEWED_ALREADY: N_("This decision has already been made."),
    IssueCode.STANDS_ALREADY: N_("This is the current revision."),
    IssueCode.NO_SUCH_REVISION: N_("There is no revision with the number {revision}."),
    IssueCode.NOT_A_CHANGE: N_("Revision {revision} did not change the text, so it cannot be marked as minor."),
    IssueCode.WAS_RELEASED: N_("This was released. It can be withdrawn, but not deleted."),
    IssueCode.IN_USE: N_("This resource contains other resources."),
    IssueCode.SUPPRESSED: N_("This was taken out of every release and will not come back."),
    IssueCode.COMMENT_WITHOUT_CHANGE: N_("Nothing has changed, so there is no new revision for the comment."),
}

_without = [code.value for code in IssueCode if code not in ISSUE_MESSAGES]
if _without:
    raise AssertionError(f"issue codes without a message: {', '.join(_without)}")
