"""Operations for squashed migrations, which change several models without rendering the states in between."""

from collections.abc import Sequence

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import CreateModel
from django.db.migrations.operations.base import Operation, OperationCategory
from django.db.migrations.state import ProjectState


class ChangeModels(Operation):
    """Change several models, and render the state once.

    A plain operation renders all models that are related to its model again, and nearly all are related to users.

    Each operation gets the states before and after all of them. SQLite makes a table again from the former of these,
    such as to add a column that cannot be NULL: at most one operation per model may do so, and it comes first.
    """

    category = OperationCategory.ALTERATION
    reversible = False
    serialization_expand_args = ["operations"]

    def __init__(self, operations: Sequence[Operation]) -> None:
        self.operations = operations

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        # A state renders changes only if it is rendered. `database_forwards` renders it again.
        vars(state).pop("apps", None)
        # Then all relations are complete, so that `RunPython` need not render the state again.
        state.is_delayed = False
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        for operation in self.operations:
            operation.database_forwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        return "; ".join(operation.describe() for operation in self.operations)

    def references_model(self, name: str, app_label: str) -> bool:
        return any(operation.references_model(name, app_label) for operation in self.operations)


class CreateModels(ChangeModels):
    """Create several models, which may refer to each other.

    A hundred `CreateModel` alone take ten seconds.
    """

    category = OperationCategory.ADDITION
    reversible = True
    operations: Sequence[CreateModel]

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        for operation in reversed(self.operations):
            operation.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        return f"Create models {', '.join(operation.name for operation in self.operations)}"
