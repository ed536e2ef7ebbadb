"""A module or a function that no longer fits on a screen is two."""

import ast

from tests.rules.tree import Function, sources

MODULE_LINES = 350
FUNCTION_LINES = 40
PARAMETERS = 5


def test_modules_fit_their_limit() -> None:
    lengths = {s.name: sum(1 for line in s.text.splitlines() if line.strip()) for s in sources()}
    assert lengths, "no Python file is tracked"
    too_long = {str(name): length for name, length in lengths.items() if length > MODULE_LINES}
    assert not too_long


def test_functions_fit_their_limits() -> None:
    faults = [
        f"{source.name}:{function.lineno} {function.name}: {fault}"
        for source in sources()
        if source.name.suffix != ".pyi"
        for function in source.functions()
        for fault in faults_of(function, source.text.splitlines())
    ]
    assert not faults, "\n".join(faults)


def faults_of(function: Function, lines: list[str]) -> list[str]:
    """What is too much about one function; docstring and blank lines cost nothing."""
    body = function.body[1:] if ast.get_docstring(function, clean=False) else function.body
    header = range(function.lineno, function.body[0].lineno)
    rest = range(body[0].lineno, (function.end_lineno or 0) + 1) if body else range(0)
    length = sum(1 for number in {*header, *rest} if lines[number - 1].strip())
    arguments = function.args
    names = [a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
    count = len([name for name in names if name not in ("self", "cls")])
    faults = []
    if length > FUNCTION_LINES:
        faults.append(f"{length} lines, at most {FUNCTION_LINES}")
    if count > PARAMETERS:
        faults.append(f"{count} parameters, at most {PARAMETERS}")
    return faults
