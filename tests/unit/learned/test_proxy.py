from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import pytest
import torch
import transformers

from firstframe.core.errors import PreconditionFailed, Unsupported
from firstframe.core.models import Runtime, ServedModel
from firstframe.learned.families import FAMILIES, forms_of
from firstframe.learned.graphs import RemoteGraph
from firstframe.learned.proxy import RemoteModule, skeleton_of
from firstframe.packs.installed import InstalledPack
from support.remote_modules import Noted, remote
from support.tiny_packs import tiny_pack
from support.tiny_pipelines import TINY


@pytest.mark.parametrize("name", FAMILIES)
def test_every_family_names_a_class_and_methods_of_it(name: str) -> None:
    kind = getattr(diffusers, name, None) or getattr(transformers, name)
    assert all(callable(getattr(kind, method)) for method in forms_of(name))


def test_an_unknown_class_is_refused() -> None:
    with pytest.raises(Unsupported, match="families"):
        forms_of("Perceptron")


def test_it_has_the_signature_of_the_class_it_stands_for() -> None:
    unet, _ = remote("sd", "unet", {"sample_out": (2, 4, 16, 16)})

    wanted = list(inspect.signature(diffusers.UNet2DConditionModel.forward).parameters)[1:]
    assert list(inspect.signature(unet.forward).parameters) == wanted
    assert unet(torch.zeros(2, 4, 16, 16), 5, torch.zeros(2, 77, 32)).sample.shape == (2, 4, 16, 16)
    assert isinstance(unet(torch.zeros(2, 4, 16, 16), 5, torch.zeros(2, 77, 32), return_dict=False), tuple)


@pytest.mark.parametrize("timestep", [7, 7.0, torch.tensor(7), torch.tensor([7]), torch.tensor([7, 7])])
def test_each_sample_has_its_own_timestep(timestep: Any) -> None:
    unet, noted = remote("sd", "unet", {"sample_out": (2, 4, 16, 16)})

    unet(torch.zeros(2, 4, 16, 16), timestep, torch.zeros(2, 77, 32))

    np.testing.assert_array_equal(noted.asked[0]["timestep"], np.array([7, 7], np.float32), strict=True)


@pytest.mark.parametrize(
    "lost",
    [
        {"cross_attention_kwargs": {"scale": 0.5}},
        {"class_labels": torch.zeros(2)},
        {"attention_mask": torch.ones(2, 77)},
        {"down_block_additional_residuals": (torch.zeros(1),)},
        {"added_cond_kwargs": {"image_embeds": torch.zeros(2, 4)}},
        {"timestep_cond": torch.zeros(2, 4)},
    ],
)
def test_no_argument_gets_lost(lost: dict[str, Any]) -> None:
    unet, noted = remote("sd", "unet", {"sample_out": (2, 4, 16, 16)})

    with pytest.raises(Unsupported):
        unet(torch.zeros(2, 4, 16, 16), 5, torch.zeros(2, 77, 32), **lost)

    assert not noted.asked


def test_as_many_timesteps_as_there_are_samples_or_one() -> None:
    unet, _ = remote("sd", "unet", {"sample_out": (2, 4, 16, 16)})

    with pytest.raises(Unsupported, match="3 values for 2 samples"):
        unet(torch.zeros(2, 4, 16, 16), torch.zeros(3), torch.zeros(2, 77, 32))


def test_structure_and_configuration_are_there_and_weights_are_not() -> None:
    unet, _ = remote("svd", "unet", {"sample_out": (1, 2, 4, 16, 16)})

    assert unet.add_embedding.linear_1.in_features == 24
    assert unet.config.num_frames == 25
    assert (unet.dtype, unet.device) == (torch.float32, torch.device("cpu"))
    assert next(unet.parameters()).dtype == torch.float32
    assert sum(parameter.numel() for parameter in unet.parameters()) == 0
    with unet.cache_context("cond"):
        pass


def test_what_would_change_nothing_on_a_server_is_not_there() -> None:
    vae, _ = remote("sd", "vae", {"pixels": (1, 3, 32, 32)})

    assert not hasattr(vae, "enable_tiling")
    with pytest.raises(AttributeError, match="runs on a server"):
        vae.enable_tiling()


def test_the_few_weights_that_pipelines_read_come_along() -> None:
    pipeline = TINY["ltx"].made()
    skeleton = skeleton_of(type(pipeline.vae), dict(pipeline.vae.config))

    with pytest.raises(AttributeError, match="on the server"):
        RemoteModule(skeleton, {}).latents_mean  # noqa: B018
    told = RemoteModule(skeleton, {}, {"latents_mean": torch.full((8,), 0.5)})
    assert told.latents_mean.tolist() == [0.5] * 8
    assert told.spatial_compression_ratio == pipeline.vae.spatial_compression_ratio


def test_a_method_that_the_class_has_not_is_refused() -> None:
    pipeline = TINY["sd"].made()
    model = ServedModel("m", Path("m.onnx"), "0" * 64, Runtime.ONNX, (), ())

    with pytest.raises(PreconditionFailed, match="no method encode"):
        RemoteModule(
            skeleton_of(type(pipeline.unet), dict(pipeline.unet.config)), {"encode": RemoteGraph(model, Noted({}))}
        )


def test_an_autoencoder_that_is_called_whole_says_so() -> None:
    vae, _ = remote("svd", "vae", {"pixels": (1, 2, 3, 32, 32)})

    assert "num_frames" in inspect.signature(vae.forward).parameters
    with pytest.raises(Unsupported, match="forward is not served"):
        vae(torch.zeros(1, 3, 32, 32))


def test_frames_of_a_clip_get_an_axis_and_lose_it_again() -> None:
    vae, noted = remote("svd", "vae", {"pixels": (2, 3, 3, 32, 32)})

    out = vae.decode(torch.arange(6.0).reshape(6, 1, 1, 1).expand(6, 4, 16, 16), num_frames=3)

    assert noted.asked[0]["latents"].shape == (2, 3, 4, 16, 16)
    np.testing.assert_array_equal(noted.asked[0]["latents"][:, :, 0, 0, 0], [[0, 1, 2], [3, 4, 5]])
    assert out.sample.shape == (6, 3, 32, 32)
    with pytest.raises(Unsupported, match="multiple of 4"):
        vae.decode(torch.zeros(6, 4, 16, 16), num_frames=4)


def test_drawing_latents_stays_here() -> None:
    vae, _ = remote("sd", "vae.encode", {"moments": (1, 8, 16, 16)})

    drawn = vae.encode(torch.zeros(1, 3, 32, 32)).latent_dist.sample(torch.Generator().manual_seed(1))

    torch.testing.assert_close(drawn, torch.randn(1, 4, 16, 16, generator=torch.Generator().manual_seed(1)))


def flux_ids(rows: int, columns: int) -> torch.Tensor:
    grid = torch.cartesian_prod(torch.arange(rows), torch.arange(columns)).float()
    return torch.cat([torch.zeros(rows * columns, 1), grid], 1)


def flux_call(**changed: Any) -> dict[str, Any]:
    return {
        "hidden_states": torch.zeros(2, 12, 16),
        "encoder_hidden_states": torch.zeros(2, 16, 32),
        "pooled_projections": torch.zeros(2, 32),
        "timestep": torch.tensor([0.5, 0.25]),
        "guidance": torch.tensor([3.5]),
        "img_ids": flux_ids(3, 4),
        "txt_ids": torch.zeros(16, 3),
        **changed,
    }


def test_requests_of_other_formats_have_other_shapes() -> None:
    transformer, noted = remote("flux", "transformer", {"sample_out": (2, 12, 16)})

    transformer(**flux_call())
    transformer(**flux_call(img_ids=flux_ids(4, 3)))

    assert [asked["grid"].shape for asked in noted.asked] == [(2, 3, 4, 3), (2, 4, 3, 3)]
    np.testing.assert_array_equal(noted.asked[0]["grid"][1].reshape(12, 3), flux_ids(3, 4))
    np.testing.assert_array_equal(noted.asked[0]["guidance"], np.array([3.5, 3.5], np.float32), strict=True)


@pytest.mark.parametrize(
    "changed",
    [
        {"img_ids": torch.cat([flux_ids(3, 2), flux_ids(3, 2)])},
        {"img_ids": flux_ids(3, 4) + torch.tensor([1.0, 0, 0])},
        {"txt_ids": torch.ones(16, 3)},
        {"controlnet_block_samples": [torch.zeros(1)]},
    ],
)
def test_positions_that_cannot_be_told_are_refused(changed: dict[str, Any]) -> None:
    transformer, noted = remote("flux", "transformer", {"sample_out": (2, 12, 16)})

    with pytest.raises(Unsupported):
        transformer(**flux_call(**changed))

    assert not noted.asked


def test_places_and_times_of_a_clip_come_with_each_sample() -> None:
    transformer, noted = remote("ltx", "transformer", {"sample_out": (2, 12, 8)})
    call = {
        "hidden_states": torch.zeros(2, 12, 8),
        "encoder_hidden_states": torch.zeros(2, 16, 32),
        "timestep": torch.tensor([500.0, 250.0]),
        "encoder_attention_mask": torch.ones(2, 16, dtype=torch.int64),
        "num_frames": 2,
        "height": 3,
        "width": 2,
    }

    transformer(**call, rope_interpolation_scale=(8 / 24, 32, 32))

    asked = noted.asked[0]
    np.testing.assert_array_equal(asked["timestep"], np.repeat(np.array([[500], [250]], np.float32), 12, 1))
    np.testing.assert_allclose(asked["video_coords"][1, :, -1], [8 / 24, 64, 32])
    with pytest.raises(Unsupported, match="rope_interpolation_scale"):
        transformer(**call)


def test_hidden_states_that_were_not_sent_are_not_made_up() -> None:
    encoder, noted = remote(
        "sd", "text_encoder", {"last_hidden_state": (1, 77, 32), "pooler_output": (1, 32), "penultimate": (1, 77, 32)}
    )

    out = encoder(torch.zeros(1, 77, dtype=torch.int64), output_hidden_states=True)

    assert out.hidden_states[-2].shape == out[0].shape == (1, 77, 32)
    assert noted.asked[0]["attention_mask"].all()
    with pytest.raises(Unsupported, match="clip_skip"):
        out.hidden_states[-3]
    with pytest.raises(Unsupported, match="position_ids"):
        encoder(torch.zeros(1, 77, dtype=torch.int64), position_ids=torch.zeros(1, 77))


def test_a_pack_whose_graphs_were_not_exported_names_the_command() -> None:
    from firstframe.learned.pipelines import InstalledPipeline

    with pytest.raises(PreconditionFailed, match="firstframe models export tiny-sd") as caught:
        InstalledPipeline(InstalledPack(tiny_pack(TINY["sd"]), Path(), {}), Noted({}))

    assert caught.value.reason == "MODEL_NOT_EXPORTED"
