#!/usr/bin/python3
"""check.py FOLDER: has Debian's python3-onnx check each .onnx file there, and its shapes inferred."""
import pathlib
import sys

import onnx

paths = sorted(pathlib.Path(sys.argv[1]).glob("*.onnx"))
assert paths, "no .onnx file"
for path in paths:
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    inferred = onnx.shape_inference.infer_shapes(model, strict_mode=True)
    for graph in (model.graph, inferred.graph):
        assert all(v.type.tensor_type.shape.dim[0].dim_param == "N" for v in [*graph.input, *graph.output]), path
    print(path.name, [node.op_type for node in model.graph.node], [c.name for c in model.graph.initializer],
          [o.name for o in model.graph.output], {p.key: p.value for p in model.metadata_props})
