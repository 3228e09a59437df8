"""Risks computed from a report's JSON twin alone, by its own words: nothing of the project is imported.

Run as ``python -I hand_computation.py REPORT.json < PATIENTS.json``; prints risks by outcome and horizon.
"""

from __future__ import annotations

import ast
import itertools
import json
import math
import struct
import sys

FUNCTIONS = {"log2": math.log2, "log10": math.log10, "exp": math.exp, "max": max}


def value(formula: str, patient: dict) -> float | None:
    """Compute a formula; None where a field that it names, and does not ask after, is missing."""
    tree = ast.parse(formula, mode="eval")
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    optional = {call.args[0].id for call in calls if call.func.id == "known"}
    fields = names - FUNCTIONS.keys() - {"known", "missing"}
    if any(patient.get(name) is None for name in fields - optional):
        return None
    words = {**FUNCTIONS, "known": lambda found: found is not None, "missing": None}
    found = eval(formula, {"__builtins__": {}, **words}, {**dict.fromkeys(optional), **patient})
    return None if found is None else float(found)


def completed(patient: dict, rules: dict) -> dict:
    """Derive fields that are missing."""
    derived = {
        field: value(formula, patient)
        for field, formula in rules["derived"].items()
        if patient.get(field) is None
    }
    return {**patient, **derived}


def high_burden(formula: str, patient: dict, rules: dict) -> float:
    """How far the patient counts as of high burden; the assumed share where burden is not known."""
    found = value(formula, patient)
    return rules["high_burden_share"] if found is None else found


def linear(terms: list[dict], patient: dict, high: float) -> float:
    """Sum coefficient x (value - centre), expected values for what is missing."""
    total = 0.0
    for term in terms:
        found = value(term["formula"], patient)
        if found is None:
            found = (1 - high) * term["expected_low_burden"] + high * term["expected_high_burden"]
        total += term["coefficient"] * (found - term["centre"])
    return total


def leaf(nodes: list[dict], columns: dict) -> float:
    """Follow a patient down one tree."""
    node = nodes[0]
    while node["leaf"] is None:
        found = columns[node["column"]]
        if found is None:
            node = nodes[node["missing"]]
        else:
            single = struct.unpack("f", struct.pack("f", found))[0]
            node = nodes[node["below" if single < node["threshold"] else "otherwise"]]
    return node["leaf"]


def risks(model: dict, patient: dict, rules: dict) -> dict:
    """Risk by horizon, among those who can have the outcome."""
    patient = completed(patient, rules)
    log_odds = linear(model["terms"], patient, high_burden(model["high_burden"], patient, rules))
    if model["trees"] is not None:
        listed = model["trees"]
        columns = {name: value(formula, patient) for name, formula in listed["columns"].items()}
        log_odds += sum(leaf(nodes, columns) for nodes in listed["trees"]) - listed["constant"]
    return {
        each["horizon_days"]: 1 / (1 + math.exp(-(each["log_odds"] + log_odds)))
        for each in model["intercepts"]
    }


def composed(name: str, models: dict, among: dict, done: dict) -> dict:
    """Risk by horizon among all infused: composed where only some can have the outcome."""
    model, parts = models[name], models[name]["composed_of"]
    if parts is None:
        return among[name]
    other = done[parts["given"]]
    can_have = {day: other[day] if parts["happened"] else 1 - other[day] for day in among[name]}
    added = {day: done[parts["plus"]][day] if parts["plus"] else 0.0 for day in among[name]}
    risk = {day: can_have[day] * among[name][day] + added[day] for day in among[name]}
    days = sorted(risk)
    later = [day for day in days if day >= model["headline_days"]]
    for before, day in itertools.pairwise(later):
        risk[day] = min(max(risk[day], risk[before]), can_have[day] + added[day])
    for before, day in reversed(list(itertools.pairwise(days))):
        risk[before] = min(risk[before], risk[day])
    return risk


def all_risks(models: dict, patient: dict, rules: dict) -> dict:
    """Risk by outcome and horizon; an outcome comes after those that it is composed of."""
    among = {name: risks(model, patient, rules) for name, model in models.items()}
    done: dict = {}
    for name in models:
        done[name] = composed(name, models, among, done)
    return done


def main() -> None:
    """Print the risks of all patients."""
    with open(sys.argv[1], encoding="utf-8") as file:  # noqa: PTH123 - as a stranger would write it
        report = json.load(file)
    found = [all_risks(report["models"], patient, report["calculation"]) for patient in json.load(sys.stdin)]
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
