"""An agent that learns by deep Q-learning: the loss is a masked Lambda, the target model follows softly."""

from __future__ import division

import random
from collections import deque

import numpy as np

from keras import backend as K
from keras import optimizers
from keras.layers import Activation, Dense, Flatten, Input, Lambda
from keras.models import Model, Sequential, model_from_config
from keras.optimizers import Adam


def clone_model(model, custom_objects={}):
    config = {"class_name": model.__class__.__name__, "config": model.get_config()}
    clone = model_from_config(config, custom_objects=custom_objects)
    clone.set_weights(model.get_weights())
    return clone


def huber_loss(y_true, y_pred, clip_value):
    assert clip_value > 0.0
    x = y_true - y_pred
    if np.isinf(clip_value):
        return 0.5 * K.square(x)
    condition = K.abs(x) < clip_value
    squared_loss = 0.5 * K.square(x)
    linear_loss = clip_value * (K.abs(x) - 0.5 * clip_value)
    if K.backend() == "tensorflow":
        import tensorflow as tf

        if hasattr(tf, "select"):
            return tf.select(condition, squared_loss, linear_loss)
        return tf.where(condition, squared_loss, linear_loss)
    if K.backend() == "theano":
        from theano import tensor as T

        return T.switch(condition, squared_loss, linear_loss)
    raise RuntimeError('Unknown backend "{}".'.format(K.backend()))


def mean_q(y_true, y_pred):
    return K.mean(K.max(y_pred, axis=-1))


class AdditionalUpdatesOptimizer(optimizers.Optimizer):
    def __init__(self, optimizer, additional_updates):
        super(AdditionalUpdatesOptimizer, self).__init__()
        self.optimizer = optimizer
        self.additional_updates = additional_updates

    def get_updates(self, params, constraints, loss):
        updates = self.optimizer.get_updates(params, constraints, loss)
        updates += self.additional_updates
        self.updates = updates
        return self.updates

    def get_config(self):
        return self.optimizer.get_config()


def get_soft_target_model_updates(target, source, tau):
    target_weights = target.trainable_weights + sum([l.non_trainable_weights for l in target.layers], [])
    source_weights = source.trainable_weights + sum([l.non_trainable_weights for l in source.layers], [])
    assert len(target_weights) == len(source_weights)
    return [(tw, tau * sw + (1.0 - tau) * tw) for tw, sw in zip(target_weights, source_weights)]


class DQNAgent(object):
    def __init__(
        self, model, nb_actions, gamma=0.9, batch_size=32, tau=0.05, delta_range=None, delta_clip=np.inf
    ):
        if hasattr(model.output, "__len__") and len(model.output) > 1:
            raise ValueError('Model "{}" has more than one output.'.format(model))
        if model.output._keras_shape != (None, nb_actions):
            raise ValueError('Model output "{}" has invalid shape.'.format(model.output))
        self.model, self.nb_actions, self.gamma = model, nb_actions, gamma
        self.batch_size, self.tau = batch_size, tau
        self.delta_range, self.delta_clip = delta_range, delta_clip
        self.memory = deque(maxlen=2000)

    def compile(self, optimizer, metrics=[]):
        metrics = metrics + [mean_q]
        # We never train the target model, hence we can set the optimizer and loss arbitrarily.
        self.target_model = clone_model(self.model)
        self.target_model.compile(optimizer="sgd", loss="mse")
        self.model.compile(optimizer="sgd", loss="mse")
        updates = get_soft_target_model_updates(self.target_model, self.model, self.tau)
        optimizer = AdditionalUpdatesOptimizer(optimizer, updates)

        def clipped_masked_error(args):
            y_true, y_pred, mask = args
            if self.delta_range is not None:
                delta = K.clip(y_true - y_pred, self.delta_range[0], self.delta_range[1])
                loss = K.square(delta)
            else:
                loss = huber_loss(y_true, y_pred, self.delta_clip)
            loss *= mask  # apply element-wise mask
            return K.sum(loss, axis=-1)

        # The trainable model outputs the loss; the mask selects the action that was taken.
        y_pred = self.model.output
        y_true = Input(name="y_true", shape=(self.nb_actions,))
        mask = Input(name="mask", shape=(self.nb_actions,))
        loss_out = Lambda(clipped_masked_error, output_shape=(1,), name="loss")([y_true, y_pred, mask])
        ins = [self.model.input] if type(self.model.input) is not list else self.model.input
        trainable_model = Model(input=ins + [y_true, mask], output=[loss_out, y_pred])
        assert len(trainable_model.output_names) == 2
        combined_metrics = {trainable_model.output_names[1]: metrics}
        losses = [
            lambda y_true, y_pred: y_pred,  # loss is computed in Lambda layer
            lambda y_true, y_pred: K.zeros_like(y_pred),  # we only include this for the metrics
        ]
        trainable_model.compile(optimizer=optimizer, loss=losses, metrics=combined_metrics)
        self.trainable_model = trainable_model

    def forward(self, observation, epsilon=0.0):
        q_values = self.model.predict_on_batch(np.array([[observation]])).flatten()
        assert q_values.shape == (self.nb_actions,)
        return np.random.randint(self.nb_actions) if np.random.rand() < epsilon else int(np.argmax(q_values))

    def batch(self, experiences):
        state0, action, reward, terminal1, state1 = [np.array(column) for column in zip(*experiences)]
        state0, state1 = state0[:, np.newaxis], state1[:, np.newaxis]
        # double DQN: the online model chooses, the target model values
        actions = np.argmax(self.model.predict_on_batch(state1), axis=1)
        target_q_values = self.target_model.predict_on_batch(state1)
        q_batch = target_q_values[range(len(action)), actions]
        Rs = reward + self.gamma * q_batch * (1.0 - terminal1)
        targets = np.zeros((len(action), self.nb_actions))
        masks = np.zeros((len(action), self.nb_actions))
        targets[range(len(action)), action] = Rs
        masks[range(len(action)), action] = 1.0
        dummy_targets = np.zeros((len(action),))
        return [state0, targets, masks], [dummy_targets, targets]

    def backward(self):
        if len(self.memory) >= self.batch_size:
            experiences = random.sample(list(self.memory), self.batch_size)
            self.trainable_model.train_on_batch(*self.batch(experiences))


class Chain(object):
    """Cells in a row: the last one is worth 1, the first 0.1; the agent begins in between."""

    length = 7

    def reset(self):
        self.place = 2
        return np.eye(self.length)[self.place]

    def step(self, action):
        self.place += 1 if action == 1 else -1
        terminal = self.place in (0, self.length - 1)
        reward = {0: 0.1, self.length - 1: 1.0}.get(self.place, 0.0)
        return np.eye(self.length)[self.place], reward, float(terminal)


def q_network():
    model = Sequential()
    model.add(Flatten(input_shape=(1, Chain.length)))
    model.add(Dense(16))
    model.add(Activation("relu"))
    model.add(Dense(2))
    model.add(Activation("linear"))
    rng = np.random.RandomState(3)
    model.set_weights([rng.uniform(-0.5, 0.5, w.shape) for w in model.get_weights()])
    return model


def experiences(rng, count=24):
    states = np.eye(Chain.length)[rng.randint(0, Chain.length, (2, count))]
    return list(
        zip(states[0], rng.randint(0, 2, count), rng.normal(size=count), rng.randint(0, 2, count), states[1])
    )


def main(folder):
    np.random.seed(1337)
    random.seed(1337)
    facts = {}
    for name, options in [
        ("range", {"delta_range": (-0.4, 0.4)}),
        ("clip", {"delta_clip": 0.5}),
        ("free", {}),
    ]:
        agent = DQNAgent(q_network(), nb_actions=2, **options)
        agent.compile(Adam(lr=1e-3))
        x, y = agent.batch(experiences(np.random.RandomState(11)))
        # the loss, that of the Lambda layer, that of the metrics' output, and the mean Q
        facts[name] = [float(value) for value in agent.trainable_model.test_on_batch(x, y)]
        delta = (x[1] - agent.model.predict_on_batch(x[0])) * x[2]
        if name == "range":
            by_hand = np.square(np.clip(delta, -0.4, 0.4))
        else:
            limit = agent.delta_clip
            by_hand = np.where(
                np.abs(delta) < limit, delta**2 / 2, min(limit, 9) * (np.abs(delta) - min(limit, 9) / 2)
            )
        assert abs(by_hand.sum(axis=1).mean() - facts[name][0]) < 1e-5

    # one step: the target follows the weights from before the step
    before = [(agent.target_model.get_weights(), agent.model.get_weights())]
    agent.trainable_model.train_on_batch(x, y)
    (target, source), after = before[0], agent.target_model.get_weights()
    assert any(np.abs(t - s).max() > 1e-4 for t, s in zip(source, agent.model.get_weights()))
    for t, s, new in zip(target, source, after):
        assert np.abs(new - t).max() < 0.01

    agent = DQNAgent(q_network(), nb_actions=2, delta_clip=1.0)
    agent.compile(Adam(lr=0.01))
    env = Chain()
    for episode in range(60):
        observation, terminal = env.reset(), False
        while not terminal:
            action = agent.forward(observation, epsilon=max(0.1, 1.0 - episode / 30.0))
            following, reward, terminal = env.step(action)
            agent.memory.append((observation, action, reward, terminal, following))
            observation = following
            agent.backward()
    q_values = agent.model.predict(np.eye(Chain.length)[:, np.newaxis])
    print("Q of going right:", q_values[1:-1, 1], "left:", q_values[1:-1, 0])
    assert (q_values[1:-1].argmax(axis=1) == 1).all()  # to the right, although the left end is nearer
    assert abs(q_values[-2, 1] - 1.0) < 0.2  # the last step is worth 1
    return facts
