"""Two players in one model: a subclass of Model that sets itself up and makes its own train function.

The subclass calls neither Model.__init__ nor Model.compile. It collects what fit reads from the models of
its players, and overrides _make_train_function with updates of its own: of both players at once (a
K.function), or of one after the other (a function of Python).
"""

from itertools import chain

import numpy as np

from keras import backend as K
from keras import optimizers
from keras.layers import Activation, Dense, Dropout, Input
from keras.models import Model, Sequential

CENTER = np.array([1.5, -1.0])


class Game(Model):
    """All players see the same inputs; each has targets, a loss and an optimizer of its own."""

    def __init__(self, players, moves, names):
        self.layers = players
        self.moves = moves
        self.player_names = names
        self.optimizer = None
        self.loss = None

    def over(self, what):
        return list(chain.from_iterable(getattr(player, what) for player in self.layers))

    def named(self, what):
        pairs = zip(self.player_names, self.layers)
        return [name + "_" + label for name, player in pairs for label in getattr(player, what)]

    def start(self, rules, opts, loss, **kwargs):
        self.rules = rules
        self.loss = loss
        self._function_kwargs = kwargs
        self.optimizers = [optimizers.get(opt) for opt in opts]
        for opt, player in zip(self.optimizers, self.layers):
            player.compile(opt, loss=loss)
        self.train_function = None
        self.test_function = None
        first = self.layers[0]
        self.inputs = first.inputs
        self.input_names = first.input_names
        self.internal_input_shapes = first.internal_input_shapes
        for what in ("outputs", "internal_output_shapes", "loss_functions", "targets"):
            setattr(self, what, self.over(what))
        self.sample_weights = self.over("sample_weights")
        self.sample_weight_modes = self.over("sample_weight_modes")
        self.output_names = self.named("output_names")
        self.metrics_names = ["loss"] + self.named("metrics_names")
        self.total_loss = np.float32(0)
        for player in self.layers:
            self.total_loss += player.total_loss

    @property
    def constraints(self):
        return dict(chain.from_iterable(player.constraints.items() for player in self.layers))

    @property
    def updates(self):
        return self.over("updates")

    def board(self):
        inputs = self.inputs + self.targets + self.sample_weights
        if self.uses_learning_phase and type(K.learning_phase()) is not int:
            inputs += [K.learning_phase()]
        return inputs

    def score(self):
        parts = [[player.total_loss] + player.metrics_tensors for player in self.layers]
        return [self.total_loss] + list(chain.from_iterable(parts))

    def _make_train_function(self):
        if not hasattr(self, "train_function"):
            raise RuntimeError("Start the game first.")
        if self.train_function is None:
            self.train_function = self.rules(self)

    def _make_test_function(self):
        if self.test_function is None:
            self.test_function = K.function(
                self.board(), self.score(), updates=self.state_updates, **self._function_kwargs
            )


def changes(game):
    turns = zip(game.optimizers, game.moves, game.layers)
    return [opt.get_updates(params, game.constraints, player.total_loss) for opt, params, player in turns]


def together(game):
    updates = list(chain.from_iterable(changes(game))) + game.updates
    return K.function(game.board(), game.score(), updates=updates)


def by_turns(game):
    turns = [K.function(game.board(), [], updates=updates) for updates in changes(game)]
    score = K.function(game.board(), game.score(), updates=game.updates)
    played = []

    def play(inputs):
        turns[len(played) % len(turns)](inputs)
        played.append(1)
        return score(inputs)

    return play


def build(rules, drop):
    generator = Sequential([Dense(8, input_dim=3, activation="tanh"), Dense(2)])
    discriminator = Sequential()
    discriminator.add(Dense(8, input_dim=2, activation="tanh"))
    if drop:
        discriminator.add(Dropout(0.3))
    discriminator.add(Dense(1, activation="sigmoid"))
    rng = np.random.RandomState(5)
    for net in (generator, discriminator):
        net.set_weights([rng.uniform(-0.5, 0.5, w.shape) for w in net.get_weights()])
    z, x = Input(shape=(3,), name="z"), Input(shape=(2,), name="x")
    fake, real = discriminator(generator(z)), discriminator(x)
    seen = (("fake", fake), ("real", real))
    players = [
        Model([z, x], [Activation("linear", name=who + "_" + what)(y) for what, y in seen])
        for who in ("g", "d")
    ]
    moves = [generator.trainable_weights, discriminator.trainable_weights]
    game = Game(players, moves, ["generator", "discriminator"])
    opts = [optimizers.Adam(lr=0.02, beta_1=0.5), optimizers.Adam(lr=0.02, beta_1=0.5)]
    game.start(rules, opts, "binary_crossentropy")
    return game, generator, discriminator


def batch(n, seed=3):
    rng = np.random.RandomState(seed)
    x = [rng.normal(size=(n, 3)), CENTER + 0.3 * rng.normal(size=(n, 2))]
    ones, zeros = np.ones((n, 1)), np.zeros((n, 1))
    return x, [ones, zeros, zeros, ones]  # the generator wants fakes taken for real, and reals for fakes


def main(folder):
    facts = {}
    for rules, drop in ((together, True), (by_turns, False)):
        np.random.seed(11)
        game, generator, discriminator = build(rules, drop)
        assert not hasattr(Game([], [], []), "train_function")
        assert len(game.metrics_names) == 7 and game.uses_learning_phase == drop
        x, y = batch(64)
        values = game.test_on_batch(x, y)
        facts[rules.__name__] = [float(value) for value in values]
        np.testing.assert_allclose(values[0], values[1] + values[4], rtol=1e-5)

        def distance():
            return np.abs(generator.predict(batch(200, seed=4)[0][0]).mean(axis=0) - CENTER).max()

        before = distance()
        history = game.fit(x, y, nb_epoch=60, batch_size=32, verbose=0, validation_data=(x, y))
        assert sorted(history.history) == sorted(
            game.metrics_names + ["val_" + name for name in game.metrics_names]
        )
        assert distance() < before
        assert len(game.evaluate(x, y, verbose=0)) == 7

        def endless():
            while True:
                yield batch(32)

        game.fit_generator(endless(), samples_per_epoch=64, nb_epoch=1, verbose=0)
        # Whose turn it is moves; the other player stays.
        was = [net.get_weights() for net in (generator, discriminator)]
        assert len(game.train_on_batch(x, y)) == 7
        now = [net.get_weights() for net in (generator, discriminator)]
        moved = [any((a != b).any() for a, b in zip(*pair)) for pair in zip(was, now)]
        assert sum(moved) == (2 if rules is together else 1)
    return facts
