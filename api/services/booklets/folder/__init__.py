"""Content folders: a booklet as YAML files, read, checked and written."""

from api.services.booklets.folder.checking import check_folder
from api.services.booklets.folder.model import Folder, FolderResource, FolderUnit
from api.services.booklets.folder.reading import read_folder
from api.services.booklets.folder.writing import write_folder

__all__ = ["Folder", "FolderResource", "FolderUnit", "check_folder", "read_folder", "write_folder"]
