"""Serves an exported model over HTTP, without keras-classic. Requests that wait are computed as one batch.

    pip install uvicorn onnxruntime
    python examples/serve.py model.onnx
    curl -d '{"instances": [[0.1, 0.2, 0.3]]}' localhost:8000/predict

The answer is {"predictions": [...]}, one for each instance. `load_test.py` measures it.
"""

import argparse
import asyncio
import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np

#: Rows of one batch, at most; how long the first row waits for others; how many rows may wait.
BATCH, WAIT, QUEUE = 32, 0.002, 1024


def load_onnx(path):
    """Returns (function of an array of rows that returns an array, shape of a row, dtype)."""
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=onnxruntime.get_available_providers())
    (given,) = session.get_inputs()
    dtype = {"tensor(float)": "float32", "tensor(int32)": "int32", "tensor(double)": "float64"}[given.type]
    return lambda rows: session.run(None, {given.name: rows})[0], given.shape[1:], dtype


def load_stablehlo(path):
    import jax

    with open(path, "rb") as file:
        program = jax.export.deserialize(bytearray(file.read()))
    (given,) = program.in_avals
    predict = jax.jit(program.call)

    def padded(rows):  # to a power of two, so that few sizes are compiled
        size = 1 << (len(rows) - 1).bit_length()
        more = np.zeros((size - len(rows), *rows.shape[1:]), rows.dtype)
        return np.asarray(predict(np.concatenate([rows, more])))[: len(rows)]

    return padded, given.shape[1:], given.dtype


class Batcher:
    """Computes rows that arrive at about the same time as one batch, in a thread beside the server's."""

    def __init__(self, predict):
        self.predict = predict
        self.waiting = asyncio.Queue(QUEUE)
        self.thread = ThreadPoolExecutor(1)

    async def run(self):
        loop = asyncio.get_running_loop()
        while True:
            items = await self._next_batch()
            rows = np.stack([row for row, _ in items])
            try:
                results = await loop.run_in_executor(self.thread, self.predict, rows)
            except Exception as error:
                results = [error] * len(items)
            for (_, answer), result in zip(items, results):
                if not answer.done():  # the client may have gone
                    failed = isinstance(result, Exception)
                    (answer.set_exception if failed else answer.set_result)(result)

    async def _next_batch(self):
        items = [await self.waiting.get()]
        loop = asyncio.get_running_loop()
        end = loop.time() + WAIT
        while len(items) < BATCH:
            if self.waiting.empty():
                if loop.time() >= end:
                    break
                await asyncio.sleep(WAIT / 4)
            else:
                items.append(self.waiting.get_nowait())
        return items

    def add(self, row):
        """Returns the future of a row's result; raises `asyncio.QueueFull` if too many rows wait."""
        answer = asyncio.get_running_loop().create_future()
        self.waiting.put_nowait((row, answer))
        return answer


class App:
    """An ASGI application with one path, /predict."""

    def __init__(self, predict, shape, dtype):
        self.shape, self.dtype = shape, dtype
        self.batcher = Batcher(predict)

    async def __call__(self, scope, receive, send):
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            status, content = await self._answer(scope, receive)
            body = json.dumps(content).encode()
            headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": body})

    async def _lifespan(self, receive, send):
        await receive()
        worker = asyncio.create_task(self.batcher.run())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        worker.cancel()
        await send({"type": "lifespan.shutdown.complete"})

    async def _answer(self, scope, receive):
        if (scope["method"], scope["path"]) != ("POST", "/predict"):
            return 404, {"error": "the only path is POST /predict"}
        body, more = b"", True
        while more:
            part = await receive()
            body, more = body + part.get("body", b""), part.get("more_body", False)
        try:
            rows = np.asarray(json.loads(body)["instances"], self.dtype)
            self._check(rows)
        except (ValueError, KeyError, TypeError) as error:
            return 400, {"error": f'wanted {{"instances": [...]}}, rows of shape {self.shape}: {error}'}
        try:
            answers = [self.batcher.add(row) for row in rows]
        except asyncio.QueueFull:
            return 503, {"error": f"more than {QUEUE} rows are waiting; try again"}
        results = await asyncio.gather(*answers)
        return 200, {"predictions": [result.tolist() for result in results]}

    def _check(self, rows):
        fits = rows.ndim == len(self.shape) + 1 and len(rows)
        sizes = zip(rows.shape[1:], self.shape)
        if not fits or any(isinstance(size, int) and got != size for got, size in sizes):
            raise ValueError(f"got an array of shape {rows.shape}")


def app_of(path):
    """Returns the application for a file of `model.export`."""
    return App(*(load_stablehlo if str(path).endswith(".stablehlo") else load_onnx)(str(path)))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Serves an exported model.")
    parser.add_argument("file", help="a file of model.export, .onnx or .stablehlo, with one input")
    parser.add_argument("--port", type=int, default=8000)
    arguments = parser.parse_args()

    import uvicorn

    uvicorn.run(app_of(arguments.file), port=arguments.port, log_level="warning")
