"""What the commands about consents say of what is wrong: the option, not the field of the API."""

from __future__ import annotations

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from firstframe.api.campaigns.v1 import consents_pb2
from firstframe.cli.consents import OPTIONS, effects_of, end_of, in_options, others_of
from firstframe.core.errors import FirstframeError, InvalidInput, NotFound
from firstframe.orchestrator import consent_servicer
from firstframe.orchestrator.consent_servicer import _decoded  # what the API says is wrong


def agreed(name: str, person: str, *, valid: bool = True) -> consents_pb2.Consent:
    return consents_pb2.Consent(name=f"projects/default/consents/{name}", person=person, valid=valid)


@pytest.mark.parametrize(
    ("field", "option"),
    [
        ("consent.person", "--person"),
        ("consent.effects[1]", "--effect"),
        ("consent_id", "NAME"),
        ("revoked_by", "--by"),
    ],
)
def test_a_field_is_told_as_its_option(field: str, option: str) -> None:
    with pytest.raises(InvalidInput) as caught, in_options():
        raise InvalidInput.at(field, "is empty", "say who it is")
    assert caught.value.message == f"{option}: is empty; say who it is"
    assert caught.value.metadata["field"] == option


def test_other_errors_are_left_as_they_are() -> None:
    for error in (NotFound("there is none"), InvalidInput.at("page_size", "is negative")):
        with pytest.raises(FirstframeError) as caught, in_options():
            raise error
        assert caught.value is error


def test_every_field_that_the_api_complains_of_has_an_option() -> None:
    end = Timestamp(seconds=2_000_000_000)
    whole = consents_pb2.Consent(person="Anna", effects=[2], purpose="a film", expire_time=end, recorded_by="ada")
    for name, value in {"person": "", "purpose": "", "evidence_sha256": "x", "recorded_by": ""}.items():
        wrong = consents_pb2.Consent()
        wrong.CopyFrom(whole)
        setattr(wrong, name, value)
        with pytest.raises(InvalidInput) as caught:
            _decoded(wrong, 1_900_000_000)
        assert caught.value.metadata["field"] in OPTIONS
    assert consent_servicer.MAX_TERM.days > 3650


def test_a_person_who_agreed_before_is_found_however_the_name_is_written() -> None:
    known = [
        agreed("anna", "Anna Berg"),
        agreed("anna-2", "berg,  anna"),
        agreed("old", "Anna Berg", valid=False),
        agreed("ben", "Ben"),
    ]
    assert others_of(known[0], known) == ["anna-2"]
    assert others_of(known[3], known) == []


def test_an_end_that_is_past_and_an_effect_twice_are_told_here() -> None:
    with pytest.raises(InvalidInput, match="--until: 2020-01-01 is past; say until when they agreed"):
        end_of("2020-01-01")
    with pytest.raises(InvalidInput, match="--effect: hug is there twice"):
        effects_of(["hug", "hug"])
    with pytest.raises(InvalidInput, match="--effect: 'danse' needs no consent or is not known; did you mean `dance`"):
        effects_of(["danse"])
