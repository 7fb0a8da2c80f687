#!/bin/sh
# Takes from an environment what no running program reads: the packages' own tests, headers, sources of extensions.
set -eu
packages=$("$1/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
cd "$packages"
find . -type d \( -name tests -o -name include \) -prune -exec rm -rf {} +
find . -type f \( -name '*.pyx' -o -name '*.pxd' -o -name '*.c' -o -name '*.h' -o -name '*.a' \) -delete
rm -rf onnx/backend/test onnxruntime/transformers onnxruntime/tools onnxruntime/quantization
# Parts of Arrow that nothing here calls: remote procedure calls, and S3, which obstore speaks.
find . -path './pyarrow/*' \( -name 'libarrow_flight*' -o -name '_flight*' -o -name 'libarrow_s3*' \
    -o -name '_s3fs*' \) -delete
# What catboost asks for to draw in notebooks.
rm -rf plotly _plotly_utils
