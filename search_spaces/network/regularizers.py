"""Which hyperparameters hold a network back from fitting its train set, and at which value they do not."""

from collections.abc import Mapping

DROPOUT = ("keep_prob", "input_keep_prob")
"""Those of dropout."""

IMAGE_CHANGES = ("shift_fraction", "rotation_degrees", "zoom_fraction", "crop_fraction")
"""Those that change images in the train set."""

AUGMENTATION = ("noise_deviation", "mixup_alpha", *IMAGE_CHANGES)
"""Those that change examples of the train set."""

NO_STRENGTH: Mapping[str, float] = {
    **dict.fromkeys(("l1_lambda", "l2_lambda", "weight_decay", "label_smoothing", *AUGMENTATION), 0.0),
    **dict.fromkeys(DROPOUT, 1.0),
}
"""By name, the value that does nothing: at one end of what is allowed; the farther from it, the stronger."""
