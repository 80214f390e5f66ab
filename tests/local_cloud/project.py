"""The project that everything belongs to; a Google cloud knows it by its id and by its number."""

from dataclasses import dataclass

from tests.local_cloud.errors import CodedError

PROJECT_NUMBER = "123456789012"


@dataclass(frozen=True)
class Project:
    """The one project of the cloud."""

    id: str = "rehearsal"
    number: str = PROJECT_NUMBER

    @property
    def full_name(self) -> str:
        """Its name among the resources of all services."""
        return f"//cloudresourcemanager.googleapis.com/projects/{self.id}"

    def check(self, given: str) -> str:
        """Return the id for the id, the number or `-`, which stands for any; 403 for another's project."""
        if given not in (self.id, self.number, "-"):
            raise CodedError(403, f"The caller has no permission on project {given}; this cloud has {self.id}.")
        return self.id

    def numbered(self, name: str) -> str:
        """Return a resource's name with the project's number in place of its id."""
        return name.replace(f"projects/{self.id}/", f"projects/{self.number}/", 1)
