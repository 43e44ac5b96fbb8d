"""Content folders: a booklet as YAML, read, checked, written and mapped against its print."""

from api.services.booklets.folder.checking import check_folder
from api.services.booklets.folder.mapping import booklet_map
from api.services.booklets.folder.model import Folder, FolderResource, FolderUnit, OmittedLines
from api.services.booklets.folder.reading import read_folder
from api.services.booklets.folder.writing import write_folder

__all__ = [
    "Folder",
    "FolderResource",
    "FolderUnit",
    "OmittedLines",
    "booklet_map",
    "check_folder",
    "read_folder",
    "write_folder",
]
