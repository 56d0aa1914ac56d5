"""Reinforcement learning: deep Q-learning with a replay memory, and policy gradients through K.function."""

from __future__ import print_function

import random
from collections import deque

import numpy as np

from keras import backend as K
from keras.layers import Dense, Input
from keras.models import Model, Sequential
from keras.optimizers import Adam, sgd

grid = 5


class Catch(object):
    """A fruit falls, the basket moves: the catch game on a grid."""

    def reset(self):
        self.fruit = [0, np.random.randint(0, grid)]
        self.basket = np.random.randint(0, grid)
        return self.observe()

    def observe(self):
        canvas = np.zeros((grid, grid))
        canvas[self.fruit[0], self.fruit[1]] = 1
        canvas[-1, self.basket] += 0.5
        return canvas.reshape((1, -1))

    def act(self, action):
        self.basket = min(max(0, self.basket + action - 1), grid - 1)
        self.fruit[0] += 1
        over = self.fruit[0] == grid - 1
        reward = (1 if self.fruit[1] == self.basket else -1) if over else 0
        return self.observe(), reward, over


def play(env, choose):
    state, over = env.reset(), False
    while not over:
        state, reward, over = env.act(choose(state))
    return reward > 0


def deep_q(env):
    model = Sequential()
    model.add(Dense(40, input_shape=(grid**2,), activation="relu"))
    model.add(Dense(3))
    model.compile(sgd(lr=0.2), "mse")
    memory, epsilon, discount = deque(maxlen=500), 1.0, 0.9
    for episode in range(200):
        state, over = env.reset(), False
        while not over:
            if np.random.rand() <= epsilon:
                action = np.random.randint(0, 3)
            else:
                action = np.argmax(model.predict(state)[0])
            next_state, reward, over = env.act(action)
            memory.append((state, action, reward, next_state, over))
            state = next_state
            batch = random.sample(list(memory), min(len(memory), 50))
            inputs = np.concatenate([b[0] for b in batch])
            targets = model.predict_on_batch(inputs)
            Q_sa = np.max(model.predict_on_batch(np.concatenate([b[3] for b in batch])), axis=1)
            for i, (_, action, reward, _, done) in enumerate(batch):
                targets[i, action] = reward if done else reward + discount * Q_sa[i]
            model.train_on_batch(inputs, targets)
        epsilon *= 0.98
    return np.mean([play(env, lambda s: np.argmax(model.predict(s)[0])) for _ in range(60)])


def policy_gradient_function(model, optimizer):
    """A training function of one's own: K.placeholder, optimizer.get_updates(params, constraints, loss)."""
    action_prob = model.output
    action_one_hot = K.placeholder(shape=(None, 3), name="action_onehot")
    discounted_reward = K.placeholder(shape=(None,), name="discount_reward")
    log_prob = K.log(K.sum(action_prob * action_one_hot, axis=1))
    loss = K.mean(-log_prob * discounted_reward)
    updates = optimizer.get_updates(model.trainable_weights, [], loss)
    return K.function([model.input, action_one_hot, discounted_reward], [loss], updates=updates)


def main(folder):
    np.random.seed(1337)
    random.seed(1337)
    env = Catch()
    caught = deep_q(env)
    print("caught:", caught)
    assert caught > 0.5  # about a quarter by chance

    x = Input(shape=(grid**2,))
    policy = Model(x, Dense(3, activation="softmax")(Dense(8, activation="relu")(x)))
    rng = np.random.RandomState(0)
    policy.set_weights([rng.uniform(-0.5, 0.5, w.shape) for w in policy.get_weights()])
    train_fn = policy_gradient_function(policy, Adam(lr=0.01))
    states = rng.uniform(size=(30, grid**2))
    actions = np.eye(3)[rng.randint(0, 3, 30)]
    rewards = rng.normal(size=30)
    probability = policy.predict(states)
    by_hand = np.mean(-np.log((probability * actions).sum(axis=1)) * rewards)
    losses = [float(train_fn([states, actions, rewards])[0]) for _ in range(5)]
    assert abs(losses[0] - by_hand) < 1e-5 and losses[-1] < losses[0]
    return {"policy loss": losses[0]}
