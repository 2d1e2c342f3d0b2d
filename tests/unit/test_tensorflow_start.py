"""TensorFlow starts without what is not needed, and hides nothing from others."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.parametrize(("alone", "expected"), [(True, False), (False, True)])
def test_a_process_of_ours_starts_without_pandas(alone, expected):
    program = (
        "import sys\n"
        "from fmnist.training.tensorflow_start import start_tensorflow\n"
        f"start_tensorflow(alone={alone})\n"
        "found = 'pandas' in sys.modules\n"
        "import gc; assert gc.isenabled()\n"
        "assert not [name for name, module in sys.modules.items() if module is None]\n"
        "import pandas, keras, tensorflow as tf\n"
        "assert pandas.DataFrame({'a': [1]}).a.sum() == 1\n"
        "assert tf.config.threading.get_intra_op_parallelism_threads() == 1\n"
        "print(found)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ended.stdout.split() == [str(expected)], ended.stderr[-2000:]
