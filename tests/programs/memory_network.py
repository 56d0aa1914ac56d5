"""Questions about stories: an end-to-end memory network, and its cousin of two recurrent networks.

Merge modes dot, sum and concat between Sequentials; Permute; stories in bAbI's format.
"""

import re
from functools import reduce

import numpy as np

from keras.layers import LSTM, Activation, Dense, Dropout, Input, Merge, Permute, RepeatVector, merge
from keras.layers.embeddings import Embedding
from keras.models import Model, Sequential
from keras.optimizers import RMSprop
from keras.preprocessing.sequence import pad_sequences

people, places = ["mary", "john"], ["kitchen", "garden", "office"]


def write_stories(n):
    lines = []
    for i in range(n):
        who = [people[k] for k in np.random.permutation(2)]
        where = places[np.random.randint(0, 3)]
        lines.append("1 %s went to the %s." % (who[0].capitalize(), where))
        lines.append("2 %s slept." % who[1].capitalize())
        lines.append("3 Where is %s?\t%s\t1" % (who[0].capitalize(), where))
    return lines


def tokenize(sent):
    """Return the tokens of a sentence including punctuation."""
    return [x.strip() for x in re.split(r"(\W+)", sent.lower()) if x.strip()]


def parse_stories(lines):
    data, story = [], []
    for line in lines:
        nid, line = line.split(" ", 1)
        if int(nid) == 1:
            story = []
        if "\t" in line:
            q, a, supporting = line.split("\t")
            data.append((reduce(lambda x, y: x + y, story), tokenize(q), a))
        else:
            story.append(tokenize(line))
    return data


def vectorize_stories(data, word_idx, story_maxlen, query_maxlen):
    X, Xq, Y = [], [], []
    for story, query, answer in data:
        X.append([word_idx[w] for w in story])
        Xq.append([word_idx[w] for w in query])
        y = np.zeros(len(word_idx) + 1)  # let's not forget that index 0 is reserved
        y[word_idx[answer]] = 1
        Y.append(y)
    return (pad_sequences(X, maxlen=story_maxlen), pad_sequences(Xq, maxlen=query_maxlen), np.array(Y))


def memory_network(vocab_size, story_maxlen, query_maxlen):
    # embed the input sequence into a sequence of vectors
    input_encoder_m = Sequential()
    input_encoder_m.add(Embedding(input_dim=vocab_size, output_dim=32, input_length=story_maxlen))
    input_encoder_m.add(Dropout(0.1))
    question_encoder = Sequential()
    question_encoder.add(Embedding(input_dim=vocab_size, output_dim=32, input_length=query_maxlen))
    question_encoder.add(Dropout(0.1))
    # compute a 'match' between input sequence elements and the question: (samples, story, query)
    match = Sequential()
    match.add(Merge([input_encoder_m, question_encoder], mode="dot", dot_axes=[2, 2]))
    match.add(Activation("softmax"))
    # embed the input into a single vector with size = story_maxlen
    input_encoder_c = Sequential()
    input_encoder_c.add(Embedding(input_dim=vocab_size, output_dim=query_maxlen, input_length=story_maxlen))
    response = Sequential()
    response.add(Merge([match, input_encoder_c], mode="sum"))
    response.add(Permute((2, 1)))
    answer = Sequential()
    answer.add(Merge([response, question_encoder], mode="concat", concat_axis=-1))
    answer.add(LSTM(32))
    answer.add(Dense(vocab_size))
    answer.add(Activation("softmax"))
    return answer


def recurrent_network(vocab_size, story_maxlen, query_maxlen):
    sentence = Input(shape=(story_maxlen,), dtype="int32")
    encoded_sentence = Embedding(vocab_size, 20, mask_zero=True)(sentence)
    question = Input(shape=(query_maxlen,), dtype="int32")
    encoded_question = LSTM(20)(Embedding(vocab_size, 20)(question))
    encoded_question = RepeatVector(story_maxlen)(encoded_question)
    merged = merge([encoded_sentence, encoded_question], mode="sum")
    preds = Dense(vocab_size, activation="softmax")(LSTM(20)(merged))
    return Model([sentence, question], preds)


def main(folder):
    np.random.seed(1337)
    train, test = parse_stories(write_stories(400)), parse_stories(write_stories(100))
    vocab = sorted(
        reduce(lambda x, y: x | y, (set(story + q + [answer]) for story, q, answer in train + test))
    )
    vocab_size = len(vocab) + 1
    story_maxlen = max(map(len, (x for x, _, _ in train + test)))
    query_maxlen = max(map(len, (x for _, x, _ in train + test)))
    word_idx = dict((c, i + 1) for i, c in enumerate(vocab))
    inputs_train, queries_train, answers_train = vectorize_stories(
        train, word_idx, story_maxlen, query_maxlen
    )
    inputs_test, queries_test, answers_test = vectorize_stories(test, word_idx, story_maxlen, query_maxlen)

    answer = memory_network(vocab_size, story_maxlen, query_maxlen)
    answer.compile(optimizer=RMSprop(lr=0.01), loss="categorical_crossentropy", metrics=["accuracy"])
    # Note: you could use a Graph model to avoid repeat the input twice
    answer.fit(
        [inputs_train, queries_train, inputs_train],
        answers_train,
        batch_size=16,
        nb_epoch=6,
        verbose=2,
        validation_data=([inputs_test, queries_test, inputs_test], answers_test),
    )
    loss, accuracy = answer.evaluate([inputs_test, queries_test, inputs_test], answers_test, verbose=0)
    assert accuracy > 0.8, accuracy  # a third by chance: every answer is one of three places

    model = recurrent_network(vocab_size, story_maxlen, query_maxlen)
    rng = np.random.RandomState(2)
    model.set_weights([rng.uniform(-0.3, 0.3, w.shape) for w in model.get_weights()])
    model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
    before = model.evaluate([inputs_train, queries_train], answers_train, verbose=0)
    model.fit([inputs_train, queries_train], answers_train, batch_size=50, nb_epoch=3, verbose=0)
    assert model.evaluate([inputs_train, queries_train], answers_train, verbose=0)[0] < before[0]
    return {"recurrent network": float(before[0])}
