from .log import Epoch as Epoch
from .log import TrainingLog as TrainingLog
from .module import ForecastModule as ForecastModule
from .options import Training as Training
from .physical import Unscaled as Unscaled
from .physical import masked_absolute_error as masked_absolute_error
from .train import train as train
from .train import train_closed as train_closed
