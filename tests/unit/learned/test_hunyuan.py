"""What HunyuanVideo's modules ask of a server, and how its transformer is put for an exporter."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from firstframe.core.errors import Unsupported
from firstframe.learned import hunyuan
from firstframe.packs import export_hunyuan
from firstframe.packs.export_hunyuan import CONDITION_TOKENS, READ_TOKENS, HunyuanText, _PlainWords
from support.remote_modules import remote
from support.tiny_pipelines import TINY


def step(**changed: Any) -> dict[str, Any]:
    return {
        "hidden_states": torch.zeros(2, 4, 2, 4, 4),
        "timestep": torch.tensor([900.0, 20.0]),
        "encoder_hidden_states": torch.zeros(2, CONDITION_TOKENS, 32),
        "encoder_attention_mask": torch.ones(2, CONDITION_TOKENS),
        "pooled_projections": torch.zeros(2, 32),
        "guidance": torch.tensor([6000.0]),
    } | changed


def test_each_sample_has_its_own_timestep_and_guidance() -> None:
    transformer, noted = remote("hunyuan-video", "transformer", {"sample_out": (2, 4, 2, 4, 4)})

    assert transformer(**step(), return_dict=False)[0].shape == (2, 4, 2, 4, 4)

    sent = noted.asked[0]
    assert sent["timestep"].tolist() == [900, 20]
    assert sent["guidance"].tolist() == [6000, 6000]
    assert (sent["encoder_attention_mask"].dtype, sent["encoder_attention_mask"].sum()) == (
        np.int64,
        2 * CONDITION_TOKENS,
    )
    with pytest.raises(Unsupported, match="attention_kwargs"):
        transformer(**step(attention_kwargs={"scale": 0.5}))


def test_the_state_that_the_pipeline_asks_for_is_the_one_that_is_served() -> None:
    encoder, noted = remote("hunyuan-video", "text_encoder", {"hidden_state": (1, READ_TOKENS, 32)})
    numbers = {
        name: torch.ones(1, READ_TOKENS, dtype=torch.long) for name in ("input_ids", "attention_mask", "position_ids")
    }

    states = encoder(**numbers, pixel_values=torch.zeros(1, 3, 336, 336), output_hidden_states=True).hidden_states

    assert states[-3].shape == (1, READ_TOKENS, 32)
    assert hunyuan.STATE == export_hunyuan.STATE == -3
    assert set(noted.asked[0]) == {*numbers, "pixel_values"}
    with pytest.raises(Unsupported, match="only -3 is"):
        states[-2]


def test_prompt_and_picture_are_read_as_the_library_reads_them() -> None:
    module = TINY["hunyuan-video"].made().text_encoder
    image, drawn = module.config.image_token_id, torch.Generator().manual_seed(1)
    ids = torch.randint(6, 40, (1, READ_TOKENS), generator=drawn)
    ids[:, 5:581] = image
    counted = torch.ones_like(ids)
    counted[:, 900:] = 0
    given = {
        "input_ids": ids,
        "attention_mask": counted,
        "position_ids": (counted.cumsum(-1) - 1),
        "pixel_values": torch.rand(1, 3, 336, 336, generator=drawn),
    }

    with torch.inference_mode():
        wanted = module(**given, output_hidden_states=True).hidden_states[-3]
        found = HunyuanText(module).run(given)

    assert wanted.std() > 1e-3
    torch.testing.assert_close(found[:, :900], wanted[:, :900], atol=1e-6, rtol=1e-4)


def test_the_graph_denoises_as_the_library_does() -> None:
    module = TINY["hunyuan-video"].made().transformer
    drawn = torch.Generator().manual_seed(4)
    states = torch.randn(2, CONDITION_TOKENS, 32, generator=drawn)
    counted = torch.ones(2, CONDITION_TOKENS)
    counted[0, 200:] = 0
    call = step(
        hidden_states=torch.randn(2, 4, 2, 4, 6, generator=drawn),
        encoder_hidden_states=states,
        encoder_attention_mask=counted,
        guidance=torch.tensor([6000.0, 3000.0]),
    )
    given = call | {"encoder_attention_mask": counted.long()}

    with torch.inference_mode():
        wanted = module(**call, return_dict=False)[0]
        found = export_hunyuan.HunyuanDenoiser(module).run(given)

    torch.testing.assert_close(found, wanted, atol=1e-5, rtol=1e-4)
    assert found.std() > 1e-3


@pytest.mark.parametrize(
    "index",
    [
        np.s_[:, :3],
        np.s_[:, 3:],
        np.s_[:, :-2],
        np.s_[:, -2:],
        np.s_[:, 1:-1, :],
        np.s_[:, :],
        np.s_[0],
        np.s_[:, None],
        np.s_[:1, :3],
        np.s_[..., :2],
    ],
    ids=str,
)
def test_cuts_are_what_slices_are(index: Any) -> None:
    value = torch.arange(48.0).reshape(2, 6, 4)
    wanted = value[index]
    with _PlainWords():
        found = value[index]
    assert torch.equal(found, wanted)


def test_truth_is_filled_with_false_without_filling() -> None:
    truth, covered = torch.tensor([True, True, False]), torch.tensor([False, True, True])
    with _PlainWords():
        assert truth.masked_fill(covered, False).tolist() == [True, False, False]
        assert torch.ones(3).masked_fill(covered, 0.0).tolist() == [1, 0, 0]
