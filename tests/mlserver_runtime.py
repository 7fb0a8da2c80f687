"""A model file of ours in MLServer, which has no runtime for ONNX: it is read there, where nothing of ours is."""
import numpy as np
import onnxruntime
from mlserver import MLModel
from mlserver.codecs import NumpyCodec, StringCodec
from mlserver.types import InferenceRequest, InferenceResponse, RequestInput

OUTPUTS = ["prediction", "probabilities"]


class OnnxColumns(MLModel):
    async def load(self) -> bool:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(self.settings.parameters.uri, options)
        self._texts = {one.name for one in self._session.get_inputs() if one.type == "tensor(string)"}
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        answers = self._session.run(OUTPUTS, {one.name: self._column(one) for one in payload.inputs})
        return InferenceResponse(model_name=self.name, model_version=self.version, id=payload.id, outputs=[
            NumpyCodec.encode_output(name, answer) for name, answer in zip(OUTPUTS, answers)])

    def _column(self, tensor: RequestInput) -> np.ndarray:
        if tensor.name in self._texts:
            return np.array(StringCodec.decode_input(tensor), dtype=object).reshape(-1, 1)
        return np.asarray(NumpyCodec.decode_input(tensor), dtype=np.float32).reshape(-1, 1)
