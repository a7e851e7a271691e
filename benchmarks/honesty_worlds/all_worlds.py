"""All worlds of the audit, by name."""

from collections.abc import Mapping

from benchmarks.honesty_worlds.class_laws import (
    few_valued,
    five_classes,
    flipped_labels,
    grouped_classes,
    numbers,
    rare_yes,
    rounded,
)
from benchmarks.honesty_worlds.copying import pasted_twice, some_twice
from benchmarks.honesty_worlds.number_laws import grouped_numbers, heavy_tails, uneven_noise
from benchmarks.honesty_worlds.world import World
from workers.metrics.metric import Metric

_SHARE_RARE = 0.03
"""Of 2,000 records these are 60 of the rare class, and 12 in a test set of a fifth."""

_PATIENTS = {"columns": {"patient": "group"}}
_WIDE_BATCHES = {"space": {"batch_size": 256}}
_BALANCED = {"space": {"class_balance": 1.0}}
"""As in the default space: without it, networks of a few epochs never name a rare class."""

_ALL = (
    World(
        name="few_valued",
        trap="Two columns of three values each: rows are equal because there are but 18 that differ.",
        metric=Metric.ERROR,
        law=few_valued,
        n_records=2000,
    ),
    World(
        name="numbers",
        trap="None: five numbers, two classes, a thousand rows that all differ.",
        metric=Metric.ERROR,
        law=numbers,
        n_records=1000,
    ),
    World(
        name="five_classes",
        trap="Five classes that overlap.",
        metric=Metric.ERROR,
        law=five_classes,
        n_records=1500,
    ),
    World(
        name="uneven_noise",
        trap="A regression whose noise is wider in some places: squared errors are far from normal.",
        metric=Metric.RMSE,
        law=uneven_noise,
        n_records=1000,
    ),
    World(
        name="heavy_tails",
        trap="A regression with Student's t noise of 5 degrees of freedom: few rows decide the RMSE.",
        metric=Metric.RMSE,
        law=heavy_tails(5),
        n_records=1000,
    ),
    World(
        name="wild_tails",
        trap="The same with 3 degrees of freedom, where the squared errors have no variance at all.",
        metric=Metric.RMSE,
        law=heavy_tails(3),
        n_records=1000,
    ),
    World(
        name="rare_balanced",
        trap="A rare class, 12 of it in the test set, which make a half of the balanced error.",
        metric=Metric.BALANCED_ERROR,
        law=rare_yes(_SHARE_RARE),
        fresh_law=rare_yes(0.5),  # the balanced error does not depend on the share, and is surer at a half
        n_records=2000,
        told=_BALANCED,
    ),
    World(
        name="rare_auc",
        trap="The same table judged by ROC AUC.",
        metric=Metric.ROC_AUC,
        law=rare_yes(_SHARE_RARE),
        fresh_law=rare_yes(0.5),  # nor does ROC AUC
        n_records=2000,
    ),
    World(
        name="rounded",
        trap="Two numbers rounded until rows meet: records of their own that look like copies.",
        metric=Metric.ERROR,
        law=rounded,
        n_records=2000,
    ),
    World(
        name="pasted_twice",
        trap="The file holds every record twice: its test set is half as large as it seems.",
        metric=Metric.ERROR,
        law=numbers,
        copying=pasted_twice,
        n_records=1000,
    ),
    World(
        name="copied_3",
        trap="3 % of the records are there twice.",
        metric=Metric.ERROR,
        law=numbers,
        copying=some_twice(0.03),
        n_records=1000,
    ),
    World(
        name="copied_30",
        trap="30 % of the records are there twice.",
        metric=Metric.ERROR,
        law=numbers,
        copying=some_twice(0.3),
        n_records=1000,
    ),
    World(
        name="groups",
        trap="Sixty patients with twenty rows each, who lean towards yes or no: rows of one err together.",
        metric=Metric.ERROR,
        law=grouped_classes(20),
        fresh_law=grouped_classes(1),  # one row each of new patients has the same risk, and is surer
        n_records=1200,
        told=_PATIENTS,
    ),
    World(
        name="grouped_numbers",
        trap="Sixty patients with twenty rows each, whose numbers are off together.",
        metric=Metric.RMSE,
        law=grouped_numbers(20),
        fresh_law=grouped_numbers(1),
        n_records=1200,
        told=_PATIENTS,
    ),
    World(
        name="flipped_labels",
        trap="15 % of the labels are flipped, and the study is told this Bayes error.",
        metric=Metric.ERROR,
        law=flipped_labels,
        n_records=1000,
        told={"bayes_error": 0.15},
    ),
    World(
        name="small",
        trap="100 rows: 20 in the test set.",
        metric=Metric.ERROR,
        law=numbers,
        n_records=100,
    ),
    World(
        name="large",
        trap="20,000 rows: the interval is narrow, and shows the least bias.",
        metric=Metric.ERROR,
        law=numbers,
        n_records=20_000,
        told=_WIDE_BATCHES,
    ),
)

WORLDS: Mapping[str, World] = {world.name: world for world in _ALL}
