"""Augmentation changes train batches in a set order, by its seed alone, and not at all where all is off."""

import hashlib
import subprocess
import sys
import tracemalloc
from typing import Any

import numpy as np
import pytest

from search_spaces.network.point import NetworkPoint
from workers.network.augmentation.augmentation import Augmentation, is_augmented
from workers.network.augmentation.feature_noise import FeatureNoise
from workers.network.augmentation.mixup import Mixup

EVERYTHING: dict[str, Any] = {
    "shift_fraction": 0.2,
    "rotation_degrees": 30.0,
    "zoom_fraction": 0.4,
    "crop_fraction": 0.3,
    "flip": "horizontal",
    "noise_deviation": 0.1,
    "mixup_alpha": 0.4,
}
IMAGES = {name: EVERYTHING[name] for name in list(EVERYTHING)[:5]}


def augmentation(
    kinds: dict[str, Any],
    *,
    image_shape: tuple[int, int, int] | None = (8, 8, 1),
    n_features: int = 64,
    largest_batch: int = 32,
    dtype: type[np.floating] = np.float32,
    seed: int = 7,
) -> Augmentation:
    return Augmentation(
        NetworkPoint(**kinds),
        image_shape=image_shape,
        n_features=n_features,
        largest_batch=largest_batch,
        seed=np.random.SeedSequence(seed),
        dtype=dtype,
    )


def batch(n_examples: int = 32, dtype: type[np.floating] = np.float32) -> tuple[np.ndarray, np.ndarray]:
    X = np.random.default_rng(1).normal(size=(n_examples, 64)).astype(dtype)
    return X, np.eye(10, dtype=dtype)[np.arange(n_examples) % 10]


def augmented(
    kinds: dict[str, Any], *, dtype: type[np.floating] = np.float32, seed: int = 7
) -> tuple[np.ndarray, np.ndarray]:
    X, targets = batch(dtype=dtype)
    augmentation(kinds, dtype=dtype, seed=seed).apply(X, targets)
    return X, targets


def digest() -> str:
    """Return a hash of three batches, the last one smaller."""
    tested, hashed = augmentation(EVERYTHING), hashlib.sha256()
    for n_examples in (32, 32, 5):
        X, targets = batch(n_examples)
        tested.apply(X, targets)
        hashed.update(X.tobytes() + targets.tobytes())
    return hashed.hexdigest()


@pytest.mark.parametrize("kind", EVERYTHING)
def test_any_kind_alone_is_an_augmentation_and_changes_a_batch(kind: str) -> None:
    kinds = {kind: EVERYTHING[kind]}
    assert is_augmented(NetworkPoint(**kinds))
    assert np.mean(augmented(kinds)[0] != batch()[0]) > 0.1


def test_defaults_are_no_augmentation_and_change_no_bit() -> None:
    assert not is_augmented(NetworkPoint())
    for new, old in zip(augmented({}), batch(), strict=True):
        np.testing.assert_array_equal(new.view(np.uint8), old.view(np.uint8))


@pytest.mark.parametrize("kind", [*IMAGES, "noise_deviation"])
def test_targets_change_by_mixup_alone(kind: str) -> None:
    np.testing.assert_array_equal(augmented({kind: EVERYTHING[kind]})[1], batch()[1])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_images_come_first_then_noise_then_mixup_each_by_a_stream_of_its_own(
    dtype: type[np.floating],
) -> None:
    """Each kind alone, applied one after the other, is all at once."""
    X, targets = batch(dtype=dtype)
    for kinds in (IMAGES, {"noise_deviation": 0.1}, {"mixup_alpha": 0.4}):
        augmentation(kinds, dtype=dtype).apply(X, targets)
    together = augmented(EVERYTHING, dtype=dtype)
    np.testing.assert_array_equal(X, together[0])
    np.testing.assert_array_equal(targets, together[1])
    assert together[0].dtype == dtype


def test_noise_and_mixup_draw_from_children_of_the_seed_each_from_its_own() -> None:
    """Two kinds that shared a stream's start would draw related numbers."""
    _, noise_seed, mixup_seed = np.random.SeedSequence(7).spawn(3)
    X, targets = batch()
    FeatureNoise(0.1, seed=noise_seed).apply(X)
    np.testing.assert_array_equal(X, augmented({"noise_deviation": 0.1})[0])
    X, targets = batch()
    Mixup(0.4, n_features=64, largest_batch=32, seed=mixup_seed).apply(X, targets)
    np.testing.assert_array_equal(X, augmented({"mixup_alpha": 0.4})[0])


def test_another_seed_changes_a_batch_otherwise() -> None:
    assert np.mean(augmented(EVERYTHING)[0] != augmented(EVERYTHING, seed=8)[0]) > 0.99


def test_the_same_seed_gives_the_same_bits_here_and_in_another_process() -> None:
    program = "from tests.workers.network.augmentation.test_augmentation import digest; print(digest())"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert [digest(), done.stdout.strip()] == [digest()] * 2


def test_no_two_batches_are_changed_alike() -> None:
    tested = augmentation(EVERYTHING)
    (one, _), (other, _) = batch(), batch()
    for X in (one, other):
        tested.apply(X, batch()[1])
    assert np.mean(one != other) > 0.99


def test_a_square_image_needs_no_shape() -> None:
    X, targets = batch()
    augmentation(IMAGES, image_shape=None).apply(X, targets)
    np.testing.assert_array_equal(X, augmented(IMAGES)[0])


def test_images_of_another_shape_than_the_features_are_refused() -> None:
    with pytest.raises(ValueError, match=r"got 8 \* 8 \* 3 for 64 features"):
        augmentation(IMAGES, image_shape=(8, 8, 3))
    with pytest.raises(ValueError, match="got 13 features"):
        augmentation({"flip": "horizontal"}, image_shape=None, n_features=13)


def test_tables_that_are_no_images_have_noise_and_mixup() -> None:
    X, targets = np.zeros((32, 13), np.float32), batch()[1]
    tables = {"noise_deviation": 0.1, "mixup_alpha": 0.4}
    augmentation(tables, image_shape=None, n_features=13).apply(X, targets)
    assert X.all()


def test_a_batch_larger_than_the_largest_is_refused_and_stays_as_it_is() -> None:
    X, targets = batch(33)
    with pytest.raises(ValueError, match="at most 32 examples here, got 33"):
        augmentation(EVERYTHING).apply(X, targets)
    np.testing.assert_array_equal(X, batch(33)[0])


def test_a_batch_of_a_larger_array_is_changed_and_its_neighbors_are_not() -> None:
    X = np.zeros((96, 64), np.float32)
    targets = np.zeros((96, 10), np.float32)
    augmentation(EVERYTHING).apply(X[32:64], targets[32:64])
    assert not X[:32].any()
    assert not X[64:].any()
    assert X[32:64].all()


def test_a_step_allocates_far_less_than_a_batch() -> None:
    """A few numbers an example, a row and a column; never a batch's features."""
    X = np.random.default_rng(1).normal(size=(256, 784)).astype(np.float32)
    targets = np.zeros((256, 10), np.float32)
    tested = augmentation(EVERYTHING, image_shape=(28, 28, 1), n_features=784, largest_batch=256)
    tested.apply(X, targets)
    tracemalloc.start()
    tested.apply(X, targets)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < X.nbytes / 4
