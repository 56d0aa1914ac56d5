"""Text, English and Chinese: Tokenizer, pad_sequences, given word vectors, fastText, a CNN over sentences."""

from __future__ import print_function

import numpy as np

from keras.layers import (
    Convolution1D,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    GlobalAveragePooling1D,
    GlobalMaxPooling1D,
    Input,
    MaxPooling1D,
    merge,
)
from keras.models import Model, Sequential
from keras.preprocessing.sequence import pad_sequences
from keras.preprocessing.text import Tokenizer, text_to_word_sequence


def reviews(good, bad, neutral, n, joint):
    """Texts of neutral words with one word that tells."""
    texts, labels = [], []
    for i in range(n):
        words = [neutral[k] for k in np.random.randint(0, len(neutral), 6)]
        words[np.random.randint(0, 6)] = (bad, good)[i % 2][np.random.randint(0, 2)]
        texts.append(joint.join(words))
        labels.append(i % 2)
    return texts, np.array(labels)


def create_ngram_set(input_list, ngram_value=2):
    return set(zip(*[input_list[i:] for i in range(ngram_value)]))


def fasttext(sequences, labels, max_features):
    """Bag of tricks: words and bigrams, averaged."""
    ngrams = set()
    for seq in sequences:
        ngrams |= create_ngram_set(seq)
    token_indice = dict((v, k + max_features) for k, v in enumerate(sorted(ngrams)))
    longer = [seq + [token_indice[g] for g in zip(seq, seq[1:])] for seq in sequences]
    X = pad_sequences(longer, maxlen=12)
    model = Sequential()
    model.add(Embedding(max_features + len(token_indice), 10, input_length=12))
    model.add(GlobalAveragePooling1D())
    model.add(Dense(1, activation="sigmoid"))
    model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
    model.fit(X, labels, batch_size=8, nb_epoch=12, validation_split=0.2, verbose=0)
    return model.evaluate(X, labels, verbose=0)[1]


def sentence_cnn(X, labels, embedding_matrix):
    """Kim 2014: filters of several widths over fixed word vectors."""
    inp = Input(shape=(X.shape[1],), dtype="int32")
    embedded = Embedding(
        embedding_matrix.shape[0], embedding_matrix.shape[1], weights=[embedding_matrix],
        input_length=X.shape[1], trainable=False,
    )(inp)  # fmt: skip
    pooled = []
    for fsz in [1, 2]:
        l_conv = Convolution1D(nb_filter=4, filter_length=fsz, activation="relu")(embedded)
        pooled.append(Flatten()(MaxPooling1D(2)(l_conv)))
    x = merge(pooled, mode="concat", concat_axis=1)
    x = merge([x, GlobalMaxPooling1D()(embedded)], mode="concat")
    model = Model(inp, Dense(2, activation="softmax")(Dropout(0.1)(x)))
    rng = np.random.RandomState(0)
    fixed = [rng.uniform(-0.3, 0.3, w.shape) for w in model.get_weights()]
    model.set_weights([embedding_matrix if f.shape == embedding_matrix.shape else f for f in fixed])
    model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["acc"])
    before = model.evaluate(X, np.eye(2)[labels], verbose=0)[0]
    model.fit(X, np.eye(2)[labels], batch_size=8, nb_epoch=30, verbose=0)
    np.testing.assert_array_equal(model.layers[1].get_weights()[0], embedding_matrix.astype("float32"))
    return before, model.evaluate(X, np.eye(2)[labels], verbose=0)[1]


def main(folder):
    np.random.seed(1337)
    facts = {}
    english = (["great", "lovely"], ["awful", "boring"], "the a film plot actor scene music".split())
    chinese = (["好看", "精彩"], ["难看", "无聊"], "这 部 电影 情节 演员 音乐".split())
    for name, words in [("english", english), ("chinese", chinese)]:
        texts, labels = reviews(words[0], words[1], words[2], 120, " ")
        tokenizer = Tokenizer(nb_words=50)
        tokenizer.fit_on_texts(texts)
        word_index = tokenizer.word_index
        assert len(word_index) == len(words[2]) + 4
        sequences = tokenizer.texts_to_sequences(texts)
        X = pad_sequences(sequences, maxlen=6, padding="post")
        matrix = tokenizer.texts_to_matrix(texts, mode="tfidf")
        assert text_to_word_sequence(texts[0]) == texts[0].split(" ")
        rng = np.random.RandomState(5)
        embeddings_index = dict((word, rng.normal(size=8)) for word in sum(words, []))
        embedding_matrix = np.zeros((len(word_index) + 1, 8))
        for word, i in word_index.items():
            embedding_vector = embeddings_index.get(word)
            if embedding_vector is not None:
                embedding_matrix[i] = embedding_vector
        before, accuracy = sentence_cnn(X, labels, embedding_matrix)
        assert accuracy > 0.8, accuracy  # chance is 0.5
        facts[name + " counts"] = sorted(tokenizer.word_counts.values())
        facts[name + " tfidf"] = float(matrix.sum())
        facts[name + " loss before"] = float(before)
    accuracy = fasttext(sequences, labels, len(word_index) + 1)
    assert accuracy > 0.85, accuracy
    return facts
