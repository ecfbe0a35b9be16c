"""A library has whole files only, names what it has, and is left alone when nothing has changed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.cli.library import check_folder, export
from firstframe.cli.shelf import Shelf
from firstframe.core.errors import Conflict, InvalidInput, NotFound, PreconditionFailed

from .conftest import Blobs

FILES = {
    "contact-sheet.png",
    "index.html",
    "library.json",
    "manifests/first-light_bottle_16x9_youtube.json",
    "manifests/first-light_bottle_9x16_instagram-reels.json",
    "manifests/first-light_bottle_9x16_tiktok.json",
    "stills/bottle.1.16x9.png",
    "stills/bottle.1.9x16.png",
    "videos/first-light_bottle_16x9_youtube.mp4",
    "videos/first-light_bottle_9x16_instagram-reels.mp4",
    "videos/first-light_bottle_9x16_tiktok.mp4",
}


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_everything_of_a_campaign_is_there(campaign: campaigns_pb2.Campaign, blobs: Blobs, tmp_path: Path) -> None:
    made = export(campaign, blobs, tmp_path / "out")
    found = tree(tmp_path / "out")
    assert set(found) == FILES
    assert set(made.written) == FILES
    for lane in campaign.lanes:
        assert found[f"stills/{lane.lane}.png"] == blobs.data(lane.hero.image.digest)
        for item in lane.deliverables:
            assert found[f"videos/{item.file_name}"] == blobs.data(item.video.digest)
            assert found[f"manifests/{item.file_name[:-4]}.json"] == blobs.data(item.manifest.digest)


def test_the_index_tells_size_rate_and_length(campaign: campaigns_pb2.Campaign, blobs: Blobs, tmp_path: Path) -> None:
    export(campaign, blobs, tmp_path)
    index = json.loads((tmp_path / "library.json").read_text())
    video = index["videos"][0]
    assert (video["width"], video["height"], video["frames_per_second"], video["seconds"]) == (128, 72, 30.0, 0.4)
    assert (video["platform_title"], video["format"], video["lane"]) == ("YouTube", "16:9", "bottle.1.16x9")
    assert index["stale"] == []
    assert index["visibility"] == "private"


def test_again_writes_nothing(campaign: campaigns_pb2.Campaign, blobs: Blobs, tmp_path: Path) -> None:
    export(campaign, blobs, tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    blobs.fetched.clear()
    again = export(campaign, blobs, tmp_path)
    assert (again.written, blobs.fetched) == ((), [])
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()} == before


def test_a_file_that_was_changed_is_put_right(campaign: campaigns_pb2.Campaign, blobs: Blobs, tmp_path: Path) -> None:
    export(campaign, blobs, tmp_path)
    video = tmp_path / "videos" / campaign.lanes[0].deliverables[0].file_name
    video.write_bytes(video.read_bytes()[:-1])
    (tmp_path / "contact-sheet.png").write_bytes(b"")
    again = export(campaign, blobs, tmp_path)
    assert set(again.written) == {f"videos/{video.name}", "contact-sheet.png"}
    with Image.open(tmp_path / "contact-sheet.png") as sheet:
        sheet.load()


def test_files_that_are_no_longer_part_of_it_stay_and_are_named(
    campaign: campaigns_pb2.Campaign, blobs: Blobs, tmp_path: Path
) -> None:
    export(campaign, blobs, tmp_path)
    gone = campaign.lanes[1]
    del campaign.lanes[1]
    made = export(campaign, blobs, tmp_path)
    expected = sorted(
        [f"stills/{gone.lane}.png"]
        + [f"videos/{item.file_name}" for item in gone.deliverables]
        + [f"manifests/{item.file_name[:-4]}.json" for item in gone.deliverables]
    )
    assert list(made.stale) == expected
    assert all((tmp_path / path).is_file() for path in expected)
    (tmp_path / expected[0]).unlink()
    assert list(export(campaign, blobs, tmp_path).stale) == expected[1:]


def test_a_lane_that_failed_is_told_with_its_still(
    campaign: campaigns_pb2.Campaign, blobs: Blobs, tmp_path: Path
) -> None:
    lane = campaign.lanes[1]
    del lane.deliverables[:]
    lane.state = campaigns_pb2.LANE_STATE_FAILED
    lane.error.reason, lane.error.message = "ENGINE_GAVE_UP", "the engine gave up"
    export(campaign, blobs, tmp_path)
    told = json.loads((tmp_path / "library.json").read_text())["lanes"][1]
    assert (told["state"], told["reason"], told["still"]) == ("failed", "ENGINE_GAVE_UP", "stills/bottle.1.9x16.png")
    assert "the engine gave up" in (tmp_path / "index.html").read_text()


def test_an_artifact_that_is_not_there_leaves_no_file(
    campaign: campaigns_pb2.Campaign, blobs: Blobs, tmp_path: Path
) -> None:
    blobs.forget(campaign.lanes[0].deliverables[0].video.digest)
    with pytest.raises(NotFound):
        export(campaign, blobs, tmp_path)
    assert not (tmp_path / "library.json").exists()
    assert not (tmp_path / "videos" / campaign.lanes[0].deliverables[0].file_name).exists()


KILLED = """
import sys, time
from pathlib import Path
from firstframe.cli.shelf import Shelf

class Slow:
    def fetch(self, digest, target):
        with target.open("wb") as stream:
            stream.write(b"half")
            stream.flush()
            print("half", flush=True)
            time.sleep(60)

shelf = Shelf(Path(sys.argv[1]))
with shelf.locked():
    shelf.fetch(Slow(), "sha256:" + "0" * 64, "videos/a.mp4")
"""


def test_a_copy_that_is_killed_leaves_nothing_under_a_final_name(blobs: Blobs, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    command = [sys.executable, "-c", KILLED, str(tmp_path)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"half\n"
        with pytest.raises(Conflict, match="another run"), Shelf(tmp_path).locked():
            pass
        process.send_signal(signal.SIGKILL)
    assert [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()] == [b"half"]
    assert not (tmp_path / "videos" / "a.mp4").exists()
    shelf = Shelf(tmp_path)
    with shelf.locked():
        shelf.fetch(blobs, blobs.add(b"whole"), "videos/a.mp4")
    assert tree(tmp_path) == {"videos/a.mp4": b"whole"}


def test_a_file_in_the_way_is_told(campaign: campaigns_pb2.Campaign, blobs: Blobs, tmp_path: Path) -> None:
    (tmp_path / "videos").write_text("not a folder")
    with pytest.raises(PreconditionFailed, match="cannot be written") as caught:
        export(campaign, blobs, tmp_path)
    assert caught.value.reason == "LIBRARY_NOT_WRITABLE"
    assert not (tmp_path / "library.json").exists()
    assert not (tmp_path / ".partial").exists()


@pytest.mark.parametrize("name", ["../a.mp4", "/a.mp4", "videos/../../a.mp4", ".hidden", ""])
def test_a_name_that_leads_out_of_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    shelf = Shelf(tmp_path / "out")
    (tmp_path / "out").mkdir()
    with shelf.locked(), pytest.raises(InvalidInput):
        shelf.write(b"x", name)
    assert tree(tmp_path) == {}


def test_a_full_disk_is_told_with_the_name_of_the_folder(campaign: campaigns_pb2.Campaign, tmp_path: Path) -> None:
    class Full(Blobs):
        def fetch(self, digest: str, target: Path) -> None:
            raise PreconditionFailed(f"the folder {target.parent} is full, 0 MiB are free", reason="TARGET_FULL")

    with pytest.raises(PreconditionFailed) as caught:
        export(campaign, Full(), tmp_path)
    assert caught.value.message == f"the folder {tmp_path} is full, 0 MiB are free"
    assert caught.value.reason == "TARGET_FULL"


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidInput, match="cannot be written") as caught:
        check_folder(tmp_path / "file" / "out", "a")
    assert caught.value.metadata["field"] == "--out"


def test_the_library_of_another_campaign_is_not_written_over(
    campaign: campaigns_pb2.Campaign, blobs: Blobs, tmp_path: Path
) -> None:
    export(campaign, blobs, tmp_path)
    check_folder(tmp_path, "first-light")
    with pytest.raises(InvalidInput, match="library of campaign first-light"):
        check_folder(tmp_path, "second-light")


def test_a_page_of_somebody_else_is_not_written_over(
    campaign: campaigns_pb2.Campaign, blobs: Blobs, tmp_path: Path
) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (site / "index.html").write_text("<title>my site</title>")
    with pytest.raises(InvalidInput, match=r"index\.html that is not a gallery of firstframe"):
        export(campaign, blobs, site)
    assert tree(site) == {"index.html": b"<title>my site</title>"}


def test_a_library_whose_index_was_never_written_is_completed(
    campaign: campaigns_pb2.Campaign, blobs: Blobs, tmp_path: Path
) -> None:
    export(campaign, blobs, tmp_path)
    (tmp_path / "library.json").unlink()
    assert export(campaign, blobs, tmp_path).written[-1:] == ("library.json",)
