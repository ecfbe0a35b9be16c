from __future__ import annotations

from pathlib import Path

import pytest

from firstframe.core.errors import PreconditionFailed
from firstframe.packs.licences import check_acceptance, licence_record
from firstframe.packs.pickles import SUFFIXES, refuse_names, refuse_pickles
from firstframe.packs.spec import Pack
from support.pack_files import folder, make_pack

TERMS = {"spdx": "LicenseRef-Terms", "commercial": False, "url": "https://example.org/terms", "acceptance": True}


def _gated(tmp_path: Path) -> Pack:
    return make_pack({"main.onnx": b"w"}, folder(tmp_path), licence=TERMS)


@pytest.mark.parametrize("suffix", sorted(SUFFIXES))
def test_what_may_be_a_pickle_is_refused_with_the_reason(tmp_path: Path, suffix: str) -> None:
    pack = make_pack({f"weights{suffix.upper()}": b"w"}, folder(tmp_path))
    with pytest.raises(PreconditionFailed, match="can run any code when it is read") as caught:
        refuse_pickles(pack)
    assert caught.value.reason == "PICKLE_REFUSED"


@pytest.mark.parametrize("name", ["main.onnx", "main.safetensors", "main.tflite", "config.json", "bin", "ckpt.onnx"])
def test_formats_that_run_nothing_are_taken(name: str) -> None:
    refuse_names("tiny", [name])


def test_an_importer_that_reads_plain_arrays_may_have_them(tmp_path: Path) -> None:
    refuse_pickles(make_pack({"flownet.pkl": b"w"}, folder(tmp_path), importer={"name": "rife-torch"}))


def test_another_importer_may_not(tmp_path: Path) -> None:
    with pytest.raises(PreconditionFailed, match="rife-torch"):
        refuse_pickles(make_pack({"flownet.pkl": b"w"}, folder(tmp_path), importer={"name": "imgly-chunks"}))


def test_terms_that_were_not_accepted_are_told_with_what_to_type(tmp_path: Path) -> None:
    with pytest.raises(PreconditionFailed) as caught:
        check_acceptance(_gated(tmp_path), ["MIT"])
    assert caught.value.reason == "LICENCE_NOT_ACCEPTED"
    assert "https://example.org/terms" in caught.value.message
    assert "--accept-licence LicenseRef-Terms" in caught.value.message


def test_accepted_terms_are_recorded_with_the_time(tmp_path: Path) -> None:
    check_acceptance(_gated(tmp_path), ["LicenseRef-Terms"])
    assert licence_record(_gated(tmp_path))["accepted_at"].endswith("+00:00")


def test_free_licences_need_no_acceptance(tmp_path: Path) -> None:
    pack = make_pack({"main.onnx": b"w"}, folder(tmp_path))
    check_acceptance(pack, [])
    assert "accepted_at" not in licence_record(pack)
