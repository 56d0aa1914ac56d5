"""The direction of a log follows its name."""

import warnings

import numpy as np
import pytest

from keras.callbacks import EarlyStopping, ModelCheckpoint, ReduceLROnPlateau
from keras.callbacks._monitor import larger_is_better

LARGER = """acc val_acc accuracy binary_accuracy top_k_categorical_accuracy top5 val_top3_acc precision
val_precision
    recall val_recall_1 f1 val_f1 F1 f1_score f1score fmeasure fscore fbeta_score auc val_auc_1 roc_auc pr_auc
    AUC iou mean_iou val_mIoU meanIoU dice dice_coef val_dice_coefficient jaccard_coef r2 R2 r2_score
    val_r_square r_squared matthews_correlation mcc cohen_kappa mAP val_map psnr ssim ndcg bleu sensitivity
    specificity cosine_similarity log_likelihood loss_head_acc error_out_acc precision@5 reward""".split()
SMALLER = """loss val_loss dice_loss val_dice_coef_loss mse MSE mae val_mse mape msle rmse mean_squared_error
error_rate
    mean_absolute_percentage_error val_err logloss log_loss categorical_crossentropy
    kullback_leibler_divergence hinge poisson cosine_proximity perplexity false_positive_rate eer wer nll
    negative_log_likelihood jaccard_distance acc_out_loss accident_loss precision_loss recall_head_mse
    root_mean_squared_error lr""".split()


@pytest.mark.parametrize("name", LARGER)
def test_larger_is_better(name):
    assert larger_is_better(name) is True


@pytest.mark.parametrize("name", SMALLER)
def test_smaller_is_better(name):
    assert larger_is_better(name) is False


@pytest.mark.parametrize("name", ["wobble", "val_gap", "snap", "shape", "curious", "aerial"])
def test_other_names_do_not_tell(name):
    assert larger_is_better(name) is None


MAKERS = [
    lambda monitor, mode: ModelCheckpoint("a.h5", monitor=monitor, mode=mode, save_best_only=True),
    lambda monitor, mode: EarlyStopping(monitor, mode=mode),
    lambda monitor, mode: ReduceLROnPlateau(monitor, mode=mode),
]


@pytest.mark.parametrize("make", MAKERS)
def test_callbacks_take_the_direction_of_the_name(make):
    assert make("val_precision", "auto").monitor_op is np.greater
    assert make("val_dice_loss", "auto").monitor_op is np.less


@pytest.mark.parametrize("make", MAKERS)
def test_an_unknown_name_warns_which_way_was_chosen_and_how_to_choose(make):
    with pytest.warns(RuntimeWarning, match="'val_wobble'.*takes smaller ones as better. Pass mode='max'"):
        assert make("val_wobble", "auto").monitor_op is np.less
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert make("val_wobble", "max").monitor_op is np.greater
