"""A winner as an ONNX graph, from raw columns to predictions; ONNX is an extra."""
