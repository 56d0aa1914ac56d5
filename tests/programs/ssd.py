"""Single shot detection: prior boxes on two feature maps, a loss that mines negatives, decoded boxes.

It is written for TensorFlow: layer and loss call `tf` functions on tensors where K lacks them.
"""

from __future__ import division

import numpy as np

from keras import backend as K
from keras.engine.topology import InputSpec, Layer
from keras.layers import Activation, Convolution2D, Flatten, Input, MaxPooling2D, Reshape, merge
from keras.models import Model
from keras.optimizers import Adam

if K.backend() == "tensorflow":
    import tensorflow as tf

size = 32
num_classes = 3  # the background, squares, crosses


class Normalize(Layer):
    """L2 norm of the channels with a learned scale, as in ParseNet."""

    def __init__(self, scale, **kwargs):
        if K.image_dim_ordering() == "tf":
            self.axis = 3
        else:
            self.axis = 1
        self.scale = scale
        super(Normalize, self).__init__(**kwargs)

    def build(self, input_shape):
        self.input_spec = [InputSpec(shape=input_shape)]
        shape = (input_shape[self.axis],)
        self.gamma = K.variable(self.scale * np.ones(shape), name="{}_gamma".format(self.name))
        self.trainable_weights = [self.gamma]

    def call(self, x, mask=None):
        output = K.l2_normalize(x, self.axis)
        output *= self.gamma
        return output


class PriorBox(Layer):
    """The prior boxes of a feature map: (samples, boxes, 8), corners and variances."""

    def __init__(self, img_size, min_size, max_size, aspect_ratios, variances=(0.1, 0.1, 0.2, 0.2), **kwargs):
        if K.image_dim_ordering() == "tf":
            self.waxis, self.haxis = 2, 1
        else:
            self.waxis, self.haxis = 3, 2
        self.img_size, self.min_size, self.max_size = img_size, min_size, max_size
        self.aspect_ratios = [1.0, 1.0] + [r for a in aspect_ratios for r in (a, 1.0 / a)]
        self.variances = np.array(variances)
        super(PriorBox, self).__init__(**kwargs)

    def get_output_shape_for(self, input_shape):
        num_boxes = len(self.aspect_ratios) * input_shape[self.waxis] * input_shape[self.haxis]
        return (input_shape[0], num_boxes, 8)

    def call(self, x, mask=None):
        if hasattr(x, "_keras_shape"):
            input_shape = x._keras_shape
        elif hasattr(K, "int_shape"):
            input_shape = K.int_shape(x)
        width, height = input_shape[self.waxis], input_shape[self.haxis]
        box_widths, box_heights = [], []
        for ar in self.aspect_ratios:
            if ar == 1 and len(box_widths) == 0:
                box_widths.append(self.min_size)
                box_heights.append(self.min_size)
            elif ar == 1:
                box_widths.append(np.sqrt(self.min_size * self.max_size))
                box_heights.append(np.sqrt(self.min_size * self.max_size))
            else:
                box_widths.append(self.min_size * np.sqrt(ar))
                box_heights.append(self.min_size / np.sqrt(ar))
        box_widths, box_heights = 0.5 * np.array(box_widths), 0.5 * np.array(box_heights)
        step_x, step_y = self.img_size / width, self.img_size / height
        linx = np.linspace(0.5 * step_x, self.img_size - 0.5 * step_x, width)
        liny = np.linspace(0.5 * step_y, self.img_size - 0.5 * step_y, height)
        centers_x, centers_y = np.meshgrid(linx, liny)
        centers = np.concatenate((centers_x.reshape(-1, 1), centers_y.reshape(-1, 1)), axis=1)
        boxes = np.tile(centers, (1, 2 * len(self.aspect_ratios)))
        boxes[:, ::4] -= box_widths
        boxes[:, 1::4] -= box_heights
        boxes[:, 2::4] += box_widths
        boxes[:, 3::4] += box_heights
        boxes = np.clip(boxes.reshape(-1, 4) / self.img_size, 0.0, 1.0)
        prior_boxes = np.concatenate((boxes, np.tile(self.variances, (len(boxes), 1))), axis=1)
        prior_boxes_tensor = K.expand_dims(K.variable(prior_boxes), 0)
        if K.backend() == "tensorflow":
            pattern = [tf.shape(x)[0], 1, 1]
            prior_boxes_tensor = tf.tile(prior_boxes_tensor, pattern)
        elif K.backend() == "theano":
            pass  # TODO
        return prior_boxes_tensor


def SSD(input_shape):
    input_tensor = Input(shape=input_shape)
    net = Convolution2D(8, 3, 3, activation="relu", border_mode="same", name="conv1")(input_tensor)
    net = MaxPooling2D((2, 2), strides=(2, 2), border_mode="same", name="pool1")(net)
    net = Convolution2D(16, 3, 3, activation="relu", border_mode="same", name="conv2")(net)
    conv2 = MaxPooling2D((2, 2), strides=(2, 2), border_mode="same", name="pool2")(net)
    conv3 = Convolution2D(16, 3, 3, activation="relu", subsample=(2, 2), border_mode="same", name="conv3")(
        conv2
    )
    maps = [("conv2", Normalize(4, name="conv2_norm")(conv2), 8.0, 12.0), ("conv3", conv3, 14.0, 20.0)]
    locs, confs, priors = [], [], []
    for name, net, min_size, max_size in maps:
        priorbox = PriorBox(size, min_size, max_size, [2], name=name + "_mbox_priorbox")
        num_priors = len(priorbox.aspect_ratios)
        x = Convolution2D(num_priors * 4, 3, 3, border_mode="same", name=name + "_mbox_loc")(net)
        locs.append(Flatten(name=name + "_mbox_loc_flat")(x))
        x = Convolution2D(num_priors * num_classes, 3, 3, border_mode="same", name=name + "_mbox_conf")(net)
        confs.append(Flatten(name=name + "_mbox_conf_flat")(x))
        priors.append(priorbox(net))
    mbox_loc = merge(locs, mode="concat", concat_axis=1, name="mbox_loc")
    mbox_conf = merge(confs, mode="concat", concat_axis=1, name="mbox_conf")
    mbox_priorbox = merge(priors, mode="concat", concat_axis=1, name="mbox_priorbox")
    if hasattr(mbox_loc, "_keras_shape"):
        num_boxes = mbox_loc._keras_shape[-1] // 4
    elif hasattr(mbox_loc, "int_shape"):
        num_boxes = K.int_shape(mbox_loc)[-1] // 4
    mbox_loc = Reshape((num_boxes, 4), name="mbox_loc_final")(mbox_loc)
    mbox_conf = Reshape((num_boxes, num_classes), name="mbox_conf_logits")(mbox_conf)
    mbox_conf = Activation("softmax", name="mbox_conf_final")(mbox_conf)
    predictions = merge(
        [mbox_loc, mbox_conf, mbox_priorbox], mode="concat", concat_axis=2, name="predictions"
    )
    return Model(input_tensor, predictions)


class MultiboxLoss(object):
    """y_true and y_pred are (samples, boxes, 4 + classes + 8); y_true[:, :, -8] is 1 for matched boxes."""

    def __init__(self, num_classes, alpha=1.0, neg_pos_ratio=3.0, negatives=30):
        self.num_classes, self.alpha = num_classes, alpha
        self.neg_pos_ratio, self.negatives = neg_pos_ratio, negatives

    def _l1_smooth_loss(self, y_true, y_pred):
        abs_loss = tf.abs(y_true - y_pred)
        sq_loss = 0.5 * (y_true - y_pred) ** 2
        l1_loss = tf.where(tf.less(abs_loss, 1.0), sq_loss, abs_loss - 0.5)
        return tf.reduce_sum(l1_loss, -1)

    def _softmax_loss(self, y_true, y_pred):
        y_pred = tf.maximum(tf.minimum(y_pred, 1 - 1e-7), 1e-7)
        return -tf.reduce_sum(y_true * tf.log(y_pred), axis=-1)

    def compute_loss(self, y_true, y_pred):
        batch_size = tf.shape(y_true)[0]
        num_boxes = tf.to_float(tf.shape(y_true)[1])
        conf_loss = self._softmax_loss(y_true[:, :, 4:-8], y_pred[:, :, 4:-8])
        loc_loss = self._l1_smooth_loss(y_true[:, :, :4], y_pred[:, :, :4])
        num_pos = tf.reduce_sum(y_true[:, :, -8], axis=-1)
        pos_loc_loss = tf.reduce_sum(loc_loss * y_true[:, :, -8], axis=1)
        pos_conf_loss = tf.reduce_sum(conf_loss * y_true[:, :, -8], axis=1)
        # the hardest negatives, as many as the ratio allows
        num_neg = tf.minimum(self.neg_pos_ratio * num_pos, num_boxes - num_pos)
        max_confs = tf.reduce_max(y_pred[:, :, 5 : 4 + self.num_classes], axis=2)
        _, indices = tf.nn.top_k(max_confs * (1 - y_true[:, :, -8]), k=self.negatives)
        batch_idx = tf.expand_dims(tf.range(0, batch_size), 1)
        batch_idx = tf.tile(batch_idx, (1, self.negatives))
        full_indices = tf.reshape(batch_idx, [-1]) * tf.to_int32(num_boxes) + tf.reshape(indices, [-1])
        neg_conf_loss = tf.gather(tf.reshape(conf_loss, [-1]), full_indices)
        neg_conf_loss = tf.reshape(neg_conf_loss, [batch_size, self.negatives])
        ranks = tf.expand_dims(tf.to_float(tf.range(self.negatives)), 0)
        neg_conf_loss *= tf.to_float(tf.less(ranks, tf.expand_dims(num_neg, 1)))
        total_loss = pos_conf_loss + tf.reduce_sum(neg_conf_loss, axis=1)
        total_loss /= num_pos + num_neg + 1.0
        num_pos = tf.where(tf.not_equal(num_pos, 0), num_pos, tf.ones_like(num_pos))
        return total_loss + self.alpha * pos_loc_loss / num_pos


class BBoxUtility(object):
    """Encodes true boxes for the loss, and decodes predictions."""

    def __init__(self, priors):
        self.priors = priors

    def iou(self, boxes, box):
        upleft, botright = np.maximum(boxes[:, :2], box[:2]), np.minimum(boxes[:, 2:4], box[2:4])
        inter = np.prod(np.maximum(botright - upleft, 0), axis=1)
        areas = np.prod(boxes[:, 2:4] - boxes[:, :2], axis=1) + np.prod(box[2:4] - box[:2])
        return inter / (areas - inter)

    def assign_boxes(self, box, label):
        """box: 4 corners in 0..1."""
        assignment = np.zeros((len(self.priors), 4 + num_classes + 8))
        assignment[:, 4] = 1.0
        iou = self.iou(self.priors, box)
        matched = iou > 0.5
        matched[iou.argmax()] = True
        p = self.priors[matched]
        center, wh = 0.5 * (box[:2] + box[2:]), box[2:] - box[:2]
        p_center, p_wh = 0.5 * (p[:, :2] + p[:, 2:4]), p[:, 2:4] - p[:, :2]
        assignment[matched, :2] = (center - p_center) / p_wh / p[:, 4:6]
        assignment[matched, 2:4] = np.log(wh / p_wh) / p[:, 6:8]
        assignment[matched, 4] = 0
        assignment[matched, 4 + label] = 1
        assignment[matched, -8] = 1
        return assignment

    def detection_out(self, prediction):
        """The best box of one sample, and its class."""
        confidences = prediction[:, 5:-8]
        best, label = np.unravel_index(confidences.argmax(), confidences.shape)
        p = prediction[best, -8:]
        p_center, p_wh = 0.5 * (p[:2] + p[2:4]), p[2:4] - p[:2]
        center = prediction[best, :2] * p_wh * p[4:6] + p_center
        wh = np.exp(prediction[best, 2:4] * p[6:8]) * p_wh
        return np.concatenate((center - wh / 2, center + wh / 2)), label + 1


def picture(rng):
    """A square or a cross on noise, its box and its class."""
    image = 0.1 * rng.normal(size=(size, size, 3))
    side = rng.randint(7, 17)
    x, y = rng.randint(0, size - side, 2)
    label = rng.randint(1, num_classes)
    if label == 1:
        image[y : y + side, x : x + side] += 1.0
    else:
        third = side // 3
        image[y : y + side, x + third : x + side - third] += 1.0
        image[y + third : y + side - third, x : x + side] += 1.0
    return image, np.array([x, y, x + side, y + side]) / size, label


class Generator(object):
    def __init__(self, bbox_util, batch_size):
        self.bbox_util, self.batch_size = bbox_util, batch_size

    def generate(self, seed):
        rng = np.random.RandomState(seed)
        while True:
            images, boxes, labels = zip(*[picture(rng) for _ in range(self.batch_size)])
            targets = [self.bbox_util.assign_boxes(box, label) for box, label in zip(boxes, labels)]
            yield np.array(images), np.array(targets)


def main(folder):
    K.set_image_dim_ordering("tf")
    np.random.seed(1337)
    model = SSD((size, size, 3))
    rng = np.random.RandomState(5)
    model.set_weights([rng.uniform(-0.15, 0.15, w.shape) for w in model.get_weights()])
    model.get_layer("conv2_norm").set_weights([4 * np.ones(16)])

    images = np.array([picture(rng)[0] for _ in range(5)])
    predictions = model.predict(images, batch_size=5)
    assert predictions.shape == (5, 4 * (8 * 8 + 4 * 4), 4 + num_classes + 8)
    priors = predictions[0, :, -8:]
    assert (predictions[:, :, -8:] == priors).all()  # the same for each sample of the batch

    bbox_util = BBoxUtility(priors)
    gen = Generator(bbox_util, 16)
    loss = MultiboxLoss(num_classes).compute_loss
    model.compile(optimizer=Adam(lr=5e-3), loss=loss)
    before = float(model.test_on_batch(*next(gen.generate(3))))
    facts = {
        "loss": before,
        "priors": np.abs(priors).sum(axis=0).tolist(),
        "predictions": predictions[:, ::40, :7].sum(axis=(1, 2)).tolist(),
    }
    model.fit_generator(gen.generate(1), samples_per_epoch=16 * 25, nb_epoch=4, verbose=0)
    after = float(model.test_on_batch(*next(gen.generate(3))))
    rng, overlaps, right = np.random.RandomState(9), [], []
    for image, box, label in [picture(rng) for _ in range(40)]:
        found, found_label = bbox_util.detection_out(model.predict(image[np.newaxis])[0])
        overlaps.append(bbox_util.iou(found[np.newaxis], box)[0])
        right.append(label == found_label)
    print("loss:", before, after, "overlap:", np.mean(overlaps), "right class:", np.mean(right))
    assert after < 0.5 * before
    assert np.mean(overlaps) > 0.4 and np.mean(right) > 0.6  # a prior at random overlaps by less than 0.1
    return facts
