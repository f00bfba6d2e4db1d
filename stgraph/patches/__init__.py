"""WHERE x WHEN: windows in time, patches in space, batches of both."""

from stgraph.patches.batch import PatchBatch as PatchBatch
from stgraph.patches.cutter import Cut as Cut
from stgraph.patches.cutter import cut_weights as cut_weights
from stgraph.patches.gather import Resident as Resident
from stgraph.patches.gather import gather as gather
from stgraph.patches.joined import joined as joined
from stgraph.patches.loading import PatchLoader as PatchLoader
from stgraph.patches.mixed import Batches as Batches
from stgraph.patches.mixed import MixedLoader as MixedLoader
from stgraph.patches.patch import Patch as Patch
from stgraph.patches.patch import grid_patches as grid_patches
from stgraph.patches.patch import patch_around as patch_around
from stgraph.patches.patch import sliding_patches as sliding_patches
from stgraph.patches.patch import whole as whole
from stgraph.patches.window import Placed as Placed
from stgraph.patches.window import Window as Window
