"""What each default of the network gains: one change at a time, on public tables, over several seeds.

    .venv/bin/python -m benchmarks.defaults [--seeds 5] [--json FILE] [--only NAME ...]

A variant is trained from the same splits and seeds as the reference, for at most 60 epochs with a patience
of 10; what is compared is the test set's error, balanced error where classes are unbalanced, or RMSE, with
the weights of the best dev epoch. A table's figure is the mean over the seeds of (variant - reference) / mean
reference: negative is better.
"""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path

from threadpoolctl import threadpool_limits

from benchmarks.changes import print_changes
from benchmarks.public_tables import PublicTable, available_tables, read_table
from search_spaces.network.point import NetworkPoint
from workers.messages import TrainingRules
from workers.trial.training import Training

MAX_EPOCHS, PATIENCE = 60, 10

TABLES = ("ames", "breast_cancer", "credit_data", "diabetes", "digits", "mnist_5000", "wa_churn", "wine")

VARIANTS: Mapping[str, Mapping[str, object]] = {
    "rate 3e-3": {"learning_rate": 3e-3},
    "cosine": {"learning_rate_schedule": "cosine"},
    "cosine, rate 3e-3": {"learning_rate_schedule": "cosine", "learning_rate": 3e-3},
    "warm-up 10 %": {"warmup_fraction": 0.1},
    "batch 32": {"batch_size": 32},
    "width 128": {"width": 128},
    "depth 1": {"depth": 1},
    "depth 3": {"depth": 3},
    "leaky ReLU": {"activation": "leaky_relu"},
    "tanh": {"activation": "tanh"},
    "GELU": {"activation": "gelu"},
    "init normal 0.01": {"init_scheme": "normal"},
    "init uniform": {"init_distribution": "uniform"},
    "batch normalization": {"batch_normalization": "on"},
    "feature scale": {"feature_scale": "on"},
    "label smoothing 0.1": {"label_smoothing": 0.1},
    "beta_2 0.95": {"beta_2": 0.95},
    "AdamW 0.01": {"optimizer": "adamw", "weight_decay": 0.01},
    "class balance 1": {"class_balance": 1.0},
    "L2 1": {"l2_lambda": 1.0},
    "L1 0.1": {"l1_lambda": 0.1},
    "keep 0.8": {"keep_prob": 0.8},
    "input keep 0.9": {"input_keep_prob": 0.9},
    "clip 1": {"clip_norm": 1.0},
    "max norm 3": {"max_norm": 3.0},
    "noise 0.2": {"noise_deviation": 0.2},
    "mixup 0.2": {"mixup_alpha": 0.2},
    "all of RealMLP's": {
        "feature_scale": "on",
        "label_smoothing": 0.1,
        "beta_2": 0.95,
        "learning_rate_schedule": "cosine",
    },
}


def figure(table: PublicTable, point: NetworkPoint, *, seed: int) -> float:
    """Train, and return the test set's figure by the metric that a study would choose by."""
    rules = TrainingRules(MAX_EPOCHS, PATIENCE, table.metric, table.metric)
    training = Training(table.data, point, seed=seed, rules=rules)
    while not training.should_stop:
        training.run_epoch()
    return table.test_figure(training.best_state["parameters"], point)


def main() -> None:
    """Train all, and print a table: gains in percent by public table, their mean and its standard error."""
    parser = argparse.ArgumentParser(description="What each default of the network gains.")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--only", nargs="*", default=list(VARIANTS))
    options = parser.parse_args()
    names = [name for name in TABLES if name in available_tables()]
    points = {"reference": NetworkPoint()}
    points |= {name: NetworkPoint.model_validate(VARIANTS[name]) for name in options.only}
    measured: dict[str, dict[str, list[float]]] = {
        variant: {name: [] for name in names} for variant in points
    }
    with threadpool_limits(1, "blas"):
        for seed in range(options.seeds):
            for name in names:
                table = read_table(name, seed=seed)
                for variant, point in points.items():
                    measured[variant][name].append(figure(table, point, seed=seed))
            print(f"seed {seed} done", file=sys.stderr)
    print_changes(measured, width=22)
    if options.json:
        options.json.write_text(json.dumps(measured, indent=1) + "\n")


if __name__ == "__main__":
    main()
