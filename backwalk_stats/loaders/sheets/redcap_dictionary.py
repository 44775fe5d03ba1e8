"""The data dictionary of a REDCap project: fields, their choices, the columns they export."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from backwalk_stats.errors import Faults
from backwalk_stats.loaders.sheets.delimited import TextTable, read_text_table

# As the dictionary that is downloaded names a column, and as the API names it.
NAMES = {
    "name": ("Variable / Field Name", "field_name"),
    "form": ("Form Name", "form_name"),
    "kind": ("Field Type", "field_type"),
    "choices": (
        "Choices, Calculations, OR Slider Labels",
        "select_choices_or_calculations",
    ),
    "validation": (
        "Text Validation Type OR Show Slider Number",
        "text_validation_type_or_show_slider_number",
    ),
    "low": ("Text Validation Min", "text_validation_min"),
    "high": ("Text Validation Max", "text_validation_max"),
    "identifier": ("Identifier?", "identifier"),
}
NEEDED = ("name", "form", "kind", "choices", "validation")
CODED = {"radio", "dropdown"}
YES_NO = {"yesno": {"1": "Yes", "0": "No"}, "truefalse": {"1": "True", "0": "False"}}
TICKED = {"1": "Checked", "0": "Unchecked"}
WITHOUT_COLUMN = {"descriptive"}
NOT_DATA = {"file", "signature"}
KINDS = CODED | YES_NO.keys() | WITHOUT_COLUMN | NOT_DATA
KINDS |= {"text", "notes", "calc", "checkbox", "slider", "sql"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """A field of the dictionary.

    Attributes
    ----------
    name, form : str
        Field and form, as columns of the export name them.
    kind : str
        REDCap's field type, such as "radio".
    choices : dict of str to str
        Code to label; empty where the field has none.
    validation : str
        Such as "integer" or "date_dmy"; "" where there is none.
    low, high : str
        Ends that data entry warns at; "" where there are none.
    identifier : bool
        Whether the project marks it as identifying a person.
    """

    name: str
    form: str
    kind: str
    choices: Mapping[str, str]
    validation: str
    low: str
    high: str
    identifier: bool

    @property
    def columns(self) -> dict[str, str]:
        """Return the columns of a raw export, each with the label of its box ("" for none)."""
        if self.kind == "checkbox":
            return {checkbox_column(self.name, code): label for code, label in self.choices.items()}
        return {} if self.kind in WITHOUT_COLUMN else {self.name: ""}


def checkbox_column(field: str, code: str) -> str:
    """Return the column of one box: three underscores, the code in lower case, "_" for a minus.

    Examples
    --------
    >>> checkbox_column("pain_site", "2"), checkbox_column("pain_site", "-9")
    ('pain_site___2', 'pain_site____9')
    """
    return f"{field}___{code.lower().replace('-', '_')}"


def parsed_choices(text: str) -> dict[str, str]:
    """Return code to label of choices such as "1, None | 2, Some, but mild".

    Examples
    --------
    >>> parsed_choices("1, None | 2, Some, but mild")
    {'1': 'None', '2': 'Some, but mild'}
    """
    pairs = [choice.partition(",") for choice in text.split("|") if choice.strip()]
    return {code.strip(): label.strip() for code, _, label in pairs}


def read_dictionary(path: Path | str, *, encoding: str = "utf-8") -> tuple[list[Field], TextTable]:
    """Return the fields of a data dictionary, and the table that they were read from.

    Raises
    ------
    InputError
        If columns of the dictionary are missing, or a field is of a type that REDCap does not have.
    """
    table = read_text_table(path, encoding=encoding)
    faults, frame = Faults(Path(path).name), table.frame
    column = {key: next((n for n in both if n in frame), "") for key, both in NAMES.items()}
    for key in NEEDED:
        if not column[key]:
            action = "Download the data dictionary of the project as CSV"
            faults.add(None, f"a column named '{NAMES[key][0]}'", "none", action, row=1)
    faults.stop()
    cells = {
        key: [text.strip() for text in frame[name]] if name else [""] * len(frame)
        for key, name in column.items()
    }
    for line, kind in zip(frame["line"], cells["kind"], strict=True):
        if kind not in KINDS:
            expected = f"a field type: {', '.join(sorted(KINDS))}"
            faults.add(column["kind"], expected, kind, row=int(line))
    faults.stop()
    return [_field({key: cells[key][row] for key in cells}) for row in range(len(frame))], table


def _field(cells: Mapping[str, str]) -> Field:
    kind = cells["kind"]
    coded = parsed_choices(cells["choices"]) if kind in CODED | {"checkbox"} else {}
    return Field(
        name=cells["name"],
        form=cells["form"],
        kind=kind,
        choices=YES_NO.get(kind, coded),
        validation=cells["validation"] if kind == "text" else "",
        low=cells["low"],
        high=cells["high"],
        identifier=cells["identifier"].lower() in {"y", "yes"},
    )
