"""A case trained by PyTorch's modules, losses and optimizers.

Where the two differ by definition, PyTorch is brought to say the same: L2 and L1 are explicit penalties,
AdamW decays the weights alone, by the learning rate without factors, the running statistics' momentum is
max(0.1, 1 / t) in step t, class weights multiply each example's loss without dividing by their sum, and their
logarithms are added to its outputs, labels are smoothed by the classes' weighted shares, Huber's loss is
doubled, and the 1e-6 that clipping adds to the norm is taken off before.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from search_spaces.network.point import Activation, L1Step, LayerRates, LossName, Optimizer, Schedule
from tests.workers.agreement_cases import N_STEPS, N_TRAIN, Case, examples_of, start_of
from tests.workers.training_trace import SAMPLED, Trace
from workers.network.architecture import Parameters
from workers.train_dev_data import Task

Tensor: TypeAlias = Any
Module: TypeAlias = Any
"""PyTorch's types are there only where it is installed."""


class PyTorchRun:
    """A case's network in PyTorch's modules, and what trains it."""

    def __init__(self, case: Case, dtype: type[np.floating]) -> None:
        torch = self._torch = import_module("torch")  # no dependency: needed only where this runs
        torch.set_num_threads(1)
        self._case, self._point, self._dtype = case, case.hyperparameters, dtype
        start = Parameters(start_of(case).astype(dtype), case.architecture)
        self._linears, self._normalizations, modules = [], [], []
        self._shares: list[Tensor] = []
        n_layers = len(start.weights)
        for index, (W, b) in enumerate(zip(start.weights, start.biases, strict=True)):
            is_normalized = index < len(start.gains)
            linear = torch.nn.Linear(*W.shape, bias=not is_normalized)
            linear.weight = self._parameter(W.T)
            modules.append(linear)
            if is_normalized:
                normalization = torch.nn.BatchNorm1d(len(b))
                normalization.weight, normalization.bias = (
                    self._parameter(start.gains[index]),
                    self._parameter(b),
                )
                self._normalizations.append(normalization)
                modules.append(normalization)
            else:
                linear.bias = self._parameter(b)
            self._linears.append(linear)
            if index < n_layers - 1:
                modules.append(self._hidden_activation(start, index))
        self._model = torch.nn.Sequential(*modules).to(self._tensor(start.flat).dtype)
        self._scale = None if start.feature_scale is None else self._parameter(start.feature_scale)
        self._embedding = []
        if start.embedding is not None:
            of_embedding = (start.embedding.waves, start.embedding.weights, start.embedding.biases)
            self._embedding = [self._parameter(part) for part in of_embedding]
        self._optimizer = self._make_optimizer()
        self._schedule = None
        if self._point.learning_rate_schedule is Schedule.COSINE:
            self._schedule = torch.optim.lr_scheduler.CosineAnnealingLR(self._optimizer, N_STEPS)
        if self._point.learning_rate_schedule is Schedule.LOG_COSINE:
            self._schedule = torch.optim.lr_scheduler.LambdaLR(
                self._optimizer, lambda step: np.sin(np.pi * np.log2(1 + 15 * step / N_STEPS)) ** 2
            )

    def trace(self) -> Trace:
        """Train as the case says."""
        examples = examples_of(self._case)
        X, X_dev = self._tensor(examples.X), self._tensor(examples.X_dev)
        y = self._torch.tensor(examples.y)
        if self._case.task is Task.REGRESSION:
            y = self._tensor(examples.y)
        losses: list[float] = []
        predictions: NDArray[np.floating] = np.empty(0)
        gradient = predictions
        for step, batch in enumerate(self._case.batches):
            Z = self._forward(X[batch])
            loss = self._loss(Z, y[batch])
            losses.append(loss.item())
            self._optimizer.zero_grad()
            (loss + self._penalty()).backward()
            self._clip()
            if step == 0:
                predictions, gradient = (
                    self._predictions(self._weighted(Z)),
                    self._gathered(lambda tensor: tensor.grad),
                )
            self._move()
        self._model.eval()
        return Trace(
            predictions[::SAMPLED],
            gradient[: self._case.architecture.n_trainable][::SAMPLED],
            np.array(losses[::10]),
            self._gathered(lambda tensor: tensor)[::SAMPLED],
            self._predictions(self._forward(X_dev)),
        )

    def _tensor(self, array: NDArray[Any]) -> Tensor:
        return self._torch.tensor(np.ascontiguousarray(array, self._dtype))

    def _parameter(self, array: NDArray[Any]) -> Tensor:
        return self._torch.nn.Parameter(self._tensor(array))

    def _hidden_activation(self, start: Parameters, index: int) -> Module:
        activation = self._activation()
        if not start.activation_shares:
            return activation
        share = self._parameter(start.activation_shares[index])
        self._shares.append(share)

        class Mix(self._torch.nn.Module):  # type: ignore[misc, name-defined]
            def forward(self, Z: Tensor) -> Tensor:
                return (1 - share) * Z + share * activation(Z)

        return Mix()

    def _activation(self) -> Module:  # noqa: PLR0911 (a module each)
        nn = self._torch.nn
        match self._point.activation:
            case Activation.RELU:
                return nn.ReLU()
            case Activation.LEAKY_RELU:
                return nn.LeakyReLU(self._point.leaky_slope)
            case Activation.TANH:
                return nn.Tanh()
            case Activation.SIGMOID:
                return nn.Sigmoid()
            case Activation.GELU:
                return nn.GELU()
            case Activation.SELU:
                return nn.SELU()
            case Activation.MISH:
                return nn.Mish()

    def _make_optimizer(self) -> Module:
        optim, point = self._torch.optim, self._point
        rate, betas = point.learning_rate, (point.beta_1, point.beta_2)
        weights, others = self._weight_groups(), self._other_groups()
        everything = [*weights, *others]
        match point.optimizer:
            case Optimizer.SGD:
                return optim.SGD(everything, rate)
            case Optimizer.MOMENTUM:
                return optim.SGD(everything, rate, momentum=point.momentum)
            case Optimizer.NESTEROV:
                return optim.SGD(everything, rate, momentum=point.momentum, nesterov=True)
            case Optimizer.RMSPROP:
                return optim.RMSprop(everything, rate, alpha=point.squares_decay)
            case Optimizer.ADAM:
                return optim.Adam(everything, rate, betas=betas)
            case Optimizer.ADAMW:
                for group in weights:
                    group["weight_decay"] = point.weight_decay * rate / group["lr"]
                return optim.AdamW(everything, rate, betas=betas, weight_decay=0.0)

    def _weight_groups(self) -> list[dict[str, Any]]:
        point, rate = self._point, self._point.learning_rate
        power = 1.0 if point.optimizer in (Optimizer.SGD, Optimizer.MOMENTUM, Optimizer.NESTEROV) else 0.5
        is_equal = point.layer_rates is LayerRates.EQUAL
        layers = [
            {"params": [linear.weight], "lr": rate if is_equal else rate / linear.in_features**power}
            for linear in self._linears
        ]
        if self._embedding:  # which decays as weights do
            layers.append({"params": self._embedding, "lr": rate * point.embedding_rate})
        return layers

    def _other_groups(self) -> list[dict[str, Any]]:
        point = self._point
        biases = [linear.bias for linear in self._linears if linear.bias is not None]
        biases += [module.bias for module in self._normalizations]
        gains = [module.weight for module in self._normalizations]
        scales = [] if self._scale is None else [self._scale]
        groups = (
            (biases, point.bias_rate),
            (gains, 1.0),
            (scales, point.feature_scale_rate),
            (self._shares, point.activation_mix_rate),
        )
        return [{"params": params, "lr": point.learning_rate * factor} for params, factor in groups if params]

    def _forward(self, X: Tensor) -> Tensor:
        for normalization in self._normalizations:
            normalization.momentum = max(0.1, 1 / (int(normalization.num_batches_tracked) + 1))
        if self._embedding:
            waves, weights, biases = self._embedding
            cosines = self._torch.cos(2 * np.pi * X[:, :, None] * waves[..., 0] + waves[..., 1])
            embeddings = self._torch.einsum("bik,idk->bid", cosines, weights) + biases
            X = self._torch.cat([X, embeddings.flatten(1)], dim=1)
        return self._model(X if self._scale is None else X * self._scale)

    def _loss(self, Z: Tensor, y: Tensor) -> Tensor:
        nn, point = self._torch.nn, self._point
        if self._case.task is Task.REGRESSION:
            if point.loss is LossName.HUBER:
                return 2 * nn.HuberLoss(delta=point.huber_delta)(Z, y)
            return nn.MSELoss()(Z, y)
        smoothing, weights = point.label_smoothing, self._class_weights
        shares = self._tensor(weights * np.bincount(examples_of(self._case).y) / N_TRAIN)
        if point.loss is LossName.BINARY:
            targets = y.to(Z.dtype) * (1 - smoothing) + smoothing * shares[1]
            losses = nn.BCEWithLogitsLoss(reduction="none")(self._weighted(Z)[:, 0], targets)
        else:
            targets = nn.functional.one_hot(y, len(shares)).to(Z.dtype) * (1 - smoothing) + smoothing * shares
            losses = nn.CrossEntropyLoss(reduction="none")(self._weighted(Z), targets)
        return (losses * self._tensor(weights)[y]).mean()

    @property
    def _class_weights(self) -> NDArray[np.float64]:
        counts = np.bincount(examples_of(self._case).y)
        weights = counts**-self._point.class_balance
        return np.asarray(weights * (N_TRAIN / np.dot(weights, counts)))

    def _weighted(self, Z: Tensor) -> Tensor:
        """Return outputs with the odds that class weights give them."""
        if self._case.task is Task.REGRESSION:
            return Z
        log_weights = np.log(self._class_weights)
        return Z + self._tensor(np.diff(log_weights) if Z.shape[1] == 1 else log_weights)

    def _penalty(self) -> Tensor:
        point = self._point
        penalty = self._tensor(np.zeros(()))
        for linear in self._linears:
            penalty = penalty + point.l2_lambda / (2 * N_TRAIN) * linear.weight.square().sum()
            if point.l1_step is L1Step.SUBGRADIENT:
                penalty = penalty + point.l1_lambda / N_TRAIN * linear.weight.abs().sum()
        return penalty

    def _clip(self) -> None:
        if self._point.clip_norm is None:
            return
        utils = self._torch.nn.utils
        trained = [tensor for group in self._optimizer.param_groups for tensor in group["params"]]
        norm = utils.get_total_norm([tensor.grad for tensor in trained])
        utils.clip_grads_with_norm_(trained, self._point.clip_norm, norm - 1e-6)

    def _move(self) -> None:
        rate = self._optimizer.param_groups[0]["lr"]
        self._optimizer.step()
        if self._point.l1_lambda and self._point.l1_step is L1Step.PROXIMAL:
            shrink = self._torch.nn.functional.softshrink
            with self._torch.no_grad():
                for linear in self._linears:
                    linear.weight.copy_(shrink(linear.weight, rate * self._point.l1_lambda / N_TRAIN))
        if self._schedule is not None:
            self._schedule.step()

    def _predictions(self, Z: Tensor) -> NDArray[np.floating]:
        if self._case.task is Task.CLASSIFICATION:
            if self._point.loss is LossName.BINARY:
                Z = self._torch.cat([self._torch.zeros_like(Z), Z], dim=1)
            Z = self._torch.softmax(Z, dim=1)
        predictions: NDArray[np.floating] = Z.detach().numpy().ravel()
        return predictions

    def _gathered(self, part: Callable[[Tensor], Tensor]) -> NDArray[np.floating]:
        """Return parts of all parameters in the order of Proctor's flat array (n_parameters,)."""
        flat = np.zeros(self._case.architecture.n_parameters, self._dtype)
        views = Parameters(flat, self._case.architecture)
        for index, linear in enumerate(self._linears):
            views.weights[index][...] = part(linear.weight).detach().numpy().T
            shift = linear.bias if linear.bias is not None else self._normalizations[index].bias
            views.biases[index][...] = part(shift).detach().numpy()
        for index, share in enumerate(self._shares):
            views.activation_shares[index][...] = part(share).detach().numpy()
        for index, normalization in enumerate(self._normalizations):
            views.gains[index][...] = part(normalization.weight).detach().numpy()
            views.running_means[index][...] = normalization.running_mean.numpy()
            views.running_variances[index][...] = normalization.running_var.numpy()
        if views.embedding is not None:
            of_embedding = (views.embedding.waves, views.embedding.weights, views.embedding.biases)
            for view, tensor in zip(of_embedding, self._embedding, strict=True):
                view[...] = part(tensor).detach().numpy()
        if views.feature_scale is not None:
            views.feature_scale[...] = part(self._scale).detach().numpy()
        return flat
