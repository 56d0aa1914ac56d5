"""Measures `serve.py`: requests a second and their times, with many clients at once, one row a request.

python examples/load_test.py --shape 784 --clients 32 --requests 5000
"""

import argparse
import asyncio
import json
import random
import time


async def client(port, body, times, requests):
    """Sends requests over one connection until none are left."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    while next(requests, None) is not None:
        start = time.perf_counter()
        writer.write(head + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 200"), answer
        lengths = [line for line in answer.lower().split(b"\r\n") if line.startswith(b"content-length")]
        await reader.readexactly(int(lengths[0].split(b":")[1]))
        times.append(time.perf_counter() - start)
    writer.close()


def row(shape):
    """Returns nested lists of random numbers."""
    return [row(shape[1:]) for _ in range(shape[0])] if shape else random.random()


async def main(arguments):
    body = json.dumps({"instances": [row(arguments.shape)]}).encode()
    times, requests = [], iter(range(arguments.requests))
    start = time.perf_counter()
    await asyncio.gather(*(client(arguments.port, body, times, requests) for _ in range(arguments.clients)))
    seconds = time.perf_counter() - start
    times.sort()
    half, most = times[len(times) // 2], times[int(len(times) * 0.99)]
    print(f"{len(times) / seconds:.0f} requests/s, p50 {half * 1000:.1f} ms, p99 {most * 1000:.1f} ms")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Measures serve.py.")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--shape", type=int, nargs="+", required=True, help="the shape of a row")
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--requests", type=int, default=5000)
    asyncio.run(main(parser.parse_args()))
