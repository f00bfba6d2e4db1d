import numpy as np

from stgraph.anomaly import RULES
from stgraph.anomaly.findings import bit, found_by


def test_every_rule_has_a_bit_of_its_own_in_a_byte() -> None:
    bits = [int(bit(rule)) for rule in RULES]
    assert sorted(bits) == [2**k for k in range(len(RULES))]
    assert sum(bits) < 256


def test_findings_of_several_rules_are_kept_apart() -> None:
    findings = np.array([bit("stuck") | bit("clock"), bit("jump"), 0], dtype=np.uint8)
    assert found_by("stuck", findings).tolist() == [True, False, False]
    assert found_by("clock", findings).tolist() == [True, False, False]
    assert found_by("jump", findings).tolist() == [False, True, False]
    assert not found_by("impossible", findings).any()
